"""``onemap render``: a map as a picture file, by the same engine as ``/maps/image``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli import cli_lang, write_atomically
from api.settings import Settings
from api.studio import parse_box
from geo.cartography.picture import Picture, PictureSpec, Question, draw_picture
from geo.cartography.picture_request import make_frame, read_format, read_radii, read_size
from geo.cartography.studio import Studio
from geo.crs import Crs
from geo.database import Database
from geo.errors import InputError
from geo.selection import Selection, choose_layers
from layers.registry import Registry, discover
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["register"]


def _question(
    lon: float | None, lat: float | None, radii: list[float] | None, crs: str, most_m: float
) -> Question | None:
    if lon is None and lat is None and not radii:
        return None
    if lon is None or lat is None:
        raise InputError(Text("--lon 与 --lat 要一起给出", "--lon and --lat are given together"), field="lon")
    return Question(*Crs.parse(crs).point_to_cgcs2000(lon, lat), read_radii(radii or [], most_m))


def _grades(grades: str | None) -> frozenset[RiskGrade | None] | None:
    if grades is None:
        return None
    try:
        return frozenset(None if word == "none" else RiskGrade(word) for word in grades.split(","))
    except ValueError as error:
        raise InputError(
            Text(f"--grades {grades!r} 应为 red,orange,yellow,blue,none", f"--grades {grades!r}: {error}"),
            field="grades",
        ) from error


async def _draw(settings: Settings, registry: Registry, spec: PictureSpec) -> Picture:
    studio = Studio(registry, threads=1, waiting=0)
    database = Database(settings.dsn(), pool_size=1, statement_timeout_s=settings.statement_timeout_s)
    try:
        return await draw_picture(studio, database, spec)
    finally:
        await database.close()
        studio.close()


def render(
    out: Annotated[Path, typer.Option("--out", "-o", help="图片文件 .png .webp .pdf .svg / the picture file")],
    bbox: Annotated[str | None, typer.Option(help="西,南,东,北 / west,south,east,north in degrees")] = None,
    lon: Annotated[float | None, typer.Option(help="经度 / longitude of the asked place")] = None,
    lat: Annotated[float | None, typer.Option(help="纬度 / latitude of the asked place")] = None,
    radius: Annotated[list[float] | None, typer.Option(help="半径(米),可重复 / metres, may be repeated")] = None,
    crs: Annotated[str, typer.Option(help="CRS84, EPSG:4490, EPSG:4513…4554, GCJ02, BD09")] = "CRS84",
    layers: Annotated[str | None, typer.Option(help="图层名,逗号分隔 / layer names, comma-separated")] = None,
    grades: Annotated[str | None, typer.Option(help="red,orange,yellow,blue,none")] = None,
    division: Annotated[str | None, typer.Option(help="行政区划代码 / division code")] = None,
    size: Annotated[str, typer.Option(help="宽x高,像素 / width×height in px")] = "1200x800",
    scale: Annotated[float, typer.Option(help="像素倍率 / device pixels per pixel", min=0.5, max=4)] = 1.0,
    theme: Annotated[str, typer.Option(help="light, dark, print")] = "light",
    labels: Annotated[bool, typer.Option(help="注记 / names")] = True,
    legend: Annotated[bool, typer.Option(help="图例 / legend")] = True,
    strip: Annotated[bool, typer.Option(help="比例尺与说明 / scale bar and notes")] = True,
) -> None:
    """绘制地图 / draw a map of a box, or of rings around a place."""
    settings, registry = Settings(), discover()
    image_format = read_format(out.suffix.removeprefix(".").lower())
    chosen = choose_layers(registry, layers.split(",") if layers is not None else None)
    question = _question(lon, lat, radius, crs, settings.radius_max_m)
    frame = make_frame(
        parse_box(bbox) if bbox is not None else None,
        question,
        read_size(size, settings.image_max_px, scale),
        legend=legend,
        strip=strip,
    )
    selection = Selection(chosen, None, _grades(grades), division)
    spec = PictureSpec(selection, frame, theme, cli_lang(), question, labels, image_format, scale)
    drawn = asyncio.run(_draw(settings, registry, spec))
    write_atomically(out, drawn.content)
    for name, (left, total) in drawn.left_out.items():
        print(f"{name}: {left}/{total} 处未画出 / not drawn", file=sys.stderr)
    print(out)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("render")(render)
