"""``onemap tiles export``: vector tiles of a division in one file, for walls without a network."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.settings import Settings
from geo.cartography.tile_address import SOURCE_MAX_ZOOM
from geo.cartography.tile_export import ExportedTiles, export_tiles
from geo.database import Database
from geo.errors import InputError
from geo.selection import Selection, choose_layers
from layers.registry import discover
from layers.text import Text

__all__ = ["register"]


async def _export(settings: Settings, selection: Selection, division: str, zooms: range, out: Path) -> ExportedTiles:
    database = Database(settings.dsn(), pool_size=4, statement_timeout_s=settings.statement_timeout_s)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task("瓦片 / tiles", total=None)
            return await export_tiles(
                database,
                selection,
                division,
                zooms,
                out,
                lambda done, of: progress.update(task, completed=done, total=of),
            )
    finally:
        await database.close()


def export(
    out: Annotated[Path, typer.Argument(help="输出文件 .pmtiles / the file to write")],
    division: Annotated[str, typer.Option(help="行政区划代码 / division code")],
    layers: Annotated[str | None, typer.Option(help="图层名,逗号分隔 / layer names; all when absent")] = None,
    min_zoom: Annotated[int, typer.Option(min=0, max=SOURCE_MAX_ZOOM, help="最小级别 / least zoom")] = 0,
    max_zoom: Annotated[
        int, typer.Option(min=0, max=SOURCE_MAX_ZOOM, help="最大级别 / deepest zoom")
    ] = SOURCE_MAX_ZOOM,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出结果 / the result as JSON")] = False,
) -> None:
    """导出离线瓦片 / every vector tile that touches a division, in one PMTiles file."""
    if min_zoom > max_zoom:
        raise InputError(
            Text(
                f"--min-zoom {min_zoom} 大于 --max-zoom {max_zoom}",
                f"--min-zoom {min_zoom} is more than --max-zoom {max_zoom}",
            ),
            field="min_zoom",
        )
    settings, registry = Settings(), discover()
    chosen = choose_layers(registry, registry if layers is None else layers.split(","))
    zooms = range(min_zoom, max_zoom + 1)
    written = asyncio.run(_export(settings, Selection(chosen), division, zooms, out))
    if as_json:
        told = {"file": str(out), "tiles": written.tiles, "empty": written.empty, "bytes": written.bytes}
        print(json.dumps({**told, "left_out": written.left_out}, ensure_ascii=False))
        return
    for name, count in written.left_out.items():
        print(f"{name}: {count} 个瓦片未画全 / tiles left features out")
    print(f"{out}: {written.tiles:,} 个瓦片 / tiles, {written.bytes / 1e6:,.1f} MB")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    tiles = typer.Typer(no_args_is_help=True, help="矢量瓦片 / vector tiles")
    tiles.command("export")(export)
    app.add_typer(tiles, name="tiles")
