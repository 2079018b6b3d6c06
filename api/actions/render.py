"""What ``onemap render`` does: draw one map into a file, and say what it does not show."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from api.cli import cli_lang, write_atomically
from api.own_basemap import own_basemap_of
from api.settings import Settings
from api.studio import make_studio, parse_box
from geo.cartography.engine import ImageFormat
from geo.cartography.picture import Picture, PictureSpec, Question, draw_picture
from geo.cartography.picture_request import FEATURE_REACH_M, make_frame, read_format, read_radii, read_size
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

__all__ = ["About", "Looks", "draw_map"]


@dataclass(frozen=True, slots=True)
class About:
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


@dataclass(frozen=True, slots=True)
class Looks:
    """What the map shows and how, as the options say it; ``scale`` is device pixels per pixel."""

    layers: list[str] | None
    grades: str | None
    size: str
    scale: float
    theme: str
    labels: bool
    legend: bool
    strip: bool
    graticule: bool
    basemap: str
    rasters: tuple[str, ...]
    light: Light | None


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


async def _drawn(about: About, looks: Looks, image_format: ImageFormat) -> Picture:
    settings, registry = Settings(), discover()
    chosen = choose_layers(registry, looks.layers)
    studio = make_studio(registry, settings, own_basemap_of(settings), alone=True)
    database = Database(settings.dsn(), pool_size=1, statement_timeout_s=settings.statement_timeout_s)
    try:
        question = await about.question(database, registry, settings)
        box = parse_box(about.bbox) if about.bbox is not None else None
        pixels = read_size(looks.size, settings.image_max_px, looks.scale)
        entries = read_entries(await database.fetch_text(entries_statement()))
        spec = PictureSpec(
            Selection(chosen, None, _grades(looks.grades), about.division),
            make_frame(box, question, pixels, legend=looks.legend, strip=looks.strip),
            looks.theme,
            cli_lang(),
            question,
            looks.labels,
            image_format,
            looks.scale,
            looks.graticule,
            studio.grounds.underlay(looks.basemap, looks.rasters, looks.light, entries),
        )
        return await draw_picture(studio, database, spec)
    finally:
        await database.close()
        studio.close()


def draw_map(out: Path, about: About, looks: Looks) -> None:
    """Draw the map in the format of the ending of ``out``; what is not drawn is said on stderr.

    Raises:
        InputError: an option's value. OnemapError: from the engine, or the file cannot be written.
    """
    drawn = asyncio.run(_drawn(about, looks, read_format(out.suffix.removeprefix(".").lower())))
    write_atomically(out, drawn.content)
    for name, (left, total) in drawn.left_out.items():
        print(f"{name}: {left}/{total} 处未画出 / not drawn", file=sys.stderr)
    missing, asked = drawn.missing_tiles
    if missing:
        print(f"底图缺 {missing}/{asked} 幅瓦片 / basemap tiles missing", file=sys.stderr)
    print(out)
