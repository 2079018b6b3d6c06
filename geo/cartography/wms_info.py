"""GetFeatureInfo: what lies under a pixel, read through the one Selection, as GeoJSON, HTML or plain text."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from geo.cartography.service_frame import ServiceFrame
from geo.cartography.symbology import DESIGN_PX, compile_layer, size_factor
from geo.cartography.theme import GradeKey, Theme, grade_key
from geo.cartography.tiles import rank_sql
from geo.cartography.wms_request import InfoRequest
from geo.database import Database, Statement, StatementBuilder
from geo.selection import Box, Reader, Selection, quote
from layers.feature import SRID
from layers.layer import Layer
from layers.registry import Registry
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["INFO_FORMATS", "fetch_info", "info_policy", "info_statement", "with_grids", "write_info"]

INFO_FORMATS: Mapping[str, str] = {
    "text/html": "html",
    "application/json": "json",
    "application/geo+json": "json",
    "text/plain": "text",
}
"""By media type, as clients ask for it."""

_LEAST_REACH_PX = 5.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_GRADE = Text("风险等级", "risk grade")
_WHY = Text("定级依据", "why this grade")
_GRID = Text("栅格", "grid")
_VALUE = Text("值", "value")
_CLASS = Text("类别", "class")
_UNKNOWN = Text("无数据", "no data")
_DEMO = Text("演示数据", "demonstration data")


def _reach_px(layer: Layer, theme: Theme, frame: ServiceFrame, asked_px: float) -> float:
    """How far from the pixel a feature may lie: half of its largest mark, for who clicks on a mark clicks on it."""
    mark = DESIGN_PX * compile_layer(layer, theme).scale * size_factor(frame.zoom, RiskGrade.RED)
    return max(mark / 2, _LEAST_REACH_PX, asked_px)


def _probe(frame: ServiceFrame, x: float, y: float, reach_px: float) -> tuple[Box, str]:
    """The square around a pixel, as its box in degrees and as WKT."""
    corners = [(x - reach_px, y - reach_px), (x + reach_px, y - reach_px), (x + reach_px, y + reach_px)]
    corners += [(x - reach_px, y + reach_px), corners[0]]
    places = [frame.lonlat(*corner) for corner in corners]
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    box = Box(min(lons), min(lats), max(lons), max(lats))
    return box, f"POLYGON(({', '.join(f'{lon!r} {lat!r}' for lon, lat in places)}))"


def info_statement(request: InfoRequest, theme: Theme, reader: Reader) -> Statement:
    """SQL for a FeatureCollection (text): points before lines before areas, the nearest first, ``most`` per layer."""
    sql, frame, scale = StatementBuilder(), request.map.frame, request.map.scale
    x, y = (request.x + 0.5) / scale, (request.y + 0.5) / scale
    point = "ST_SetSRID(ST_MakePoint({}, {}), {})".format(*(sql.value(n, "float8") for n in frame.lonlat(x, y)), SRID)
    parts = []
    # The layer that lies on top is told first.
    for place, layer in enumerate(reversed(request.layers)):
        if frame.zoom < layer.zooms.features:
            continue
        reach = _reach_px(layer, theme, frame, request.tolerance_px / scale)
        box, probe = _probe(frame, x, y, reach)
        selection = Selection((layer,), box, request.map.grades, request.map.division, reader)
        parts.append(
            f"(SELECT {selection.feature(layer, 't')} AS feature, ST_Dimension(t.geom) AS dimension, "
            f"ST_Distance(t.geom, {point}) AS distance, {rank_sql('t.grade')} AS rank, {place} AS place, "
            f"t.source, t.source_id FROM {quote(layer.name)} t WHERE {selection.where(layer, sql)} "
            f"AND ST_Intersects(t.geom, ST_GeomFromText({sql.value(probe, 'text')}, {SRID})) "
            f"ORDER BY dimension, distance, rank, source, source_id LIMIT {sql.value(request.most, 'int')})"
        )
    found = " UNION ALL ".join(parts) or "SELECT NULL::json, 0, 0, 0, 0, '', '' WHERE false"
    return sql.build(
        "SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(feature ORDER BY "
        "dimension, distance, rank, place, source, source_id), '[]'::json))::text "
        f"FROM ({found}) AS found (feature, dimension, distance, rank, place, source, source_id)"
    )


def with_grids(collection: str, grids: Sequence[Mapping[str, object]]) -> str:
    """The collection with what grids hold there after its features."""
    if not grids:
        return collection
    found = json.loads(collection)
    return json.dumps({**found, "features": [*found["features"], *grids]}, ensure_ascii=False)


async def fetch_info(database: Database, request: InfoRequest, theme: Theme, reader: Reader) -> str:
    """The features under the pixel as GeoJSON text, masked as the reader's scope says.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    frame = request.map.frame
    if not all(abs(number) <= 360 for number in frame.lonlat((request.x + 0.5) / request.map.scale, 0.0)):
        return json.dumps({"type": "FeatureCollection", "features": []})  # a pixel that is no place on earth
    return await database.fetch_text(info_statement(request, theme, reader))


@dataclass(frozen=True, slots=True)
class _Told:
    """One feature as it is told: its layer, its name, and rows of what is known."""

    layer: str
    name: str
    grade: GradeKey
    rows: tuple[tuple[str, str], ...]


def _value(layer: Layer, name: str, value: object, lang: Lang) -> str:
    if isinstance(value, bool):
        return Text("是", "yes").get(lang) if value else Text("否", "no").get(lang)
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        return ", ".join(_value(layer, name, each, lang) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}={_value(layer, key, each, lang)}" for key, each in value.items())
    field = next((each for each in layer.importable_fields() if each.name == name), None)
    if field is not None and field.choices is not None and isinstance(value, str):
        titles = {each.code: each.title.get(lang) for each in field.choices.values}
        return titles.get(value, value)
    return _CONTROL.sub(" ", str(value)).strip()


def _rows(layer: Layer, properties: Mapping[str, object], lang: Lang) -> Iterator[tuple[str, str]]:
    grade = properties.get("grade")
    if isinstance(grade, str):
        yield _GRADE.get(lang), RiskGrade(grade).label.get(lang)
    basis = properties.get("grade_basis")
    if isinstance(basis, dict) and basis.get(lang):
        yield _WHY.get(lang), _CONTROL.sub(" ", str(basis[lang]))
    for field in layer.importable_fields():
        value = properties.get(field.name)
        if value in (None, "", []) or field.name in ("grade", "name"):
            continue
        unit = f" {field.unit.get(lang)}" if field.unit else ""
        yield field.title.get(lang), _value(layer, field.name, value, lang) + unit
    for child in layer.children:
        rows = properties.get(child.name)
        for each in rows if isinstance(rows, list) else []:
            yield child.name, _value(layer, child.name, each, lang)
    if properties.get("demo"):
        yield _DEMO.get(lang), Text("是", "yes").get(lang)


def _told_grid(properties: Mapping[str, object], lang: Lang) -> _Told:
    value, unit = properties["value"], properties["unit"] or ""
    said = _UNKNOWN.get(lang) if value is None else f"{value:.10g} {unit}".strip()
    rows = [(_VALUE.get(lang), said)]
    rows += [(_CLASS.get(lang), str(properties["class"]))] if properties["class"] else []
    rows += [(_DEMO.get(lang), Text("是", "yes").get(lang))] if properties["demo"] else []
    return _Told(_GRID.get(lang), str(properties["name"]), "none", tuple(rows))


def _told(collection: str, registry: Registry, lang: Lang) -> list[_Told]:
    told = []
    for feature in json.loads(collection)["features"]:
        properties = feature["properties"]
        if properties["layer"] not in registry:
            told.append(_told_grid(properties, lang))
            continue
        layer = registry[properties["layer"]]
        name = _CONTROL.sub(" ", properties.get("name") or properties["source_id"]).strip()
        grade = RiskGrade(properties["grade"]) if properties.get("grade") else None
        rows = tuple(_rows(layer, properties, lang))
        told.append(_Told(layer.title.get(lang), name, grade_key(grade), rows))
    return told


def write_info(collection: str, kind: str, theme: Theme, registry: Registry, lang: Lang) -> bytes:
    """The collection as ``json``, ``html`` or ``text``. Whatever a value holds, it stays text."""
    if kind == "json":
        return collection.encode()
    told = _told(collection, registry, lang)
    nothing = Text("此处没有要素", "nothing here").get(lang)
    if kind == "text":
        blocks = [
            "\n".join([f"{each.layer}: {each.name}", *(f"  {title}: {value}" for title, value in each.rows)])
            for each in told
        ]
        return ("\n\n".join(blocks) or nothing).encode() + b"\n"
    return _html(told, nothing, theme, lang).encode()


def _style(theme: Theme) -> str:
    edges = "".join(f".{grade.value}{{border-color:{theme.grades[grade.value].fill}}}" for grade in RiskGrade)
    return (
        "body{font:14px/1.5 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:8px}table{border-collapse:collapse;"
        "margin:0 0 12px}caption{text-align:left;font-weight:bold;padding:2px 8px;border-left:6px solid #ccc}"
        "th,td{border:1px solid #ccc;padding:2px 8px;text-align:left;vertical-align:top;font-weight:normal}"
        f"th{{background:#f3f5f7}}{edges}"
    )


def info_policy(theme: Theme) -> str:
    """The Content-Security-Policy of the HTML: its own style by digest, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style(theme).encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'"


def _html(told: list[_Told], nothing: str, theme: Theme, lang: Lang) -> str:
    def cell(text: str) -> str:
        return html.escape(text, quote=True)

    tables = [
        f'<table><caption class="{each.grade}">{cell(each.layer)} · {cell(each.name)}</caption>'
        + "".join(f"<tr><th>{cell(title)}</th><td>{cell(value)}</td></tr>" for title, value in each.rows)
        + "</table>"
        for each in told
    ]
    return (
        f'<!DOCTYPE html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f"<title>GetFeatureInfo</title><style>{_style(theme)}</style></head><body>"
        f"{''.join(tables) or f'<p>{cell(nothing)}</p>'}</body></html>"
    )
