"""``onemap tiles export``: vector tiles of a division in one file, for walls without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["DEEPEST", "register"]

DEEPEST = 14
"""As ``geo.cartography.tile_address.SOURCE_MAX_ZOOM``."""


def export(
    out: Annotated[Path, typer.Argument(help="输出文件 .pmtiles / the file to write")],
    division: Annotated[str, typer.Option(help="行政区划代码 / division code")],
    layers: Annotated[str | None, typer.Option(help="图层名,逗号分隔 / layer names; all when absent")] = None,
    min_zoom: Annotated[int, typer.Option(min=0, max=DEEPEST, help="最小级别 / least zoom")] = 0,
    max_zoom: Annotated[int, typer.Option(min=0, max=DEEPEST, help="最大级别 / deepest zoom")] = DEEPEST,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出结果 / the result as JSON")] = False,
) -> None:
    """导出离线瓦片 / every vector tile that touches a division, in one PMTiles file."""
    from api.actions.tiles import export_division

    named = layers.split(",") if layers is not None else None
    export_division(out, division, layers=named, min_zoom=min_zoom, max_zoom=max_zoom, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    tiles = typer.Typer(no_args_is_help=True, help="矢量瓦片 / vector tiles")
    tiles.command("export")(export)
    app.add_typer(tiles, name="tiles")
