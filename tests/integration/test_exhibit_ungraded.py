"""Where no feature has a grade, how many are 重大 is unknown: an exhibit says 未分级 and prints no 0 for it."""

from __future__ import annotations

import re

import pytest

from tests.exhibit_pages import text_of
from tests.exhibit_shop import made_of
from tests.seeding import insert

COUNTY = "460200"
KINDS: dict[str, dict[str, object]] = {
    "hazards": {"division": COUNTY, "layers": ("hazard_points",)},
    "four_colours": {"division": COUNTY, "by": "township"},
    "assessment": {"division": COUNTY, "period": "2026", "layers": ("hazard_points",)},
    "surroundings": {"lon": 109.6, "lat": 18.2, "radius_m": (1000, 3000)},
}
SAID = re.compile(r"(重大|较大|合计|红橙)[^。，、;；\d]{0,8}(?<!\d)0(处|家|%|\.0%)")


def square(west: float, east: float) -> str:
    return f"MULTIPOLYGON((({west} 18.15, {east} 18.15, {east} 18.25, {west} 18.25, {west} 18.15)))"


def seeded(dsn: str, grades: tuple[str | None, ...]) -> str:
    for code, name, level, west, east in (
        (COUNTY, "崖州县", "county", 109.5, 109.7),
        ("460200001", "东镇", "township", 109.6, 109.7),
        ("460200002", "西镇", "township", 109.5, 109.6),
    ):
        insert(dsn, "divisions", square(west, east), code, name=name, level=level, division_code=code)
    for at, grade in enumerate(grades):
        place, town = f"POINT({109.605 + at / 500} 18.2)", "460200001"
        insert(dsn, "hazard_points", place, f"h{at}", name=f"{at} 组滑坡", grade=grade, division_code=town)
        insert(dsn, "enterprises", place, f"e{at}", name=f"{at} 厂", grade=grade, division_code=town)
    return dsn


@pytest.fixture(scope="module")
def ungraded(module_database_url: str) -> str:
    return seeded(module_database_url, (None, None, None))


@pytest.fixture(scope="module")
def made(ungraded: str):
    return dict(zip(KINDS, made_of(ungraded, [{"kind": kind, **KINDS[kind]} for kind in KINDS]), strict=True))


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_page_says_that_none_is_major_where_nothing_is_graded(made, kind):
    content, pdf = made[kind]
    said = re.sub(r"\s", "", text_of(pdf))
    assert "未分级" in said
    assert SAID.search(said) is None
    assert not [figure for section in content.sections for figure in section.figures if "重大" in figure.label]


@pytest.mark.parametrize("kind", ["hazards", "four_colours", "assessment"])
def test_tables_of_the_ungraded_have_no_columns_of_grades(made, kind):
    content, _ = made[kind]
    keys = {column.key for table in content.tables for column in table.columns}
    assert "grade-none" in keys
    assert not keys & {"grade-red", "grade-orange", "grade-yellow", "grade-blue"}


def test_rings_count_the_ungraded_instead_of_telling_no_major_ones(made):
    content, _ = made["surroundings"]
    rings = next(table for table in content.tables if table.key == "rings")
    rows = {row.cells[0]: row.cells[1:] for row in rings.rows}
    assert "其中重大、较大" not in rows
    assert rows["其中未分级"] == rows["风险隐患"]
    assert rows["其中未分级"][-1] == 6


def test_a_four_colour_map_of_the_ungraded_has_no_fill(made):
    content, _ = made["four_colours"]
    assert content.maps[0].areas == ()
    assert content.maps[0].panel.features.get("choropleth", []) == []
    assert len(content.maps[0].items) == 3


def test_one_grade_brings_the_counts_back(made, ungraded):
    insert(
        ungraded,
        "hazard_points",
        "POINT(109.55 18.2)",
        "graded",
        name="北组滑坡",
        grade="blue",
        division_code="460200002",
    )
    ((content, pdf),) = made_of(ungraded, [{"kind": "hazards", **KINDS["hazards"]}])
    said = re.sub(r"\s", "", text_of(pdf))
    assert "重大、较大合计0处" in said
    assert "未分级3处" in said
    assert SAID.search(said) is not None
    assert {"grade-red", "grade-none"} <= {column.key for table in content.tables for column in table.columns}
