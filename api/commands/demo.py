"""``onemap demo``: fill an empty database with the demo city."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["register"]


def demo(
    replace_demo: Annotated[
        bool, typer.Option("--replace-demo", help="先删去演示要素再重新载入 / remove demo features and load them anew")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """向空数据库载入演示城市(赣州规模)/ Fill an empty database with a demo city the size of 赣州."""
    from api.actions.demo import fill

    fill(replace=replace_demo, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)
