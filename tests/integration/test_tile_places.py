"""Places of points in tiles: PROJ's projection to the unit, marks whole across edges, an index that tells all."""

from __future__ import annotations

import re

import asyncpg
import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from geo.cartography.symbology import size_factor
from geo.cartography.tile_address import EXTENT, TileAddress, degrees_north, world_place
from geo.cartography.tile_layers import place_sql, slots_of
from geo.cartography.tiles import fetch_tile, tile_statement
from geo.database import Database, StatementBuilder
from geo.migrate import migrate
from geo.selection import Reader, Selection
from layers.feature import GeometryKind
from layers.layer import Layer
from layers.registry import discover
from layers.severity import RiskGrade
from tests.mvt import decode
from tests.seeding import insert, insert_many

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("tile", [TileAddress(9, 419, 219), TileAddress(12, 3356, 1752), TileAddress(14, 13424, 7010)])
async def test_points_lie_where_proj_puts_them(database_url: str, tile: TileAddress) -> None:
    sql = StatementBuilder()
    x, y = place_sql("onemap_world_x(p)", "onemap_world_y(p)", tile.z, sql)
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


def tile_of(lon: float, lat: float, zoom: int) -> TileAddress:
    x, y = world_place(lon, lat)
    return TileAddress(zoom, int(x * 2**zoom), int(y * 2**zoom))


@pytest.mark.parametrize("layer", discover().values(), ids=lambda layer: layer.name)
@pytest.mark.parametrize("zoom", [9, 12, 14])
async def test_a_mark_is_in_every_tile_that_it_reaches_into(database_url: str, layer: Layer, zoom: int) -> None:
    if layer.geometry not in (GeometryKind.POINT, GeometryKind.ANY) or zoom < layer.zooms.features:
        pytest.skip("the layer shows no points at this zoom")
    tile = tile_of(115.0, 25.0, zoom)
    # As large as it is drawn at the end of the zoom, just before the tiles of the next one come.
    reach_px = layer.symbol.size_px * size_factor(zoom + 1, RiskGrade.RED) / 2
    for name, off_px in (("in", reach_px - 0.2), ("out", reach_px + 30)):
        for side, x, y in (
            ("w", -off_px, 256),
            ("e", 512 + off_px, 256),
            ("n", 256, -off_px),
            ("s", 256, 512 + off_px),
        ):
            lon = (tile.x + x / 512) / 2**zoom * 360 - 180
            lat = degrees_north((tile.y + y / 512) / 2**zoom)
            insert(database_url, layer.name, f"POINT({lon!r} {lat!r})", f"{name}-{side}", grade="red")
    database = Database(database_url)
    try:
        drawn = decode((await fetch_tile(database, Selection((layer,)), tile)).mvt)[layer.name]
    finally:
        await database.close()
    assert {each.properties["source_id"] for each in drawn} == {"in-w", "in-e", "in-n", "in-s"}


async def test_shapes_among_points_of_some_layers_leave_nothing_out(database_url: str) -> None:
    names = ("hazard_points", "shelters", "enterprises", "flood_spots")
    for name in names:
        for grade, source_id in (("blue", "b"), ("red", "a"), (None, "c")):
            insert(database_url, name, "POINT(115.0 25.0)", source_id, grade=grade)
    insert(database_url, "enterprises", "POLYGON((115 25, 115.01 25, 115.01 25.01, 115 25))", "area", grade="orange")
    insert(database_url, "flood_spots", "LINESTRING(115 25, 115.01 25.01)", "line")
    database, registry = Database(database_url), discover()
    try:
        read = await fetch_tile(database, Selection(tuple(registry[name] for name in names)), tile_of(115.0, 25.0, 12))
    finally:
        await database.close()
    drawn = decode(read.mvt)
    assert sorted(drawn) == sorted(names)
    assert read.mvt.count(b"flood_spots") == 1  # a name stands for one layer of a tile only
    told = {name: [(each.properties["source_id"], each.kind) for each in drawn[name]] for name in names}
    assert told["hazard_points"] == told["shelters"] == [("a", "point"), ("b", "point"), ("c", "point")]
    assert told["enterprises"] == [
        ("a", "point"),
        ("area", "polygon"),
        ("area", "point"),
        ("b", "point"),
        ("c", "point"),
    ]
    assert told["flood_spots"] == [("a", "point"), ("b", "point"), ("c", "point"), ("line", "line"), ("line", "point")]


def _plan(dsn: str, layer: Layer, tile: TileAddress) -> str:
    statement = tile_statement(Selection((layer,)), tile)
    parts = re.split(r"\$(\d+)", statement.sql)
    values = [Literal(value).as_string(None) for value in statement.values]
    sql = "".join(values[int(part) - 1] if place % 2 else part for place, part in enumerate(parts))
    with psycopg.connect(dsn, options="-c enable_seqscan=off", autocommit=True) as connection:
        connection.execute(SQL("VACUUM (ANALYZE) {}").format(Identifier(layer.name)))
        return "\n".join(row[0] for row in connection.execute(f"EXPLAIN (VERBOSE) {sql}".encode()))


@pytest.mark.parametrize("name", ["hazard_points", "shelters"])
def test_a_tile_of_points_is_read_from_the_index_alone(database_url: str, name: str) -> None:
    layer = discover()[name]
    insert_many(database_url, name, ((f"POINT({115 + n / 9000} 25)", f"p-{n}", {}) for n in range(2000)))
    assert f"Index Only Scan using {name}_places" in _plan(database_url, layer, tile_of(115.0, 25.0, 12))


def test_an_index_of_an_earlier_form_is_built_anew_and_the_present_one_left(database_url: str) -> None:
    def index() -> tuple[int, str]:
        with psycopg.connect(database_url) as connection:
            row = connection.execute(
                "SELECT oid::int, pg_get_indexdef(oid) FROM pg_class WHERE relname = 'shelters_places'"
            ).fetchone()
        assert row is not None
        return row

    present = index()
    migrate(database_url)
    assert index() == present
    with psycopg.connect(database_url) as connection:
        connection.execute("DROP INDEX shelters_places")
        connection.execute("CREATE INDEX shelters_places ON shelters (ST_Y(geom)) INCLUDE (geom)")
        connection.execute("CREATE INDEX shelters_shapes ON shelters USING gist (geom)")  # a layer of points needs none
    migrate(database_url)
    assert index()[1] == present[1]
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT to_regclass('shelters_shapes')").fetchone() == (None,)
