"""``onemap exhibit KIND``: a printed page of a place or a division, or the same page once more."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.cli import cli_lang, write_atomically
from api.settings import Settings
from geo.cartography.studio import Studio
from geo.crs import Crs
from geo.database import Database
from geo.errors import FileUnreadable, InputError
from geo.exhibits.exhibit import Exhibit, make_exhibit
from geo.exhibits.pdf import read_recipe
from geo.exhibits.request import KINDS, ExhibitRequest, read_request
from geo.exhibits.workshop import Workshop
from geo.rasters import Grids, rasters_directory
from geo.risk import Extras
from geo.selection import Reader
from layers.registry import discover
from layers.text import Lang, Text

__all__ = ["register"]


async def _make(settings: Settings, request: ExhibitRequest, png_dpi: float | None) -> Exhibit:
    registry = discover()
    database = Database(settings.dsn(), pool_size=1, statement_timeout_s=settings.statement_timeout_s)
    studio = Studio(registry, threads=1)
    grids = Grids(rasters_directory(settings.state_directory))
    extras = Extras(registry, settings.rules(), limits=settings.risk_limits(), grids=grids)
    workshop = Workshop(studio, database, studio.themes.get("print"), Reader(), extras)
    try:
        return await make_exhibit(workshop, request, settings.state_directory, png_dpi=png_dpi)
    finally:
        studio.close()
        await database.close()


def _recipe_of(path: Path) -> dict[str, object]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(
            Text(f"读不到 {path}:{error.strerror}", f"{path} cannot be read: {error.strerror}"), field="again"
        ) from error
    return read_recipe(content)


def _write(exhibit: Exhibit, out: Path) -> None:
    """A PDF is one file; of several PNG pages the second and further are ``name-2.png`` …"""
    for number, page in enumerate(exhibit.pages, start=1):
        write_atomically(out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}"), page)


def _tell_changes(old: Mapping[str, object], exhibit: Exhibit, lang: Lang) -> None:
    before = old.get("revisions")
    changed = sorted(
        name
        for name, revision in exhibit.revisions.items()
        if isinstance(before, dict) and before.get(name) != revision
    )
    if changed:
        names = ", ".join(changed)
        said = Text(f"数据已有更新:{names};新图与原图可能不同", f"data changed since: {names}; the page may differ")
        typer.echo(said.get(lang), err=True)


_KIND_HELP = " | ".join(f"{name} {text.zh}" for name, text in KINDS.items())


def exhibit(
    kind: Annotated[
        str | None, typer.Argument(help=" | ".join(f"{name} {text.zh}" for name, text in KINDS.items()))
    ] = None,
    lon: Annotated[float | None, typer.Argument(help="经度 / longitude (or easting in --crs)")] = None,
    lat: Annotated[float | None, typer.Argument(help="纬度 / latitude (or northing)")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="写入 .pdf 或 .png / a file")] = Path("exhibit.pdf"),
    radius: Annotated[list[float] | None, typer.Option("--radius", help="圈层半径(米),可多次 / metres")] = None,
    layers: Annotated[str | None, typer.Option(help="图层,逗号分隔 / layers, comma-separated")] = None,
    title: Annotated[str | None, typer.Option(help="图名,不超过 30 字 / title")] = None,
    place: Annotated[str | None, typer.Option(help="中心点名称 / what the place is called")] = None,
    maker: Annotated[str, typer.Option(help="制图单位 / made by")] = "",
    number: Annotated[str, typer.Option(help="编号 / document number")] = "",
    approval: Annotated[str, typer.Option(help="审图号 / approval number of the map")] = "",
    secrecy: Annotated[str, typer.Option(help="密级 / secrecy")] = "内部",
    paper: Annotated[str, typer.Option(help="A4 | A3")] = "A4",
    orientation: Annotated[str, typer.Option(help="portrait | landscape")] = "portrait",
    scale: Annotated[float | None, typer.Option(help="比例尺分母 / denominator of the scale")] = None,
    made_on: Annotated[str | None, typer.Option("--date", help="制图日期 YYYY-MM-DD,默认今天 / today")] = None,
    crs: Annotated[str, typer.Option(help="LON LAT 的坐标系 / CRS of LON LAT")] = "CRS84",
    lang: Annotated[str | None, typer.Option(help="zh | en")] = None,
    dpi: Annotated[float, typer.Option(min=72, max=600, help="PNG 的分辨率 / of a PNG")] = 200.0,
    again: Annotated[
        Path | None, typer.Option("--again", help="按一份 PDF 里的参数重做 / made again from a PDF")
    ] = None,
) -> None:
    """专题图:一页可以签发的地图 / A map page that can be signed: PDF or PNG."""
    png_dpi = {".pdf": None, ".png": dpi}.get(out.suffix.lower(), -1.0)
    if png_dpi == -1.0:
        raise InputError(Text("-o 应以 .pdf 或 .png 结尾", "-o should end in .pdf or .png"), field="out")
    if again is not None:
        recipe = _recipe_of(again)
        values = recipe.get("request")
        request = read_request(values if isinstance(values, dict) else {})
        made = asyncio.run(_make(Settings(), request, png_dpi))
        _tell_changes(recipe, made, cli_lang())
        _write(made, out)
        return
    if lon is not None and lat is not None:
        lon, lat = Crs.parse(crs).point_to_cgcs2000(lon, lat)
    given: dict[str, object] = {
        "kind": kind,
        "lon": lon,
        "lat": lat,
        "radius_m": tuple(radius) if radius else None,
        "layers": tuple(layers.split(",")) if layers else None,
        "title": title,
        "place": place,
        "maker": maker,
        "number": number,
        "approval": approval,
        "secrecy": secrecy,
        "paper": paper,
        "orientation": orientation,
        "scale": scale,
        "made_on": made_on or date.today().isoformat(),
        "lang": lang or cli_lang(),
    }
    request = read_request({name: value for name, value in given.items() if value is not None})
    _write(asyncio.run(_make(Settings(), request, png_dpi)), out)


def register(app: typer.Typer) -> None:
    """Add the command; LON may be negative."""
    app.command("exhibit", context_settings={"ignore_unknown_options": True})(exhibit)
