"""The features of a picture: one statement that gives Mapnik its GeoJSON, and the legend its counts.

Areas and lines come simplified to a third of a pixel. Every feature also gives a mark (a point of its own), worst grade
last so that it is drawn on top, and its name, worst grade first so that it is placed first. What a name holds is never
read as anything but text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from geo.cartography.boundaries import levels_at
from geo.cartography.frame import Frame
from geo.cartography.legend import Counts
from geo.cartography.symbology import DETAIL_ZOOM, LayerSymbology, size_factor
from geo.cartography.tiles import rank_sql
from geo.cartography.water import named_water_classes_at, water_classes_at, water_field, water_width_px
from geo.database import Database, Statement, StatementBuilder
from geo.selection import Selection, quote
from layers.feature import SRID, GeometryKind
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["PictureFeatures", "fetch_features", "picture_statement"]

_FEATURES_PER_LAYER = 20_000
"""More are counted in cells (``picture_cells.py``)."""
_LABELS = 600
_NAME_CHARACTERS = 28
_EM_PX = 12.0
_LINE_EMS = 10.5
_METRES_PER_DEGREE = 111_000.0
_WIDE_PX = 8.0
_NAME_LINE_PX = 6.0
"""A river's name follows its line without the bends smaller than this."""


@dataclass(frozen=True, slots=True)
class PictureFeatures:
    """GeoJSON FeatureCollections as text, marks as CSV (None: no such feature), counts, and what is to be told."""

    ground: str | None
    ground_names: str | None
    areas: str | None
    marks: str | None
    names: str | None
    counts: Counts
    demo: bool
    left_out: dict[str, tuple[int, int]]


def _icon_sql(symbology: LayerSymbology, detailed: bool) -> str:
    """An expression for the icon's name: made of declared words only, whatever the row holds."""
    bare = symbology.mark(None, None).icon
    grades = " ".join(f"WHEN '{grade.value}' THEN '{grade.value}'" for grade in RiskGrade)
    base = f"CASE t.grade {grades} ELSE '{bare}' END"
    own = symbology.glyphs[None]
    if not detailed or own is None:
        return base
    field = symbology.layer.symbol.glyph_field
    others = {value: name for value, name in symbology.glyphs.items() if value and name and name != own}
    if not field or not others:
        return f"{base} || '-{own}'"
    cases = " ".join(f"WHEN {_literal(value)} THEN '-{name}'" for value, name in others.items())
    return f"{base} || CASE t.{quote(field)} {cases} ELSE '-{own}' END"


def _size(symbology: LayerSymbology, frame: Frame, grade: RiskGrade | None, sql: StatementBuilder) -> str:
    # A value, and not a part of the text: the statement is the same for all frames.
    return sql.value(round(symbology.scale * size_factor(frame.zoom, grade), 4), "float8")


def _water_sql(layer: Layer, zoom: float, sql: StatementBuilder) -> str:
    """An expression for how wide (px) a water course is drawn."""
    widths = water_width_px(layer, zoom)
    cases = " ".join(
        f"WHEN {_literal(code)} THEN {sql.value(px, 'float8')}" for code, px in widths.items() if code is not None
    )
    other = sql.value(widths.get(None, 1.0), "float8")
    return f"CASE t.{quote(water_field(layer))} {cases} ELSE {other} END"


def _literal(declared: str) -> str:
    """A declared code as a SQL string."""
    return "'" + declared.replace("'", "''") + "'"


def _name_sql() -> str:
    """The name as a label: control characters are spaces, a long name ends in an ellipsis, none is empty."""
    clean = "btrim(regexp_replace(coalesce(t.name, ''), '[[:cntrl:]]+', ' ', 'g'))"
    short = f"left({clean}, {_NAME_CHARACTERS - 1}) || '…'"
    return f"CASE WHEN length({clean}) > {_NAME_CHARACTERS} THEN {short} ELSE {clean} END"


def _wrap_sql(name: str) -> str:
    """How wide (px) the lines of a name may be, so that they come out even: no last line of one character.

    A name that fits on one line whatever its letters is not measured.
    """
    ems = f"(length({name}) - 0.44 * length(regexp_replace({name}, '[^ -~]', '', 'g')))"
    even = f"round({_EM_PX} * ({ems} / ceil(greatest({ems}, 1) / {_LINE_EMS}) + 0.6))"
    return f"CASE WHEN length({name}) <= {_LINE_EMS} THEN {_EM_PX * (_LINE_EMS + 1)} ELSE {even} END"


def _rows(
    symbology: LayerSymbology, selection: Selection, frame: Frame, sql: StatementBuilder, place: int, *, counted: bool
) -> str:
    """A CTE ``{layer}_rows``: what every part of the picture takes from this layer, worst grade first.

    Of a layer that is counted in cells only the outlines that are still large.
    """
    layer = symbology.layer
    where = [selection.where(layer, sql)]
    if counted:
        wide = sql.value(frame.metres_per_px * _WIDE_PX / _METRES_PER_DEGREE, "float8")
        where.append(f"ST_Dimension(geom) > 0 AND ST_XMax(geom) - ST_XMin(geom) >= {wide}")
    level = "NULL::text"
    if not symbology.has_marks and "level" in layer.table.columns:
        level = "t.level"
        where.append(f"(t.level IS NULL OR t.level = ANY ({sql.value(list(levels_at(frame.zoom)), 'text[]')}))")
    water, labelled = "0.0", "true" if frame.zoom >= layer.zooms.labels else "false"
    if symbology.is_water:
        drawn, named = water_classes_at(layer, frame.zoom), named_water_classes_at(layer, frame.zoom)
        code, water = f"coalesce(t.{quote(water_field(layer))}, '')", _water_sql(layer, frame.zoom, sql)
        where.append(f"{code} = ANY ({sql.value(drawn, 'text[]')})")
        labelled = f"{code} = ANY ({sql.value(named, 'text[]')})"
    icon = _icon_sql(symbology, frame.zoom >= DETAIL_ZOOM) if symbology.has_marks else "''"
    sizes = " ".join(f"WHEN {grade.rank} THEN {_size(symbology, frame, grade, sql)}" for grade in RiskGrade)
    size = f"CASE {rank_sql('t.grade')} {sizes} ELSE {_size(symbology, frame, None, sql)} END"
    outline = sql.value(f"POLYGON(({', '.join(f'{lon!r} {lat!r}' for lon, lat in frame.outline)}))", "text")
    return f"""{quote(layer.name + "_rows")} AS MATERIALIZED (
    SELECT '{layer.name}' AS layer, {place} AS place, t.source, t.source_id, coalesce(t.grade, 'none') AS grade,
           {rank_sql("t.grade")} AS rank, {level} AS level, {water} AS water_px, {icon} AS icon, {size} AS size,
           {_name_sql()} AS name, {labelled} AS labelled, t.demo, t.geom,
           ST_Intersects(t.geom, ST_GeomFromText({outline}, {SRID})) AS inside, count(*) OVER () AS total
    FROM {quote(layer.name)} t WHERE {" AND ".join(where)}
    ORDER BY rank, source, source_id LIMIT {_FEATURES_PER_LAYER}
)"""


def _feature(geometry: str, *properties: str) -> str:
    """A GeoJSON feature as text; ``properties`` are columns that keep their names.

    Text is put together in half the time of json_build_object; to_json quotes every value.
    """
    pairs = " || ',' || ".join(f"""'"{name}":' || coalesce(to_json({name})::text, 'null')""" for name in properties)
    shape = f"coalesce(ST_AsGeoJSON({geometry}, 7, 0), 'null')"
    return f"""'{{"type":"Feature","properties":{{' || {pairs} || '}},"geometry":' || {shape} || '}}'"""


def _collection(feature: str, source: str, order: str, limit: int | None = None) -> str:
    """A FeatureCollection as text, or NULL when there is no feature."""
    cut = f"SELECT * FROM {source} ORDER BY {order} LIMIT {limit}" if limit else f"SELECT * FROM {source}"
    collected = (
        f"""'{{"type":"FeatureCollection","features":[' || string_agg({feature}, ',' ORDER BY {order}) || ']}}'"""
    )
    return f"(SELECT {collected} FROM ({cut}) AS part)"


def _table(geometry: str, columns: Sequence[str], source: str, order: str) -> str:
    """Points as CSV, or NULL when there is none; ``columns`` hold declared words and numbers: nothing is quoted."""
    values = " || ',' || ".join([f"ST_X({geometry})", f"ST_Y({geometry})", *columns])
    head = ",".join(["x", "y", *columns])
    return f"(SELECT '{head}' || string_agg(chr(10) || {values}, '' ORDER BY {order}) FROM {source})"


def _union(symbologies: Sequence[LayerSymbology]) -> str:
    if not symbologies:
        return (
            "(SELECT ''::text AS layer, 0 AS place, ''::text AS source, ''::text AS source_id, ''::text AS grade, "
            "5 AS rank, ''::text AS level, 0.0 AS water_px, ''::text AS icon, 0.0 AS size, ''::text AS name, "
            "false AS labelled, false AS demo, NULL::geometry AS geom, false AS inside, 0::bigint AS total WHERE false)"
        )
    return "(" + " UNION ALL ".join(f"SELECT * FROM {quote(each.layer.name + '_rows')}" for each in symbologies) + ")"


def _tallied(symbologies: Sequence[LayerSymbology]) -> str:
    """How many of each layer and grade lie in the frame: a JSON object of objects, as text."""
    visible = f"SELECT layer, grade, count(*) AS n FROM {_union(symbologies)} AS c WHERE inside GROUP BY layer, grade"
    return (
        "(SELECT coalesce(json_object_agg(layer, grades), '{}')::text FROM "
        f"(SELECT layer, json_object_agg(grade, n) AS grades FROM ({visible}) AS g GROUP BY layer) AS by_layer)"
    )


def _left_out(rows: str) -> str:
    """Of the layers that have more than a picture holds: how many are left out, and how many there are, as text."""
    return (
        "(SELECT coalesce(json_object_agg(layer, json_build_array(total - n, total)), '{}')::text FROM (SELECT layer, "
        f"count(*) AS n, max(total) AS total FROM {rows} AS c GROUP BY layer) AS t WHERE total > n)"
    )


def _ground_named(base: Sequence[LayerSymbology], anchor: str, bends: str) -> str:
    """What of the ground is named, and where: a division at its anchor, all reaches of a river's name along their line.

    The line is without its small bends: letters follow it.
    """
    shown = "name <> '' AND ST_Dimension(geom) > 0"
    joined = "ST_LineMerge(ST_CollectionExtract(ST_Collect(geom ORDER BY source, source_id), 2))"
    return (
        f"(SELECT level, source, source_id, name, water_px, {anchor} AS place FROM {_union(base)} AS d "
        f"WHERE {shown} AND water_px = 0 "
        f"UNION ALL SELECT level, '', '', name, max(water_px), ST_Simplify({joined}, {bends}, true) "
        f"FROM {_union(base)} AS w WHERE {shown} AND water_px > 0 AND labelled GROUP BY level, name)"
    )


def picture_statement(
    symbologies: Sequence[LayerSymbology],
    selection: Selection,
    frame: Frame,
    *,
    layers_in_order: bool = False,
    counted: frozenset[str] = frozenset(),
) -> Statement:
    """SQL for everything that a picture of ``frame`` shows of these layers; the selection's area is the frame's.

    The worst grade lies on top, and among equals the first layer; ``layers_in_order``: the first layer lies on top
    whatever its grades, as clients of OGC services expect. ``counted`` layers bring no marks, names and counts.
    """
    sql = StatementBuilder()
    within = Selection(selection.layers, frame.box, selection.grades, selection.division, selection.reader)
    # The base map is ground: it is drawn whatever grades or division are asked for, within the reader's scope.
    ground_of = Selection(selection.layers, frame.box, None, None, selection.reader)
    drawn = [each for each in symbologies if frame.zoom >= each.layer.zooms.features]
    base = [each for each in drawn if not each.has_marks]
    wide = [each for each in drawn if each.has_marks and _may_be_wide(each)]
    marked = [each for each in drawn if each.has_marks and each.layer.name not in counted]
    ctes = [
        _rows(
            each,
            within if each.has_marks else ground_of,
            frame,
            sql,
            place,
            counted=each.layer.name in counted,
        )
        for place, each in enumerate(drawn)
    ]
    tolerance = sql.value(frame.metres_per_px / 3 / _METRES_PER_DEGREE, "float8")
    thin = f"ST_Simplify(geom, {tolerance}, true)"
    bends = sql.value(frame.metres_per_px * _NAME_LINE_PX / _METRES_PER_DEGREE, "float8")
    anchor = "CASE WHEN ST_Dimension(geom) = 0 THEN geom ELSE ST_PointOnSurface(geom) END"
    everything = _union(drawn)
    shapes = f"(SELECT * FROM {_union(wide)} AS s WHERE ST_Dimension(geom) > 0)"
    worst_last = ("place DESC, rank DESC" if layers_in_order else "rank DESC, place DESC") + ", source, source_id"
    worst_first = "rank, place, source, source_id"
    named = f"(SELECT *, {_wrap_sql('name')} AS wrap FROM {_union(marked)} AS n WHERE labelled AND name <> '')"
    ground, ground_name = _feature(thin, "level", "water_px"), _feature("place", "level", "name", "water_px")
    ground_named = _ground_named(base, anchor, bends)
    tallied = _tallied([*marked, *(each for each in base if each.is_water)])
    body = f"""SELECT
  {_collection(ground, f"{_union(base)} AS g", "place, level DESC, source, source_id")} AS ground,
  {_collection(ground_name, f"{ground_named} AS g", "level, source, source_id, name")} AS ground_names,
  {_collection(_feature(thin, "icon", "grade"), f"{shapes} AS s", worst_last)} AS areas,
  {_table(anchor, ["icon", "size"], f"{_union(marked)} AS m", worst_last)} AS marks,
  {_collection(_feature(anchor, "name", "grade", "size", "wrap"), f"{named} AS n", worst_first, _LABELS)} AS names,
  {tallied} AS counts, {_left_out(everything)} AS left_out,
  coalesce((SELECT bool_or(demo) FROM {everything} AS d WHERE inside), false) AS demo"""
    return sql.build(f"WITH {', '.join(ctes)}\n{body}" if ctes else body)


def _may_be_wide(symbology: LayerSymbology) -> bool:
    return symbology.layer.geometry is not GeometryKind.POINT


async def fetch_features(
    database: Database,
    symbologies: Sequence[LayerSymbology],
    selection: Selection,
    frame: Frame,
    *,
    layers_in_order: bool = False,
    counted: frozenset[str] = frozenset(),
) -> PictureFeatures:
    """Everything that a picture shows, in one short loan of a connection.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    statement = picture_statement(symbologies, selection, frame, layers_in_order=layers_in_order, counted=counted)
    (row,) = await database.fetch(statement)
    left_out = {name: (left, total) for name, (left, total) in json.loads(row["left_out"]).items()}
    return PictureFeatures(
        row["ground"],
        row["ground_names"],
        row["areas"],
        row["marks"],
        row["names"],
        json.loads(row["counts"]),
        row["demo"],
        left_out,
    )
