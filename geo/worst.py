"""The worst features of a frame: by grade, and within a grade from the middle of the frame outwards.

The grade is the one scale in which all layers compare (``layers/severity.py``). No column beside it does: how many
people a reservoir threatens is not recorded, and unknown is neither few nor many. So what has one grade is ordered by
where it lies: what the frame is centred on comes first, and every feature can be brought to the top by moving there,
which no order by name or layer would allow.
"""

from __future__ import annotations

from collections.abc import Iterable

from geo.database import Database, Slot, Statement, StatementBuilder
from geo.json_sql import json_list, json_object, json_plain, json_value
from geo.selection import GEOJSON_DIGITS, Box, Reader, Selection, SlotBox, quote
from layers.feature import SRID
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["fetch_worst", "worst_statement"]

_COUNTY_DIGITS = 6
_TOWNSHIP_DIGITS = 9
_CENTRE = (Slot("centre_lon"), Slot("centre_lat"))


def _key(grade: RiskGrade | None) -> str:
    """The grade as stored cells write it; what is not graded is ''."""
    return "" if grade is None else grade.value


def _of_layer(layer: Layer, place: int, grade: RiskGrade | None, selection: Selection, sql: StatementBuilder) -> str:
    """The features of one grade in the frame, the nearest to its middle, one more than asked and those as near.

    Nearness is in degrees, as the index has it: it orders rows, and no figure is made of it. A grade that no feature of
    the layer has is not looked for: that would read the whole frame.
    """
    lon, lat = (sql.value(slot, "float8") for slot in _CENTRE)
    off = f"t.geom <-> ST_SetSRID(ST_MakePoint({lon}, {lat}), {SRID})"
    # Literals, not values: by them the planner knows the partial index of the worst (geo/sql/01_layers.sql).
    is_grade = "t.grade IS NULL" if grade is None else f"t.grade = '{grade.value}'"
    known = f"EXISTS (SELECT FROM onemap_cells WHERE layer = '{layer.name}' AND grade = '{_key(grade)}')"
    return (
        f"(SELECT {place} AS place, '{layer.name}' AS layer, t.source, t.source_id, "
        f"{selection.column(layer, 'name', 't')} AS name, t.grade, t.grade_basis, t.division_code, t.data_date, "
        f"t.demo, t.geom, {off} AS off FROM {quote(layer.name)} t "
        f"WHERE {selection.where(layer, sql)} AND {is_grade} AND {known} "
        f"ORDER BY {off} FETCH FIRST ({sql.value(Slot('one_more'), 'int')}) ROWS WITH TIES)"
    )


def _by_grade(selection: Selection, grades: Iterable[RiskGrade | None], sql: StatementBuilder) -> tuple[str, list[str]]:
    """CTEs, one a grade, each of what the worse ones leave room for; and their names.

    A LIMIT of 0 runs nothing: lesser grades cost nothing where the worse ones fill the list.
    """
    ctes: list[str] = []
    names: list[str] = []
    for rank, grade in enumerate((*RiskGrade, None), start=1):
        if grade not in grades:
            continue
        found = " UNION ALL ".join(
            _of_layer(layer, place, grade, selection, sql) for place, layer in enumerate(selection.layers)
        )
        room = "".join(f" - (SELECT count(*) FROM {name})" for name in names)
        name = f"of_{rank}"
        ctes.append(
            f"{name} AS MATERIALIZED (SELECT {rank} AS rank, f.* FROM ({found}) AS f "
            f"ORDER BY off, place, source, source_id LIMIT {sql.value(Slot('one_more'), 'int')}{room})"
        )
        names.append(name)
    return ", ".join(ctes), names


def _named(divisions: Layer | None, reader: Reader, sql: StatementBuilder) -> str:
    """A CTE of the names of the divisions that the best lie in."""
    if divisions is None:
        return "names AS (SELECT NULL::text AS code, NULL::text AS name)"
    own = Selection((divisions,), reader=reader).where(divisions, sql)
    return (
        f"names AS MATERIALIZED (SELECT source_id AS code, min(name) AS name FROM {quote(divisions.name)} "
        f"WHERE {own} AND source_id IN (SELECT left(division_code, digits) "
        f"FROM best, unnest(ARRAY[{_COUNTY_DIGITS}, {_TOWNSHIP_DIGITS}]) AS digits) GROUP BY source_id)"
    )


_DIVISION = f"""nullif(concat_ws(' ', (SELECT name FROM names WHERE code = left(b.division_code, {_COUNTY_DIGITS})),
    (SELECT name FROM names WHERE code = left(b.division_code, {_TOWNSHIP_DIGITS})
        AND length(b.division_code) >= {_TOWNSHIP_DIGITS})), '')"""


def worst_statement(selection: Selection, box: Box, limit: int, divisions: Layer | None) -> Statement:
    """SQL for a FeatureCollection of at most ``limit`` features of ``selection`` in ``box``, worst first.

    Each is a point on the feature with what a row of a list tells: ``division`` is the names of its county and
    township. ``truncated`` says that there are more. All grades where the selection names none; 未分级 come last.
    """
    sql = StatementBuilder()
    framed = Selection(selection.layers, SlotBox(), None, selection.division, selection.reader)
    grades = selection.grades if selection.grades is not None else frozenset((*RiskGrade, None))
    ctes, names = _by_grade(framed, grades, sql)
    every = " UNION ALL ".join(f"SELECT * FROM {name}" for name in names)
    told = [(name, json_value(f"b.{name}")) for name in ("layer", "source", "source_id", "name", "grade")]
    told += [("grade_basis", json_plain("b.grade_basis")), ("division_code", json_value("b.division_code"))]
    told += [("division", json_value(_DIVISION)), ("data_date", json_value("b.data_date"))]
    feature = json_object(
        (
            ("type", "'\"Feature\"'"),
            ("id", json_value("b.layer || '/' || b.source || '/' || b.source_id")),
            ("geometry", f"ST_AsGeoJSON(onemap_anchor(b.geom), {GEOJSON_DIGITS}, 0)"),
            ("properties", json_object([*told, ("demo", json_plain("b.demo"))])),
        )
    )
    most = sql.value(Slot("most"), "int")
    answer = json_object(
        (
            ("type", "'\"FeatureCollection\"'"),
            ("features", json_list(feature, "b.n")),
            ("truncated", f"(SELECT count(*) > {most} FROM best)::text"),
        )
    )
    order = "rank, off, place, source, source_id"
    best = f"best AS MATERIALIZED (SELECT row_number() OVER (ORDER BY {order}) AS n, e.* FROM ({every}) AS e)"
    named = _named(divisions, selection.reader, sql)
    template = sql.template(
        f"WITH {ctes}, {best}, {named} SELECT {answer} FROM best b WHERE n <= {most}", one_plan=True
    )
    return template.fill(
        {
            "west": box.west,
            "south": box.south,
            "east": box.east,
            "north": box.north,
            "centre_lon": (box.west + box.east) / 2,
            "centre_lat": (box.south + box.north) / 2,
            "most": limit,
            "one_more": limit + 1,
        }
    )


async def fetch_worst(database: Database, selection: Selection, box: Box, limit: int, divisions: Layer | None) -> str:
    """The worst features of ``box`` as GeoJSON text."""
    return await database.fetch_text(worst_statement(selection, box, limit, divisions))
