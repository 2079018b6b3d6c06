"""``onemap layers``: the catalogue with its counts."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["register"]


def layers(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False) -> None:
    """图层目录与各等级数量 / The layers, with counts by grade."""
    from api.actions.layers import list_layers

    list_layers(as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("layers")(layers)
