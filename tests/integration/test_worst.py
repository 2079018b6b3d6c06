"""The worst of a frame: as an independent sort of all rows has them, and by the indexes however rare a grade is."""

from __future__ import annotations

import json
import random

import psycopg
import pytest

from geo.database import Database
from geo.selection import Box, Selection
from geo.worst import fetch_worst, worst_statement
from layers.registry import discover
from layers.severity import RiskGrade

pytestmark = pytest.mark.anyio

REGISTRY = discover()
LAYERS = (REGISTRY["hazard_points"], REGISTRY["reservoirs"])
ROWS = 20_000
WEST, SOUTH = 115.0, 25.0


@pytest.fixture(scope="module")
def crowded(module_database_url: str) -> str:
    """Two layers of 20,000 points over a degree: few of them red, and no reservoir yellow."""
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        connection.execute("SELECT setseed(0.5)")
        for layer, yellow in (("hazard_points", "yellow"), ("reservoirs", "blue")):
            connection.execute(
                f"INSERT INTO {layer} (source, source_id, geom, grade, grade_basis) SELECT 'worst', n::text, "
                f"ST_SetSRID(ST_MakePoint({WEST} + random(), {SOUTH} + random()), 4490), CASE WHEN dice < 0.002 "
                f"THEN 'red' WHEN dice < 0.01 THEN 'orange' WHEN dice < 0.1 THEN '{yellow}' WHEN dice < 0.8 "
                f"THEN 'blue' END, '{{}}' FROM (SELECT n, random() AS dice FROM generate_series(1, {ROWS}) AS n) AS d"
            )
        connection.execute("VACUUM ANALYZE")
    return module_database_url


def sorted_here(dsn: str, box: Box, limit: int, grades: list[str]) -> list[str]:
    """The same from all rows, sorted without a database."""
    centre = ((box.west + box.east) / 2, (box.south + box.north) / 2)
    found = []
    with psycopg.connect(dsn) as connection:
        for place, layer in enumerate(LAYERS):
            rows = connection.execute(f"SELECT source_id, grade, ST_X(geom), ST_Y(geom) FROM {layer.name}".encode())
            for source_id, grade, lon, lat in rows:
                if grade in grades and box.west <= lon <= box.east and box.south <= lat <= box.north:
                    off = ((lon - centre[0]) ** 2 + (lat - centre[1]) ** 2) ** 0.5
                    found.append((grades.index(grade), off, place, f"{layer.name}/worst/{source_id}"))
    return [key for *_, key in sorted(found)[:limit]]


async def test_twenty_frames_of_all_sizes_are_as_sorted_from_all_rows(crowded: str) -> None:
    chance, database = random.Random(11), Database(crowded)
    for _ in range(20):
        width = 10 ** chance.uniform(-2, 0.1)
        west, south = WEST + chance.uniform(0, 1 - width / 2), SOUTH + chance.uniform(0, 1 - width / 2)
        box, limit = Box(west, south, west + width, south + width), chance.choice((1, 20, 200))
        grades = chance.choice((list(RiskGrade), [RiskGrade.RED], [RiskGrade.YELLOW, RiskGrade.BLUE]))
        selection = Selection(LAYERS, None, frozenset(grades))
        told = json.loads(await fetch_worst(database, selection, box, limit, REGISTRY["divisions"]))
        assert [row["id"] for row in told["features"]] == sorted_here(crowded, box, limit, [g.value for g in grades])
    await database.close()


def scans(plan: dict[str, object]) -> list[dict[str, object]]:
    """The nodes of a plan that read a table, each with the index that finds its rows."""
    below = plan.get("Plans", [])
    assert isinstance(below, list)
    if "Relation Name" in plan:
        by_bitmap = [{"Index Name": child["Index Name"]} for child in below if "Index Name" in child]
        return [{**(by_bitmap[0] if by_bitmap else {}), **plan}]
    return [scan for child in below for scan in scans(child)]


async def test_the_worst_are_found_by_their_own_index_and_what_is_not_there_is_not_looked_for(crowded: str) -> None:
    selection = Selection(LAYERS, None, frozenset(RiskGrade))
    statement = worst_statement(selection, Box(115, 25, 115.5, 25.5), 200, REGISTRY["divisions"])
    database = Database(crowded)
    async with database.connection(one_plan=statement.one_plan) as connection:
        told = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}", *statement.values)
    await database.close()
    read = scans(json.loads(told)[0]["Plan"])
    assert "Seq Scan" not in {scan["Node Type"] for scan in read if scan["Relation Name"] != "divisions"}
    of = {(scan["Relation Name"], grade): scan for scan in read for grade in RiskGrade if f"'{grade}'" in str(scan)}
    for layer in LAYERS:
        for grade in (RiskGrade.RED, RiskGrade.ORANGE):
            assert of[layer.name, grade]["Index Name"] == f"{layer.name}_worst"
    assert of["reservoirs", RiskGrade.YELLOW]["Actual Loops"] == 0, "no stored cell holds one"
    assert of["hazard_points", RiskGrade.YELLOW]["Actual Loops"] == 1
    assert of["hazard_points", RiskGrade.BLUE]["Actual Loops"] == 0, "the worse ones fill the list"
