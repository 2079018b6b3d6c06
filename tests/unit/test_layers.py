"""The declarations: schemes that are never mixed up, rules that say why, one registry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.field import Field, FieldKind
from layers.hazard_points import HAZARD_TYPES, danger_grade
from layers.registry import discover
from layers.severity import (
    FOREST_FIRE_DANGER,
    GEOHAZARD_DANGER,
    MAJOR_HAZARD,
    RESERVOIR_SCALE,
    RISK_GRADE,
    WARNING,
    RiskGrade,
)
from layers.shelters import DISASTER_KINDS
from layers.text import Text

SCHEMES = [RISK_GRADE, GEOHAZARD_DANGER, MAJOR_HAZARD, RESERVOIR_SCALE, FOREST_FIRE_DANGER, WARNING]
WAN = 10_000


def test_the_same_word_is_red_as_a_risk_and_orange_as_a_warning():
    assert RISK_GRADE.read("重大").grade is RiskGrade.RED
    assert WARNING.read("重大").grade is RiskGrade.ORANGE


def test_class_one_is_the_worst_installation_but_the_least_fire_danger():
    assert MAJOR_HAZARD.read("一级").rank == 1
    assert FOREST_FIRE_DANGER.read("一级").rank == 5
    assert FOREST_FIRE_DANGER.read("五级").grade is RiskGrade.RED


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("integer", ["1", "4", "１", " 2 "])
def test_a_bare_integer_is_no_level(scheme, integer):
    assert scheme.read(integer) is None


@pytest.mark.parametrize("choices", [*SCHEMES, HAZARD_TYPES, DISASTER_KINDS], ids=lambda choices: choices.name)
def test_no_spelling_means_two_values(choices):
    seen: dict[str, str] = {}
    for value in choices.values:
        for spelling in value.spellings():
            assert seen.setdefault(spelling, value.code) == value.code
            assert choices.read(spelling) is value


@pytest.mark.parametrize("spelling", ["小(一)型", "小（一）型", "小一型", "小(1)型", "小1型", " 小 1 型 "])
def test_reservoir_scales_are_read_in_every_spelling(spelling):
    assert RESERVOIR_SCALE.read(spelling).code == "small_1"


@pytest.mark.parametrize(
    ("people", "wan_yuan", "grade"),
    [
        (1000, 0, RiskGrade.RED),
        (999, 0, RiskGrade.ORANGE),
        (500, None, RiskGrade.ORANGE),
        (100, 499, RiskGrade.YELLOW),
        (99, 500, RiskGrade.YELLOW),
        (99, 499, RiskGrade.BLUE),
        (0, 5000, RiskGrade.ORANGE),
        (None, 10_000, RiskGrade.RED),
        (99, None, None),
        (None, 100, None),
        (None, None, None),
    ],
)
def test_danger_class_takes_the_worse_and_never_calls_the_unknown_small(people, wan_yuan, grade):
    values = {
        "threatened_people": people,
        "threatened_property_cny": None if wan_yuan is None else wan_yuan * WAN,
    }
    decision = danger_grade(values)
    assert (decision.grade if decision else None) is grade


def test_a_computed_grade_names_the_figures_that_decided():
    why = danger_grade({"threatened_people": 612, "threatened_property_cny": 4300 * WAN}).why
    assert why.zh == "威胁 612 人、威胁财产 4,300 万元,险情等级为大型"
    assert "612" in why.en


@given(st.integers(0, 5000), st.floats(0, 3e8), st.integers(0, 500), st.floats(0, 1e7))
def test_more_people_or_property_never_lowers_the_class(people, money, more_people, more_money):
    less = danger_grade({"threatened_people": people, "threatened_property_cny": money})
    more = danger_grade({"threatened_people": people + more_people, "threatened_property_cny": money + more_money})
    assert more.grade.rank <= less.grade.rank


def test_the_registry_holds_the_six_layers_and_the_divisions_in_the_order_of_families():
    assert list(discover())[:6] == [
        "hazard_points",
        "reservoirs",
        "forest_zones",
        "enterprises",
        "shelters",
        "helipads",
    ]
    assert "divisions" in discover()


@pytest.mark.parametrize("layer", discover().values(), ids=lambda layer: layer.name)
def test_every_declared_header_means_one_field_only(layer):
    seen: dict[str, str] = {}
    for field in layer.fields:
        for alias in field.aliases:
            assert seen.setdefault(alias, field.name) == field.name


@pytest.mark.parametrize("layer", discover().values(), ids=lambda layer: layer.name)
def test_every_text_is_given_in_both_languages(layer):
    texts = [layer.title, layer.grading.title, *(field.title for field in layer.fields)]
    assert all(text.zh.strip() and text.en.strip() for text in texts)


def test_a_choice_field_without_choices_is_refused():
    with pytest.raises(ValueError, match="declares its choices"):
        Field("kind", Text("类", "kind"), FieldKind.CHOICE)


def test_an_assumed_unit_must_be_one_of_the_units():
    with pytest.raises(ValueError, match="not one of its units"):
        Field("size", Text("大小", "size"), FieldKind.NUMBER, assumed_unit="亩")
