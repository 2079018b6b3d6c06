"""The one Selection: layers × area × grades × division × reader's scope → SQL.

Every read, whether it ends as JSON, a tile, a picture or a table, is a Selection. The reader's scope (which divisions
may be seen, which columns are masked) is applied here and nowhere else, so that a new door cannot forget it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Integer
from sqlalchemy.dialects.postgresql import JSONB

from geo.database import Slot, StatementBuilder
from geo.errors import InputError, UnknownLayer
from geo.json_sql import json_object, json_plain, json_value
from layers.feature import SRID
from layers.layer import Child, Layer
from layers.registry import Registry
from layers.severity import RiskGrade
from layers.text import Text

__all__ = [
    "GEOJSON_DIGITS",
    "Around",
    "Area",
    "Box",
    "Reader",
    "Selection",
    "SlotBox",
    "box_around",
    "choose_layers",
    "division_prefix",
    "quote",
]


GEOJSON_DIGITS = 8
"""Decimals of degrees in answers: a millimetre."""

_JSON_AS_IT_IS = (Boolean, Integer, JSONB)
"""Types of columns whose text is JSON."""


def quote(identifier: str) -> str:
    """A declared name as a quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Box:
    """West, south, east, north in CGCS2000 degrees."""

    west: float
    south: float
    east: float
    north: float

    def predicate(self, sql: StatementBuilder) -> str:
        """Features that touch the box."""
        return _within((self.west, self.south, self.east, self.north), sql)


@dataclass(frozen=True, slots=True)
class SlotBox:
    """A box whose edges are slots of these names: given when the statement is."""

    edges: tuple[str, str, str, str] = ("west", "south", "east", "north")

    def predicate(self, sql: StatementBuilder) -> str:
        """Features that touch the box."""
        return _within([Slot(name) for name in self.edges], sql)


def _within(edges: Iterable[float | Slot], sql: StatementBuilder) -> str:
    return f"geom && ST_MakeEnvelope({', '.join(sql.value(edge, 'float8') for edge in edges)}, {SRID})"


_LEAST_CURVATURE_M, _LEAST_NORMAL_M = 6_335_439.0, 6_378_137.0
"""Of GRS 80: the meridian's radius of curvature and that across it, at the equator, where both are least."""
_SLACK_DEG = 1e-9
"""A tenth of a millimetre, for what arithmetic rounds."""
_NEAR_POLE_DEG = 89.0


def box_around(lon: float, lat: float, radius_m: float) -> tuple[float, float, float, float] | None:
    """West, south, east, north of a box that holds every point within ``radius_m`` of a place, by the ellipsoid.

    Nowhere along a geodesic does latitude change faster than by 1/6,335,439 rad a metre, nor longitude than by
    1/(6,378,137 cos φ). None where such a box would come near a pole or pass the 180th meridian.
    """
    d_lat = math.degrees(radius_m / _LEAST_CURVATURE_M) + _SLACK_DEG
    farthest = abs(lat) + d_lat
    if farthest >= _NEAR_POLE_DEG:
        return None
    d_lon = math.degrees(radius_m / (_LEAST_NORMAL_M * math.cos(math.radians(farthest)))) + _SLACK_DEG
    return None if abs(lon) + d_lon >= 180.0 else (lon - d_lon, lat - d_lat, lon + d_lon, lat + d_lat)


@dataclass(frozen=True, slots=True)
class Around:
    """All within ``radius_m`` metres of a place, by distance on the ellipsoid."""

    lon: float | Slot
    lat: float | Slot
    radius_m: float | Slot

    def predicate(self, sql: StatementBuilder) -> str:
        """Candidates by the index alone, never one too few: who asks measures each once (``geo/risk``).

        ``_ST_Expand`` is what ``ST_DWithin`` asks of the index before it measures; asked by itself it spares measuring
        every candidate twice. PostGIS geography picks the nearest place of an edge on a sphere, so its distance to a
        line or polygon may be too long (23 m at 18 km was measured), never too short; the margin covers that.
        """
        reach_m = f"{sql.value(self.radius_m, 'float8')} * 1.002 + 1.0"
        return f"geom::geography && _ST_Expand({self.point(sql)}::geography, {reach_m})"

    def point(self, sql: StatementBuilder) -> str:
        """The place as a geometry expression."""
        return f"ST_SetSRID(ST_MakePoint({sql.value(self.lon, 'float8')}, {sql.value(self.lat, 'float8')}), {SRID})"


Area = Box | SlotBox | Around


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the divisions whose features may be seen (None: all), and whether personal data is shown."""

    divisions: tuple[str, ...] | None = None
    personal_data: bool = False

    def cache_key(self) -> str:
        """What of the reader changes an answer, for cache keys and ETags."""
        return f"{','.join(self.divisions) if self.divisions is not None else '*'}:{int(self.personal_data)}"


def division_prefix(code: str) -> str:
    """The prefix that a division and all its descendants share: ``360700`` → ``3607``, ``360721000000`` → ``360721``.

    Raises:
        InputError: not 2 to 12 digits.
    """
    if not re.fullmatch(r"\d{2,12}", code, re.ASCII):
        raise InputError(
            Text(
                f"行政区划代码 {code!r} 应为 2 到 12 位数字",
                f"division code {code!r} should be 2 to 12 digits",
            ),
            field="division",
        )
    while len(code) in (9, 12) and code.endswith("000"):
        code = code[:-3]
    while len(code) in (4, 6) and code.endswith("00"):
        code = code[:-2]
    return code


def choose_layers(registry: Registry, names: Iterable[str] | None) -> tuple[Layer, ...]:
    """The layers of these names, in the registry's order; all searchable ones for None.

    Raises:
        UnknownLayer: a name that is not declared; the message lists those that are.
    """
    if names is None:
        return tuple(registry.searchable())
    wanted = set(names)
    unknown = sorted(wanted - set(registry))
    if unknown:
        known = ", ".join(registry)
        # The first few say what was wrong; a request may hold ten thousand.
        told = ", ".join(name[:60] for name in unknown[:5]) + (" …" if len(unknown) > 5 else "")
        raise UnknownLayer(
            Text(f"没有图层 {told};可用:{known}", f"no layer {told}; known: {known}"),
            field="layers",
        )
    return tuple(layer for name, layer in registry.items() if name in wanted)


@dataclass(frozen=True)
class Selection:
    """What is read. ``grades`` None means every grade; in the set, None stands for 未分级.

    Features that their source has retired are not read, unless ``retired`` asks for them too.
    """

    layers: tuple[Layer, ...]
    area: Area | None = None
    grades: frozenset[RiskGrade | None] | None = None
    division: str | None = None
    reader: Reader = Reader()
    retired: bool = False

    def where(self, layer: Layer, sql: StatementBuilder) -> str:
        """The condition on a row of ``layer``'s table; an area around a place yields candidates (see ``Around``)."""
        parts = [self.scope(sql)]
        if self.area is not None:
            parts.append(self.area.predicate(sql))
        if self.grades is not None:
            named = [grade.value for grade in RiskGrade if grade in self.grades]
            ungraded = " OR grade IS NULL" if None in self.grades else ""
            parts.append(f"(grade = ANY ({sql.value(named, 'text[]')}){ungraded})")
        if self.division is not None:
            parts.append(_in_division(self.division, sql))
        return " AND ".join(part for part in parts if part) or "true"

    def scope(self, sql: StatementBuilder) -> str:
        """What is there for the reader: every statement on a layer's table carries this condition."""
        live = "true" if self.retired else "retired_at IS NULL"
        if self.reader.divisions is None:
            return live
        parts = [_in_division(division, sql) for division in self.reader.divisions]
        return f"({live} AND ({' OR '.join(parts)}))" if parts else "false"

    def feature(self, layer: Layer, alias: str, further: Iterable[tuple[str, str]] = (), *, full: bool = False) -> str:
        """A SQL expression for a GeoJSON feature of a row called ``alias``.

        ``further`` properties are (name, SQL of JSON, see ``geo/json_sql.py``).
        """
        return f"{self.feature_text(layer, alias, further, full=full)}::json"

    def feature_text(
        self, layer: Layer, alias: str, further: Iterable[tuple[str, str]] = (), *, full: bool = False
    ) -> str:
        """The same as text, for who puts it into a larger text: ``json`` would be parsed once more."""
        return json_object(
            (
                ("type", "'\"Feature\"'"),
                ("id", json_value(f"'{layer.name}/' || {alias}.source || '/' || {alias}.source_id")),
                ("geometry", f"ST_AsGeoJSON({alias}.geom, {GEOJSON_DIGITS}, 0)"),
                ("properties", self.properties_text(layer, alias, further, full=full)),
            )
        )

    def properties_text(
        self, layer: Layer, alias: str, further: Iterable[tuple[str, str]] = (), *, full: bool = False
    ) -> str:
        """A SQL expression for a feature's ``properties`` (a JSON object as text) with the reader's masks applied.

        ``full`` adds what the source brought beyond the declared columns; since nobody vouches for what is in there,
        only a reader of personal data gets it.
        """
        left_out = {"geom", "extra", "imported_at", "retired_at"}
        if full:
            left_out = {"geom"} if self.retired else {"geom", "retired_at"}
        if not self.reader.personal_data:
            left_out.add("extra")
        shown = [column for column in layer.table.columns if column.name not in left_out]
        return json_object(
            [
                ("layer", f"'\"{layer.name}\"'"),
                *((column.name, self._json(layer, column, alias)) for column in shown),
                *((child.name, f"{_children(child, alias)}::text") for child in layer.children),
                *further,
            ]
        )

    def _json(self, layer: Layer, column: Column[object], alias: str) -> str:
        """One column as the reader may see it, as JSON."""
        value = self.column(layer, column.name, alias)
        masked = value != _plain(column.name, alias)
        return json_plain(value) if isinstance(column.type, _JSON_AS_IT_IS) and not masked else json_value(value)

    def column(self, layer: Layer, name: str, alias: str) -> str:
        """One column as the reader may see it."""
        plain = _plain(name, alias)
        if self.reader.personal_data or name not in layer.sensitive_columns:
            return plain
        if name == "responsible_phone":
            return f"onemap_mask_phone({plain})"
        if name == "responsible_person":
            return f"onemap_mask_person({plain})"
        return f"CASE WHEN {plain} IS NULL THEN NULL ELSE '***' END"


def _plain(name: str, alias: str) -> str:
    return f"{alias}.{quote(name)}"


def _children(child: Child, alias: str) -> str:
    """The rows of a child table that belong to the feature ``alias``: a JSON list, empty where there are none."""
    columns = ", ".join(f"'{name}', c.{quote(name)}" for name in child.columns)
    order = ", ".join(f"c.{quote(column.name)}" for column in child.table.primary_key.columns)
    return (
        f"(SELECT coalesce(json_agg(json_build_object({columns}) ORDER BY {order}), '[]'::json) "
        f"FROM {quote(child.table.name)} c "
        f"WHERE (c.source, c.source_id) = ({alias}.source, {alias}.source_id))"
    )


def _in_division(code: str, sql: StatementBuilder) -> str:
    prefix = division_prefix(code)
    # A range, not LIKE: its index is used in prepared statements too.
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    return f"(division_code ~>=~ {sql.value(prefix, 'text')} AND division_code ~<~ {sql.value(after, 'text')})"
