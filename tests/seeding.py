"""Rows put straight into a layer's table, for tests that are not about importing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

SHARED = {"source": "test", "grade_basis": Jsonb({"kind": "none"})}


def insert(dsn: str, layer: str, wkt: str, source_id: str, **values: object) -> None:
    """One feature; ``wkt`` is in EPSG:4490."""
    row = SHARED | {"source_id": source_id} | values
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in row)
    places = sql.SQL(", ").join(sql.Placeholder() for _ in row)
    statement = sql.SQL("INSERT INTO {} ({}, geom) VALUES ({}, ST_GeomFromText({}, 4490))").format(
        sql.Identifier(layer), columns, places, sql.Placeholder()
    )
    with psycopg.connect(dsn) as connection:
        connection.execute(statement, [*row.values(), wkt])


def insert_many(dsn: str, layer: str, rows: Iterable[tuple[str, str, Mapping[str, object]]]) -> None:
    """Features of one layer in one transaction: (WKT in EPSG:4490, source_id, values); all give the same values."""
    listed = [(wkt, SHARED | {"source_id": source_id} | dict(values)) for wkt, source_id, values in rows]
    names = list(listed[0][1])
    statement = sql.SQL("INSERT INTO {} ({}, geom) VALUES ({}, ST_GeomFromText({}, 4490))").format(
        sql.Identifier(layer),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join(sql.Placeholder() for _ in names),
        sql.Placeholder(),
    )
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.executemany(statement, [[*(row[name] for name in names), wkt] for wkt, row in listed])
