"""What ``onemap layers`` does: print the catalogue with the number of features of each grade."""

from __future__ import annotations

import asyncio
import json

import typer
from rich.console import Console
from rich.table import Table

from api.cli import cli_lang
from api.settings import Settings
from geo.catalogue import Catalogue, LayerStatistics
from geo.database import Database
from geo.selection import Reader
from layers.registry import Registry, discover

__all__ = ["list_layers"]


async def _figures(settings: Settings, registry: Registry) -> dict[str, LayerStatistics]:
    database = Database(settings.dsn(), pool_size=1)
    try:
        return await Catalogue(database).statistics(registry.values(), Reader())
    finally:
        await database.close()


def list_layers(*, as_json: bool) -> None:
    """Print every layer."""
    registry = discover()
    figures = asyncio.run(_figures(Settings(), registry))
    if as_json:
        listed = [
            {"name": name, "counts": each.counts, "total": each.total, "revision": each.revision}
            for name, each in figures.items()
        ]
        typer.echo(json.dumps({"layers": listed}, ensure_ascii=False))
        return
    lang = cli_lang()
    heads = ("名称", "图层", "红", "橙", "黄", "蓝", "未分级", "合计")
    if lang == "en":
        heads = ("name", "layer", "red", "orange", "yellow", "blue", "not graded", "total")
    table = Table(*heads)
    for name, each in figures.items():
        graded = registry[name].graded
        counts = [str(each.counts[grade]) if graded else "—" for grade in ("red", "orange", "yellow", "blue", "none")]
        table.add_row(name, registry[name].title.get(lang), *counts, str(each.total))
    Console().print(table)
