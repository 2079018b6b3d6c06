"""``onemap rasters``: load, list and remove grids of population, elevation and whatever a colour table explains."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["Kind", "register"]

Kind = Literal["elevation", "population", "thematic"]
"""As ``geo.rasters.RasterKind``."""


def add(
    file: Annotated[Path, typer.Argument(help="GeoTIFF(单波段、正北朝上)/ one band, north-up")],
    kind: Annotated[
        Kind,
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
    from api.actions.rasters import add_grid

    date = data_date.date() if data_date else None
    add_grid(file, kind, colours=colours, name=name, nodata=nodata, data_date=date, as_json=as_json)


def show(as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False) -> None:
    """已载入的栅格 / The loaded grids, in the order in which they are asked."""
    from api.actions.rasters import list_grids

    list_grids(as_json=as_json)


def remove(name: Annotated[str, typer.Argument(help="名称 / its name, see onemap rasters list")]) -> None:
    """除去一幅栅格及其文件 / Remove a grid and its file."""
    from api.actions.rasters import remove_grid

    remove_grid(name)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="人口、高程与专题栅格 / grids of population, elevation and themes", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(show)
    group.command("remove")(remove)
    app.add_typer(group, name="rasters")
