"""``onemap rasters``: load, list and remove grids of population, elevation and whatever a colour table explains."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

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

__all__ = ["register"]


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


def add(
    file: Annotated[Path, typer.Argument(help="GeoTIFF(单波段、正北朝上)/ one band, north-up")],
    kind: Annotated[
        RasterKind,
        typer.Option("--kind", help="elevation:米;population:每像元人数 / people in each cell;thematic:--colours"),
    ],
    colours: Annotated[
        Path | None,
        typer.Option(help="色表(TOML),缺省为旁边的 名称.colours.toml / colour table, else the one beside the file"),
    ] = None,
    name: Annotated[str | None, typer.Option(help="名称,缺省为文件名 / its name, else the file's")] = None,
    nodata: Annotated[float | None, typer.Option(help="文件未写明的无效值 / nodata that the file does not say")] = None,
    data_date: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="数据日期 / date of the data")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """载入一幅栅格 / Load a grid: it is checked, and copied as a cloud-optimised GeoTIFF."""
    settings, lang = Settings(), cli_lang()
    entry = add_raster(
        settings.dsn(),
        rasters_directory(settings.state_directory),
        file,
        kind,
        name=name,
        nodata=nodata,
        data_date=data_date.date() if data_date else None,
        colours=read_colours(colours) if colours else None,
    )
    if as_json:
        typer.echo(json.dumps(entry.as_dict(), ensure_ascii=False))
        return
    said = "已载入" if lang == "zh" else "loaded"
    typer.echo(f"{said} {entry.name} ({entry.kind.label.get(lang)}, {entry.resolution_m:g} m): {_summary(entry, lang)}")


def show(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False) -> None:
    """已载入的栅格 / The loaded grids, in the order in which they are asked."""
    lang, entries = cli_lang(), list_rasters(Settings().dsn())
    if as_json:
        typer.echo(json.dumps({"rasters": [each.as_dict() for each in entries]}, ensure_ascii=False))
        return
    heads = ("名称", "类别", "像元", "范围", "内容", "数据日期", "演示")
    if lang == "en":
        heads = ("name", "kind", "cell", "extent", "content", "data date", "demo")
    table = Table(*heads)
    for each in entries:
        table.add_row(
            RichText(each.name),
            each.kind.label.get(lang),
            f"{each.resolution_m:g} m",
            f"{each.west:.3f},{each.south:.3f},{each.east:.3f},{each.north:.3f}",
            _summary(each, lang),
            each.data_date.isoformat() if each.data_date else "—",
            "✓" if each.demo else "",
        )
    Console().print(table)


def remove(name: Annotated[str, typer.Argument(help="名称 / its name, see onemap rasters list")]) -> None:
    """除去一幅栅格及其文件 / Remove a grid and its file."""
    settings, lang = Settings(), cli_lang()
    entry = remove_raster(settings.dsn(), name, rasters_directory(settings.state_directory))
    typer.echo(f"已除去 {entry.name}" if lang == "zh" else f"removed {entry.name}")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="人口、高程与专题栅格 / grids of population, elevation and themes", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(show)
    group.command("remove")(remove)
    app.add_typer(group, name="rasters")
