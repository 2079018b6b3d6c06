"""The plain arithmetic that puts points into tiles is PROJ's projection, to the unit."""

from __future__ import annotations

import asyncpg
import pytest

from geo.cartography.tile_address import EXTENT, TileAddress
from geo.cartography.tile_layers import place_sql, slots_of
from geo.database import StatementBuilder

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
