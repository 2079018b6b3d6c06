"""Query plans: whatever is asked, a layer's candidates come by a spatial index, and no layer is read whole."""

from __future__ import annotations

import psycopg
import pytest
import shapely

from geo.crs import Crs
from geo.database import Database, Statement
from geo.risk import RiskQuery, WhereLimits, around_geometry, around_point, default_rules, in_sector
from geo.risk.batch import BatchPlan, batch_statement
from geo.risk.capacity import capacity_statement
from geo.risk.index_sql import index_statement
from geo.risk.sites import Site
from geo.risk.sql import risk_statement
from layers.registry import discover

pytestmark = pytest.mark.anyio

REGISTRY = discover()
FILLED = {"shelters": "ST_MakePoint(x, y)", "hazard_points": "ST_MakePoint(x, y)", "forest_zones": "square"}
ROWS = 20_000
LAYERS = tuple(REGISTRY[name] for name in FILLED)


@pytest.fixture(scope="module")
def crowded(module_database_url: str) -> str:
    """Three layers of 20,000 features over a degree."""
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute("SELECT setseed(0.5)")
        for layer, kind in FILLED.items():
            shape = "ST_Multi(ST_MakeEnvelope(x, y, x + 0.002, y + 0.002))" if kind == "square" else kind
            connection.execute(
                f"INSERT INTO {layer} (source, source_id, geom, grade_basis) "
                f"SELECT 'plans', n::text, ST_SetSRID({shape}, 4490), '{{}}' "
                f"FROM (SELECT n, 115 + random() AS x, 25 + random() AS y FROM generate_series(1, {ROWS}) AS n) AS p"
            )
        connection.execute("VACUUM ANALYZE")
    return module_database_url


def question(where, radius_m: float) -> RiskQuery:
    return RiskQuery(where, (radius_m / 2, radius_m), LAYERS, helpers=(REGISTRY["shelters"],))


LINE = around_geometry(shapely.LineString([(115.3, 25.3), (115.4, 25.4)]), Crs("EPSG:4490"), WhereLimits())
HERE = around_point(115.5, 25.5)
SITES = [Site(n, str(n), 115.2 + n / 100, 25.5, 500.0) for n in range(20)]

SHAPES = ("hazard_points_geography", "forest_zones_geography")
"""Layers that hold more than points are asked by their geography, points by a box of degrees where there is one."""
ASKED = {
    "a point": (lambda: risk_statement(question(HERE, 1000.0)), (*SHAPES, "shelters_geom")),
    "a point by the 180th meridian": (
        lambda: risk_statement(question(around_point(179.999, 25.5), 1000.0)),
        (*SHAPES, "shelters_geography"),
    ),
    "a point beyond the one plan": (lambda: risk_statement(question(HERE, 25_000.0)), ()),
    "a line": (lambda: risk_statement(question(LINE, 500.0)), (*SHAPES, "shelters_geography")),
    "a sector": (
        lambda: risk_statement(question(in_sector(115.5, 25.5, 0.0, 90.0), 1000.0)),
        (*SHAPES, "shelters_geography"),
    ),
    "the index": (
        lambda: index_statement(question(HERE, 1000.0), default_rules(), tuple(REGISTRY.searchable())),
        SHAPES,
    ),
    "the beds": (lambda: capacity_statement(question(HERE, 1000.0), REGISTRY["shelters"]), ("shelters_geom",)),
    "many sites": (lambda: batch_statement(SITES, BatchPlan(LAYERS)), (*SHAPES, "shelters_geom")),
}


async def plan_of(dsn: str, statement: Statement) -> str:
    database = Database(dsn, pool_size=1)
    try:
        async with database.connection(one_plan=statement.one_plan) as connection:
            rows = await connection.fetch(f"EXPLAIN {statement.sql}", *statement.values)
    finally:
        await database.close()
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("asked", ASKED)
async def test_candidates_come_by_a_spatial_index(crowded, asked):
    compose, indexes = ASKED[asked]
    plan = await plan_of(crowded, compose())
    for index in indexes:
        assert f"using {index}" in plan or f"on {index}" in plan, f"{index} is not used:\n{plan}"
        layer = index.rpartition("_")[0]
        assert f"Seq Scan on {layer} " not in plan, f"{layer} is read whole:\n{plan}"


async def test_one_plan_serves_a_table_that_was_empty_when_it_was_made(crowded):
    statement = risk_statement(RiskQuery(HERE, (1000.0,), (REGISTRY["reservoirs"],)))
    assert statement.one_plan
    plan = await plan_of(crowded, statement)
    assert "reservoirs_geom" in plan
    assert "Seq Scan on reservoirs " not in plan


async def test_questions_of_one_form_are_one_statement(crowded):
    here, there = (risk_statement(question(around_point(lon, 25.5), 1000.0)) for lon in (115.2, 115.8))
    assert here.sql is there.sql
    assert here.values != there.values


async def test_a_plan_for_all_values_is_never_used_for_others(crowded):
    database = Database(crowded, pool_size=1)
    mode = Statement("SELECT current_setting('plan_cache_mode') || current_setting('enable_seqscan')")
    try:
        await database.fetch_bytes(risk_statement(question(HERE, 1000.0)))
        assert await database.fetch_text(mode) == "force_custom_planon"
        assert await database.fetch_text(Statement(mode.sql, (), True)) == "force_generic_planoff"
    finally:
        await database.close()
