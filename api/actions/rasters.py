"""What ``onemap rasters`` does: load, list and remove grids."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import typer
from rich.console import Console

from api.actions.tables import folded_table
from api.cli import cli_lang
from api.settings import Settings
from geo.rasters import (
    RasterEntry,
    RasterKind,
    add_raster,
    list_rasters,
    rasters_directory,
    read_colours,
    remove_raster,
)
from layers.text import Lang

__all__ = ["add_grid", "list_grids", "remove_grid"]


def _summary(entry: RasterEntry, lang: Lang) -> str:
    if entry.kind is RasterKind.POPULATION:
        total = f"{entry.total or 0:,.0f}"
        figure = f"共 {total} 人" if lang == "zh" else f"{total} people in all"
    elif entry.kind is RasterKind.THEMATIC:
        figure = f"{entry.table.title.text().get(lang)} {entry.minimum:g}–{entry.maximum:g}"
    else:
        figure = f"{entry.minimum:,.0f}–{entry.maximum:,.0f} m"
    known = f"{entry.known_share:.1%}"
    return f"{figure};有值像元 {known}" if lang == "zh" else f"{figure}; {known} of the cells hold a value"


def add_grid(
    file: Path,
    kind: str,
    *,
    colours: Path | None,
    name: str | None,
    nodata: float | None,
    data_date: date | None,
    as_json: bool,
) -> None:
    """Load a GeoTIFF as a grid of one of the ``RasterKind``, and print what it holds.

    Raises:
        OnemapError: the file, its colour table or its name cannot be used.
    """
    settings, lang = Settings(), cli_lang()
    entry = add_raster(
        settings.dsn(),
        rasters_directory(settings.state_directory),
        file,
        RasterKind(kind),
        name=name,
        nodata=nodata,
        data_date=data_date,
        colours=read_colours(colours) if colours else None,
    )
    if as_json:
        typer.echo(json.dumps(entry.as_dict(), ensure_ascii=False))
        return
    said = "已载入" if lang == "zh" else "loaded"
    typer.echo(f"{said} {entry.name} ({entry.kind.label.get(lang)}, {entry.resolution_m:g} m): {_summary(entry, lang)}")


def list_grids(*, as_json: bool) -> None:
    """Print the loaded grids, in the order in which they are asked."""
    lang, entries = cli_lang(), list_rasters(Settings().dsn())
    if as_json:
        typer.echo(json.dumps({"rasters": [each.as_dict() for each in entries]}, ensure_ascii=False))
        return
    heads = ("名称", "类别", "像元", "范围", "内容", "数据日期", "演示")
    if lang == "en":
        heads = ("name", "kind", "cell", "extent", "content", "data date", "demo")
    rows = [
        (
            each.name,
            each.kind.label.get(lang),
            f"{each.resolution_m:g} m",
            f"{each.west:.3f},{each.south:.3f},{each.east:.3f},{each.north:.3f}",
            _summary(each, lang),
            each.data_date.isoformat() if each.data_date else "—",
            "✓" if each.demo else "",
        )
        for each in entries
    ]
    Console().print(folded_table(heads, rows))


def remove_grid(name: str) -> None:
    """Remove a grid and its file.

    Raises:
        NotFound: no grid has this name.
    """
    settings, lang = Settings(), cli_lang()
    entry = remove_raster(settings.dsn(), name, rasters_directory(settings.state_directory))
    typer.echo(f"已除去 {entry.name}" if lang == "zh" else f"removed {entry.name}")
