"""Vector tiles: everything of a layer, worst grade first, versioned, and never stale."""

from __future__ import annotations

import asyncio
import math

import psycopg
import pytest

from tests.mvt import decode
from tests.seeding import insert

CITY = "9/419/219"


def tile_at(lon: float, lat: float, z: int) -> str:
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return f"{z}/{int((lon + 180) / 360 * 2**z)}/{int(y * 2**z)}"


async def features(client, path: str, **parameters):
    response = await client.get(f"/tiles/{path}.mvt", params=parameters)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return decode(response.content)


async def unlike(client, address: str, tag: str):
    """The answer with another ETag than ``tag``; the news of a commit takes milliseconds, never a second."""
    for _ in range(100):
        response = await client.get(address, headers={"If-None-Match": tag})
        if response.status_code == 200:
            return response
        await asyncio.sleep(0.01)
    raise AssertionError(f"{address} is stale a second after the edit")


async def test_a_tile_holds_each_layer_under_its_name_with_what_a_client_needs(client):
    tile = await features(client, tile_at(115.0, 25.0, 9))
    (red,) = [feature for feature in tile["hazard_points"] if feature.properties["source_id"] == "h-1"]
    assert red.properties == {"source": "test", "source_id": "h-1", "name": "下坝组滑坡", "grade": "red", "demo": False}
    assert {"divisions", "forest_zones", "hazard_points", "helipads"} <= set(tile)


async def test_an_ungraded_feature_has_no_grade_and_a_hostile_name_is_text(client):
    tile = await features(client, f"hazard_points/{tile_at(115.02, 25.0, 9)}")
    (feature,) = [feature for feature in tile["hazard_points"] if feature.properties["source_id"] == "h-2"]
    assert "grade" not in feature.properties
    assert feature.properties["name"] == "</script><b>'; DROP TABLE shelters; -- \u202e𬇙㙍"


async def test_a_point_lies_where_it_is(client):
    z, x, y = map(int, tile_at(115.004, 25.0, 14).split("/"))
    (feature, *_) = (await features(client, f"hazard_points/{z}/{x}/{y}"))["hazard_points"]
    (px, py) = feature.points[0]
    lon = (x + px / 4096) / 2**z * 360 - 180
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + py / 4096) / 2**z))))
    assert lon == pytest.approx(115.004, abs=1e-5)
    assert lat == pytest.approx(25.0, abs=1e-5)


async def test_a_line_or_polygon_also_brings_its_anchor_once(client):
    tile = await features(client, tile_at(115.0, 25.0, 9))
    kinds = [feature.kind for feature in tile["forest_zones"]]
    assert sorted(kinds) == ["point", "polygon"]
    anchors = 0
    _, x, y = map(int, tile_at(115.01, 25.0, 11).split("/"))
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            found = await features(client, f"hazard_points/11/{x + dx}/{y + dy}")
            for feature in found.get("hazard_points", []):
                inside = feature.points and all(0 <= value < 4096 for value in feature.points[0])
                if feature.properties["source_id"] == "h-3" and feature.kind == "point" and inside:
                    anchors += 1
    assert anchors == 1


async def test_grades_select_and_worst_come_first(client):
    path = f"hazard_points/{tile_at(115.0, 25.0, 9)}"
    assert {f.properties.get("grade") for f in (await features(client, path, grades="red"))["hazard_points"]} == {"red"}
    assert {f.properties.get("grade") for f in (await features(client, path, grades="none"))["hazard_points"]} == {None}
    every = [f.properties.get("grade") for f in (await features(client, path))["hazard_points"]]
    assert every == sorted(every, key=["red", "orange", "yellow", "blue", None].index)


async def test_an_empty_tile_is_an_empty_answer(client):
    response = await client.get("/tiles/shelters/12/0/0.mvt")
    assert (response.status_code, response.content) == (200, b"")


async def test_an_etag_spares_the_tile_until_the_layer_is_edited(client, small_city):
    address = f"/tiles/shelters/{tile_at(115.3, 25.0, 9)}.mvt"
    first = await client.get(address)
    again = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    insert(small_city, "helipads", "POINT(115.3 25)", "p-9")
    untouched = await client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert untouched.status_code == 304, "another layer's edit does not concern this tile"
    insert(small_city, "shelters", "POINT(115.31 25)", "s-9")
    fresh = await unlike(client, address, first.headers["etag"])
    assert len(decode(fresh.content)["shelters"]) == 2
    assert fresh.headers["etag"] != first.headers["etag"]


async def test_only_an_address_with_the_present_version_may_be_kept_for_ever(client, small_city):
    described = (await client.get("/tiles.json", params={"layers": "shelters"})).json()
    (template,) = described["tiles"]
    z, x, y = tile_at(115.3, 25.0, 9).split("/")
    versioned = template.replace("{z}", z).replace("{x}", x).replace("{y}", y)
    first = await client.get(versioned)
    assert "immutable" in first.headers["cache-control"]
    insert(small_city, "shelters", "POINT(115.31 25)", "s-9")
    late = await unlike(client, versioned, first.headers["etag"])
    assert "immutable" not in late.headers["cache-control"]
    assert len(decode(late.content)["shelters"]) == 2, "an old address shows the present data"
    assert (await client.get("/tiles.json", params={"layers": "shelters"})).json()["tiles"] != [template]


@pytest.mark.parametrize(
    "path",
    [
        "-1/0/0", "99/0/0", "1/2/0", "1/0/-1", "0/0/1", "shelters/3/8/0", "volcanoes/1/0/0", "x/y/z",
        "shelters'; DROP TABLE shelters; --/1/0/0", "%2e%2e/1/0/0", f"1/{10**30}/0",
    ],
)  # fmt: skip
async def test_what_is_no_tile_is_a_problem_and_never_a_fault(client, path):
    response = await client.get(f"/tiles/{path}.mvt")
    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]


async def test_ten_thousand_layers_are_refused(client):
    response = await client.get("/tiles/1/0/0.mvt?layers=" + ",".join(f"{n:x}" for n in range(10_000)))
    assert response.status_code == 422


async def test_ten_thousand_layers_are_not_repeated_in_the_answer(client):
    response = await client.get("/tiles/1/0/0.mvt?layers=" + ",".join(f"{n:x}" for n in range(10_000)))
    assert len(response.content) < 3000


def many(dsn: str, layer: str, wkt: list[str], grades: list[str | None]) -> None:
    """Features ``r-0`` and on, in one statement."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            f"INSERT INTO {layer} (source, source_id, geom, grade, grade_basis) "
            "SELECT 'test', 'r-' || n - 1, ST_GeomFromText(wkt, 4490), grade, '{}' "
            "FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS given (wkt, grade, n)",
            [wkt, grades],
        )


def reservoirs(dsn: str, grades: list[str | None]) -> None:
    """Reservoirs 50 m apart to the east of (115, 25), one of each grade given."""
    many(dsn, "reservoirs", [f"POINT({115 + n / 2000:.4f} 25)" for n in range(len(grades))], grades)


def sums(cells) -> dict[str, int]:
    """What cells count, by grade; those of neighbouring tiles are not this tile's."""
    own = [cell for cell in cells if all(0 <= value < 4096 for value in cell.points[0])]
    return {
        grade: sum(cell.properties.get(grade, 0) for cell in own)
        for grade in ("red", "orange", "yellow", "blue", "none", "total")
    }


@pytest.mark.parametrize("zoom", [5, 8, 9, 12])
async def test_a_crowded_layer_shows_cells_that_count_every_feature(client, small_city, monkeypatch, zoom):
    monkeypatch.setattr("geo.cartography.tiles._FEATURES_PER_LAYER", 5)
    grades = ["red", "orange", None, "blue", "red", None, "yellow"] * 60
    reservoirs(small_city, grades)
    x, y = tile_at(115.0, 25.0, zoom).split("/")[1:]
    found = {"red": 0, "orange": 0, "yellow": 0, "blue": 0, "none": 0, "total": 0}
    for column in range(int(x), int(tile_at(115.21, 25.0, zoom).split("/")[1]) + 1):
        response = await client.get(f"/tiles/reservoirs/{zoom}/{column}/{y}.mvt")
        tile = decode(response.content)
        assert response.headers["x-onemap-counted"].startswith("reservoirs=")
        assert "x-onemap-truncated" not in response.headers
        assert not tile.get("reservoirs"), "no feature is shown twice"
        found = {grade: n + sums(tile["cells"])[grade] for grade, n in found.items()}
    assert found == {"red": 120, "orange": 60, "yellow": 60, "blue": 60, "none": 120, "total": 420}


async def test_a_cell_is_of_the_worst_grade_in_it_and_stands_where_that_is(client, small_city):
    reservoirs(small_city, ["blue"] * 450)
    insert(small_city, "reservoirs", "POINT(115.123 25.01)", "r-red", grade="red")
    z, x, y = map(int, tile_at(115.123, 25.01, 8).split("/"))
    cells = (await features(client, f"reservoirs/{z}/{x}/{y}"))["cells"]
    assert cells[0].properties["grade"] == "red", "the worst comes first"
    assert cells[0].properties["red"] == 1
    lon = (x + cells[0].points[0][0] / 4096) / 2**z * 360 - 180
    assert lon == pytest.approx(115.123, abs=4e-4)


async def test_cells_follow_every_edit_and_the_grades_asked_for(client, small_city):
    reservoirs(small_city, ["blue"] * 500)
    address = f"/tiles/reservoirs/{tile_at(115.0, 25.0, 6)}.mvt"
    first = await client.get(address)
    assert sums(decode(first.content)["cells"])["blue"] == 500
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE reservoirs SET grade = 'red' WHERE source_id LIKE '%-1_'")
        connection.execute("DELETE FROM reservoirs WHERE source_id LIKE '%-2_'")
        connection.execute("UPDATE reservoirs SET retired_at = now() WHERE source_id LIKE '%-3_'")
        connection.execute("UPDATE reservoirs SET geom = 'SRID=4490;POINT(-60 -30)' WHERE source_id LIKE '%-4_'")
    later = await unlike(client, address, first.headers["etag"])
    assert sums(decode(later.content)["cells"]) == {
        "red": 10, "orange": 0, "yellow": 0, "blue": 460, "none": 0, "total": 470,
    }  # fmt: skip
    only = await client.get(address, params={"grades": "blue"})
    assert sums(decode(only.content)["cells"])["total"] == 460
    few = decode((await client.get(address, params={"grades": "red"})).content)
    assert len(few["reservoirs"]) == 10, "ten can be told apart"
    with psycopg.connect(small_city) as connection:
        connection.execute("TRUNCATE reservoirs CASCADE")
        assert connection.execute("SELECT count(*) FROM onemap_cells WHERE layer = 'reservoirs'").fetchone() == (0,)


async def test_a_crowded_layer_keeps_its_large_outlines(client, small_city):
    edges = [115 + n / 2000 for n in range(401)]
    squares = [f"MULTIPOLYGON((({w} 25, {w + 0.0005} 25, {w + 0.0005} 25.0005, {w} 25.0005, {w} 25)))" for w in edges]
    many(small_city, "forest_zones", squares, ["blue"] * 401)
    insert(small_city, "forest_zones", "MULTIPOLYGON(((115 25, 115.3 25, 115.3 25.3, 115 25.3, 115 25)))", "wide")
    tile = await features(client, f"forest_zones/{tile_at(115.1, 25.1, 8)}")
    assert [(each.kind, each.properties["source_id"]) for each in tile["forest_zones"]] == [("polygon", "wide")]
    assert sums(tile["cells"])["total"] == 403


async def test_metrics_tell_of_tiles_the_cache_and_the_pool(client, small_city):
    for _ in range(2):
        await client.get("/tiles/shelters/9/419/219.mvt")
    text = (await client.get("/metrics")).text
    assert 'onemap_tile_requests_total{came_from="database"} 1.0' in text
    assert 'onemap_tile_requests_total{came_from="memory"} 1.0' in text
    assert "onemap_tile_seconds_count 1.0" in text
    assert "onemap_pool_loans 0.0" in text
