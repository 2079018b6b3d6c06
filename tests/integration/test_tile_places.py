"""Places of points in tiles: arithmetic that is PROJ's projection to the unit, and an index that holds points only."""

from __future__ import annotations

import asyncpg
import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from geo.cartography.tile_address import EXTENT, TileAddress
from geo.cartography.tile_layers import place_sql, slots_of
from geo.cartography.tiles import fetch_tile
from geo.database import Database, StatementBuilder
from geo.selection import Reader, Selection
from layers.registry import discover
from tests.mvt import decode
from tests.seeding import insert

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("tile", [TileAddress(9, 419, 219), TileAddress(12, 3356, 1752), TileAddress(14, 13424, 7010)])
async def test_points_lie_where_proj_puts_them(database_url: str, tile: TileAddress) -> None:
    sql = StatementBuilder()
    x, y = place_sql("p", tile.z, sql)
    box = tile.box()
    envelope = f"ST_TileEnvelope({tile.z}, {tile.x}, {tile.y})"
    statement = sql.template(
        f"""WITH places AS (
    SELECT ST_SetSRID(ST_MakePoint({box.west} + random() * {box.east - box.west},
                                   {box.south} + random() * {box.north - box.south}), 4490) AS p
    FROM generate_series(1, 20000)
), both_ways AS (
    SELECT {x} AS x, {y} AS y,
           (ST_X(m) - ST_XMin({envelope})) / (ST_XMax({envelope}) - ST_XMin({envelope})) * {EXTENT} AS exact_x,
           (ST_YMax({envelope}) - ST_Y(m)) / (ST_YMax({envelope}) - ST_YMin({envelope})) * {EXTENT} AS exact_y
    FROM (SELECT p, ST_Transform(p, 3857) AS m FROM places OFFSET 0) AS t
)
SELECT count(*) AS n, min(exact_x - x) AS left, max(exact_x - x) AS right, min(exact_y - y) AS top,
       max(exact_y - y) AS bottom FROM both_ways"""
    ).fill(slots_of(tile))
    connection = await asyncpg.connect(database_url)
    try:
        row = await connection.fetchrow(statement.sql, *statement.values)
    finally:
        await connection.close()
    assert row is not None
    assert row["n"] == 20_000
    # Rounded down: the exact place is within the unit, but for the last digits of both ways.
    assert -1e-3 < row["left"] < row["right"] < 1.001
    assert -1e-3 < row["top"] < row["bottom"] < 1.001


@pytest.mark.parametrize("scans", ["on", "off"])
async def test_whatever_index_the_planner_takes_no_line_is_asked_for_its_latitude(
    database_url: str, scans: str
) -> None:
    layer, town = discover()["hazard_points"], "360721101000"
    for number in range(60):
        insert(database_url, layer.name, f"POINT({115 + number / 1000} 25)", f"p-{number}", division_code=town)
    insert(database_url, layer.name, "MULTILINESTRING((115 25, 115.02 25.01))", "line", division_code=town)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for setting in ("enable_indexscan", "enable_indexonlyscan"):
            connection.execute(
                SQL("ALTER DATABASE {} SET {} = {}").format(
                    Identifier(connection.info.dbname), Identifier(setting), Literal(scans)
                )
            )
        connection.execute(f"ANALYZE {layer.name}")
    database = Database(database_url)
    try:
        read = Selection((layer,), reader=Reader((town[:9],)))
        for zoom in (9, 12):
            tile = TileAddress(zoom, int((115 + 180) / 360 * 2**zoom), int(0.42824 * 2**zoom))
            marks = decode((await fetch_tile(database, read, tile)).mvt)[layer.name]
            assert len([each for each in marks if each.kind == "point"]) >= 20
            cells = decode((await fetch_tile(database, read, tile, 0)).mvt)["cells"]
            assert 20 <= sum(cell.properties["total"] for cell in cells) <= 61
    finally:
        await database.close()
