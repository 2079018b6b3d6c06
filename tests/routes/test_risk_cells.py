"""One set of cells for all risks: every risk counted once, whatever its layer, and no plate on another."""

from __future__ import annotations

import json
import random

import psycopg
import pytest

from geo.cartography.cells import can_count
from geo.cartography.risk_cells import fetch_risk_cells
from geo.cartography.tiles import TileAddress, fetch_tile
from geo.database import Database
from geo.selection import Box, Selection
from layers.registry import discover
from layers.severity import RiskGrade
from tests.mvt import decode
from tests.seeding import insert

KEYS = ("red", "orange", "yellow", "blue", "none")
REGISTRY = discover()
RISKS = [layer.name for layer in REGISTRY.values() if layer.graded]


def scatter(dsn: str, layer: str, count: int, seed: int) -> dict[str, int]:
    """``count`` points of ``layer`` over a few counties; how many of each grade."""
    drawn = random.Random(seed)
    grades = drawn.choices([*KEYS[:4], None], weights=(1, 3, 8, 20, 4), k=count)
    with psycopg.connect(dsn) as connection:
        connection.cursor().executemany(
            f"INSERT INTO {layer} (source, source_id, name, geom, grade, grade_basis) "
            "VALUES ('cells', %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4490), %s, '{}')",
            [
                (f"c-{n}", f"第 {n} 处", drawn.uniform(114.2, 116.4), drawn.uniform(24.6, 26.6), grade)
                for n, grade in enumerate(grades)
            ],
        )
    return {key: grades.count(None if key == "none" else key) for key in KEYS}


async def tiles(client, zoom: int, **parameters):
    """The tiles of a zoom that hold any of the places of ``scatter``, decoded."""
    across = range(int((114.0 + 180) / 360 * 2**zoom), int((116.6 + 180) / 360 * 2**zoom) + 1)
    for x in across:
        for y in range(int(0.421 * 2**zoom), int(0.432 * 2**zoom) + 1):
            response = await client.get(f"/tiles/{zoom}/{x}/{y}.mvt", params={"most": 20, **parameters})
            assert response.status_code == 200, response.text
            yield decode(response.content)


async def counted(client, zoom: int, **parameters) -> tuple[dict[str, int], int]:
    """By grade how many risks the tiles of a zoom count or show; and how many of them stand alone."""
    found, alone = dict.fromkeys(KEYS, 0), 0
    async for tile in tiles(client, zoom, **parameters):
        for cell in tile.get("cells", []):
            properties = cell.properties
            assert sum(properties[key] for key in KEYS) == properties["total"]
            assert sum(json.loads(properties["layers"]).values()) == properties["total"]
            alone += properties["total"] == 1
            for key in KEYS:
                found[key] += properties[key]
        for layer in RISKS:
            for feature in tile.get(layer, []):
                if feature.kind == "point" and all(0 <= value < 4096 for value in feature.points[0]):
                    found[feature.properties.get("grade", "none")] += 1
    return found, alone


@pytest.fixture
def risks(database_url) -> dict[str, dict[str, int]]:
    """Three layers of risks and one of resources over a few counties, and no others."""
    with psycopg.connect(database_url) as connection:
        connection.execute(f"TRUNCATE {', '.join(RISKS)} CASCADE")
    made = {name: scatter(database_url, name, 150, seed) for seed, name in enumerate(("hazard_points", "reservoirs"))}
    scatter(database_url, "shelters", 40, 9)
    squares = [(114.5, 25.0), (114.505, 25.003), (116.0, 26.2)]
    for number, (w, s) in enumerate(squares):
        square = f"MULTIPOLYGON((({w} {s}, {w + 0.2} {s}, {w + 0.2} {s + 0.2}, {w} {s + 0.2}, {w} {s})))"
        insert(database_url, "forest_zones", square, f"f-{number}", grade="yellow")
    return {**made, "forest_zones": {**dict.fromkeys(KEYS, 0), "yellow": 3}}


def total_of(risks: dict[str, dict[str, int]], names: list[str]) -> dict[str, int]:
    return {key: sum(risks[name][key] for name in names) for key in KEYS}


@pytest.mark.parametrize("zoom", [5, 7, 8, 9, 10, 11, 12])
async def test_every_risk_is_counted_once_whatever_the_scale(client, risks, zoom):
    every = total_of(risks, list(risks))
    found, _ = await counted(client, zoom)
    assert found == every


@pytest.mark.parametrize(("zoom", "wide"), [(6, True), (8, False), (9, False)])
async def test_cells_made_of_rows_are_those_that_were_stored(database_url, risks, zoom, wide):
    insert(database_url, "hazard_points", "MULTILINESTRING((115.2 25.3, 115.4 25.31))", "line", grade="orange")
    with psycopg.connect(database_url) as connection:
        for layer in RISKS:
            connection.execute(f"UPDATE {layer} SET division_code = '360721101000'")
    # A township is deeper than what is stored of divisions: the very rows are counted, stripe by stripe or, of a wide
    # tile, by the index of geometries.
    layers = tuple(REGISTRY[name] for name in RISKS)
    county, town = (Selection(layers, division=code) for code in ("360721", "360721101"))
    assert can_count(county, zoom)
    assert not can_count(town, zoom)
    assert (360 / 2**zoom > 5) == wide
    database, counts = Database(database_url), 0
    try:
        for x in range(int((114.0 + 180) / 360 * 2**zoom), int((116.6 + 180) / 360 * 2**zoom) + 1):
            for y in range(int(0.421 * 2**zoom), int(0.432 * 2**zoom) + 1):
                tile = TileAddress(zoom, x, y)
                stored, rows = [await fetch_tile(database, each, tile, 1) for each in (county, town)]
                assert stored.mvt == rows.mvt
                counts += sum(cell.properties["total"] for cell in decode(rows.mvt).get("cells", []))
    finally:
        await database.close()
    assert counts == 304


async def test_layers_and_grades_asked_for_are_counted_anew(client, risks):
    some = ["hazard_points", "forest_zones"]
    found, _ = await counted(client, 8, layers=",".join(some))
    assert found == total_of(risks, some)
    found, _ = await counted(client, 8, grades="red,none")
    every = total_of(risks, list(risks))
    assert found == {**dict.fromkeys(KEYS, 0), "red": every["red"], "none": every["none"]}


async def test_resources_are_in_no_plate(client, risks):
    async for tile in tiles(client, 8):
        for cell in tile.get("cells", []):
            assert set(json.loads(cell.properties["layers"])) <= set(RISKS)


async def test_what_stands_alone_is_told_by_its_name(client, risks):
    seen = 0
    for zoom in (9, 10):
        async for tile in tiles(client, zoom):
            for cell in tile.get("cells", []):
                alone = cell.properties["total"] == 1
                assert alone == ("source_id" in cell.properties)
                if alone:
                    seen += 1
                    assert json.loads(cell.properties["layers"]) == {cell.properties["layer"]: 1}
                    address = f"/layers/{cell.properties['layer']}/features/cells/{cell.properties['source_id']}"
                    if cell.properties["source"] == "cells":
                        feature = (await client.get(address)).json()
                        assert feature["properties"]["name"] == cell.properties["name"]
                        assert feature["properties"]["grade"] == cell.properties.get("grade")
    assert seen > 10


@pytest.mark.parametrize("zoom", [7, 9, 10])
async def test_no_plate_lies_on_another(client, risks, zoom):
    async for tile in tiles(client, zoom):
        boxes = []
        for cell in tile.get("cells", []):
            x, y = (value / 8 for value in cell.points[0])
            figures = len(str(cell.properties[cell.properties.get("grade", "none")])) + len(
                str(cell.properties["total"])
            )
            half = (14, 14) if cell.properties["total"] == 1 else ((42 + 8 * figures) / 2, 13)
            boxes.append((x - half[0], y - half[1], x + half[0], y + half[1]))
        for n, one in enumerate(boxes):
            assert min(one) >= 0, "none crosses the tile's edge"
            assert max(one) <= 512
            for other in boxes[n + 1 :]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                assert apart, (one, other)


async def test_a_picture_counts_the_same_cells(database_url, risks):
    database = Database(database_url, pool_size=1)
    try:
        layers = tuple(REGISTRY[name] for name in RISKS)
        cells = await fetch_risk_cells(database, Selection(layers), Box(114.0, 24.5, 116.6, 26.7), 7)
        red = await fetch_risk_cells(
            database, Selection(layers, grades=frozenset({RiskGrade.RED})), Box(114.0, 24.5, 116.6, 26.7), 7
        )
    finally:
        await database.close()
    every = total_of(risks, list(risks))
    assert {key: sum(cell.by_grade[key] for cell in cells) for key in KEYS} == every
    assert [cell.grade.rank if cell.grade else 5 for cell in cells] == sorted(
        cell.grade.rank if cell.grade else 5 for cell in cells
    ), "worst first"
    assert sum(cell.total for cell in red) == every["red"]
    for cell in cells:
        assert sum(cell.by_layer.values()) == cell.total
        assert (cell.only is not None) == (cell.total == 1)
