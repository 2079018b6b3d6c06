"""``onemap render``: a map as a picture file, by the same engine as ``/maps/image``."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import shapely
import typer
from shapely.geometry.base import BaseGeometry

from api.cli import cli_lang, write_atomically
from api.settings import Settings
from api.studio import make_studio, parse_box
from geo.cartography.picture import Picture, PictureSpec, Question, draw_picture
from geo.cartography.picture_request import FEATURE_REACH_M, make_frame, read_format, read_radii, read_size
from geo.cartography.underlay import OWN
from geo.crs import Crs
from geo.database import Database
from geo.errors import InputError
from geo.rasters import Light, entries_statement, read_entries
from geo.risk.places import around_division, around_feature
from geo.risk.where import around_geometry
from geo.selection import Reader, Selection, choose_layers
from layers.registry import Registry, discover
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["register"]


@dataclass(frozen=True, slots=True)
class _About:
    """What the map is about, as the options say it."""

    lon: float | None
    lat: float | None
    radii: tuple[float, ...]
    crs: str
    shape: Path | None
    feature: str | None
    division: str | None
    bbox: str | None

    async def question(self, database: Database, registry: Registry, settings: Settings) -> Question | None:
        """The question that is drawn, or None where a box alone is shown."""
        rings, limits = read_radii(self.radii, settings.radius_max_m), settings.where_limits()
        if self.shape is not None:
            return Question.about(around_geometry(_read_shape(self.shape), Crs.parse(self.crs), limits), rings)
        if self.feature is not None:
            found = Question.about(await around_feature(database, registry, self.feature, Reader(), limits), rings)
            return found if found.where is not None or rings else replace(found, rings_m=(FEATURE_REACH_M,))
        if self.lon is None and self.lat is None:
            if self.division is not None and self.bbox is None:
                where = await around_division(database, registry, self.division, Reader(), limits)
                return Question.about(where, rings)
            if not rings:
                return None
        if self.lon is None or self.lat is None:
            raise InputError(Text("--lon 与 --lat 要一起给出", "--lon and --lat are given together"), field="lon")
        return Question(*Crs.parse(self.crs).point_to_cgcs2000(self.lon, self.lat), rings)


def _read_shape(path: Path) -> BaseGeometry:
    """The one geometry in a GeoJSON file: a geometry, a feature, or a collection whose parts are taken together."""
    try:
        found = json.loads(path.read_text("utf-8"))
        parts = (
            [each["geometry"] for each in found["features"]] if "features" in found else [found.get("geometry", found)]
        )
        shapes = [shapely.from_geojson(json.dumps(part)) for part in parts]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, shapely.errors.GEOSException) as error:
        raise InputError(
            Text(f"{path.name} 不是可读的 GeoJSON 图形", f"{path.name} is no GeoJSON shape that can be read"),
            field="shape",
        ) from error
    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)


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


def render(
    out: Annotated[Path, typer.Option("--out", "-o", help="图片文件 .png .webp .pdf .svg / the picture file")],
    bbox: Annotated[str | None, typer.Option(help="西,南,东,北 / west,south,east,north in degrees")] = None,
    lon: Annotated[float | None, typer.Option(help="经度 / longitude of the asked place")] = None,
    lat: Annotated[float | None, typer.Option(help="纬度 / latitude of the asked place")] = None,
    radius: Annotated[list[float] | None, typer.Option(help="半径(米),可重复 / metres, may be repeated")] = None,
    crs: Annotated[str, typer.Option(help="CRS84, EPSG:4490, EPSG:4513…4554, GCJ02, BD09")] = "CRS84",
    shape: Annotated[Path | None, typer.Option(help="GeoJSON 图形文件 / a file with the asked shape")] = None,
    feature: Annotated[str | None, typer.Option(help="图层/来源/编号 / layer/source/id, drawn around it")] = None,
    layers: Annotated[str | None, typer.Option(help="图层名,逗号分隔 / layer names, comma-separated")] = None,
    grades: Annotated[str | None, typer.Option(help="red,orange,yellow,blue,none")] = None,
    division: Annotated[str | None, typer.Option(help="行政区划代码 / division code")] = None,
    size: Annotated[str, typer.Option(help="宽x高,像素 / width×height in px")] = "1200x800",
    scale: Annotated[float, typer.Option(help="像素倍率 / device pixels per pixel", min=0.5, max=4)] = 1.0,
    dpi: Annotated[float | None, typer.Option(help="分辨率,代替 --scale / instead of --scale", min=48, max=384)] = None,
    theme: Annotated[str, typer.Option(help="light, dark, print")] = "light",
    labels: Annotated[bool, typer.Option(help="注记 / names")] = True,
    legend: Annotated[bool, typer.Option(help="图例 / legend")] = True,
    strip: Annotated[bool, typer.Option(help="比例尺与说明 / scale bar and notes")] = True,
    graticule: Annotated[bool, typer.Option(help="经纬网 / graticule")] = False,
    basemap: Annotated[str, typer.Option(help="own, none, tiles, tianditu")] = OWN,
    rasters: Annotated[str | None, typer.Option(help="栅格名,逗号分隔,下层在前 / grids, the lowest first")] = None,
    hillshade: Annotated[bool, typer.Option(help="地形晕渲 / hillshade")] = False,
    azimuth: Annotated[float, typer.Option(help="光源方位角 / of the light", min=0, max=360)] = 315.0,
    altitude: Annotated[float, typer.Option(help="光源高度角 / of the light", min=5, max=85)] = 45.0,
) -> None:
    """绘制地图 / draw a map of a box, of a division, a feature or a shape, or of rings around a place."""
    settings, registry = Settings(), discover()
    image_format = read_format(out.suffix.removeprefix(".").lower())
    chosen = choose_layers(registry, layers.split(",") if layers is not None else None)
    about = _About(lon, lat, tuple(radius or ()), crs, shape, feature, division, bbox)
    light = Light(azimuth, altitude) if hillshade else None
    names = tuple(name.strip() for name in (rasters or "").split(",") if name.strip())
    times = scale if dpi is None else dpi / 96

    async def drawn() -> Picture:
        studio = make_studio(registry, settings, alone=True)
        database = Database(settings.dsn(), pool_size=1, statement_timeout_s=settings.statement_timeout_s)
        try:
            question = await about.question(database, registry, settings)
            box = parse_box(bbox) if bbox is not None else None
            pixels = read_size(size, settings.image_max_px, times)
            entries = read_entries(await database.fetch_text(entries_statement()))
            spec = PictureSpec(
                Selection(chosen, None, _grades(grades), division),
                make_frame(box, question, pixels, legend=legend, strip=strip),
                theme,
                cli_lang(),
                question,
                labels,
                image_format,
                times,
                graticule,
                studio.grounds.underlay(basemap, names, light, entries),
            )
            return await draw_picture(studio, database, spec)
        finally:
            await database.close()
            studio.close()

    _told(out, asyncio.run(drawn()))


def _told(out: Path, drawn: Picture) -> None:
    """Write the picture, and say what it does not show."""
    write_atomically(out, drawn.content)
    for name, (left, total) in drawn.left_out.items():
        print(f"{name}: {left}/{total} 处未画出 / not drawn", file=sys.stderr)
    missing, asked = drawn.missing_tiles
    if missing:
        print(f"底图缺 {missing}/{asked} 幅瓦片 / basemap tiles missing", file=sys.stderr)
    print(out)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("render")(render)
