"""What ``onemap tiles export`` does: the vector tiles of a division into one PMTiles file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.settings import Settings
from geo.cartography.tile_export import ExportedTiles, export_tiles
from geo.database import Database
from geo.errors import InputError
from geo.selection import Selection, choose_layers
from layers.registry import discover
from layers.text import Text

__all__ = ["export_division"]


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


def export_division(
    out: Path, division: str, *, layers: list[str] | None, min_zoom: int, max_zoom: int, as_json: bool
) -> None:
    """Write every tile that touches the division, of these layers or all, and print how many.

    Raises:
        InputError: the zooms in the wrong order, an unknown layer. OnemapError: from the engine.
    """
    if min_zoom > max_zoom:
        raise InputError(
            Text(
                f"--min-zoom {min_zoom} 大于 --max-zoom {max_zoom}",
                f"--min-zoom {min_zoom} is more than --max-zoom {max_zoom}",
            ),
            field="min_zoom",
        )
    settings, registry = Settings(), discover()
    chosen = choose_layers(registry, registry if layers is None else layers)
    zooms = range(min_zoom, max_zoom + 1)
    written = asyncio.run(_export(settings, Selection(chosen), division, zooms, out))
    if as_json:
        told = {"file": str(out), "tiles": written.tiles, "empty": written.empty, "bytes": written.bytes}
        print(json.dumps({**told, "left_out": written.left_out}, ensure_ascii=False))
        return
    for name, count in written.left_out.items():
        print(f"{name}: {count} 个瓦片未画全 / tiles left features out")
    print(f"{out}: {written.tiles:,} 个瓦片 / tiles, {written.bytes / 1e6:,.1f} MB")
