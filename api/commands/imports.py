"""``onemap imports``: the saved profiles of sources, and what became of the last imports."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["register"]


def profiles(
    remove: Annotated[str | None, typer.Option(help="删除该方案 / remove this profile")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """已保存的导入方案 / The saved profiles: layer, source, datum, encoding and mapping of a source's files."""
    from api.actions.imports import list_profiles

    list_profiles(remove=remove, as_json=as_json)


def runs(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多列出 / most listed")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """最近的导入 / The last imports: their state, how often they were begun, and what became of them."""
    from api.actions.imports import list_runs

    list_runs(limit, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="导入的方案与记录 / profiles and records of imports", no_args_is_help=True)
    group.command("profiles")(profiles)
    group.command("list")(runs)
    app.add_typer(group, name="imports")
