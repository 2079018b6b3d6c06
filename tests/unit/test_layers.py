"""The declarations: schemes that are never mixed up, rules that say why, one registry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.cartography.glyphs import has_glyph
from layers.field import Field, FieldKind
from layers.flood_spots import FLOOD_SPOT_KINDS
from layers.hazard_points import HAZARD_TYPES, danger_grade
from layers.hospitals import HOSPITAL_KINDS
from layers.layer import Child
from layers.registry import discover
from layers.rescue_teams import TEAM_KINDS, TEAM_LEVELS
from layers.rivers import FLOW_DIRECTIONS, RIVER_CLASSES
from layers.schools import SCHOOL_KINDS
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
from layers.supply_depots import DEPOT_KINDS, DEPOT_LEVELS
from layers.supply_stock import SUPPLY_STOCK
from layers.tailings_ponds import (
    CLASS_BOUNDS,
    POND_CLASS,
    POND_SAFETY,
    POND_STATUS,
    above_homes,
    pond_class,
    pond_grade,
)
from layers.text import Text
from layers.water_works import WATER_WORK_KINDS, WORKS_SAFETY, safety_grade

SCHEMES = [
    RISK_GRADE,
    GEOHAZARD_DANGER,
    MAJOR_HAZARD,
    RESERVOIR_SCALE,
    FOREST_FIRE_DANGER,
    WARNING,
    POND_CLASS,
    POND_SAFETY,
    WORKS_SAFETY,
]
VOCABULARIES = [
    HAZARD_TYPES,
    DISASTER_KINDS,
    POND_STATUS,
    FLOOD_SPOT_KINDS,
    WATER_WORK_KINDS,
    TEAM_KINDS,
    TEAM_LEVELS,
    DEPOT_KINDS,
    DEPOT_LEVELS,
    SCHOOL_KINDS,
    HOSPITAL_KINDS,
    RIVER_CLASSES,
    FLOW_DIRECTIONS,
]
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


@pytest.mark.parametrize("choices", [*SCHEMES, *VOCABULARIES], ids=lambda choices: choices.name)
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


@pytest.mark.parametrize(
    ("declared", "people", "wan_yuan", "grade"),
    [
        ("extra_large", None, None, RiskGrade.RED),
        ("medium", 50, None, RiskGrade.YELLOW),
        ("small", None, None, RiskGrade.BLUE),
        ("large", 5, 10, RiskGrade.ORANGE),
        ("small", 2000, 10, RiskGrade.RED),
        ("medium", 200, 10, RiskGrade.YELLOW),
    ],
)
def test_the_danger_class_of_the_source_stands_unless_the_figures_are_worse(declared, people, wan_yuan, grade):
    decision = danger_grade(
        {
            "danger_level": declared,
            "threatened_people": people,
            "threatened_property_cny": None if wan_yuan is None else wan_yuan * WAN,
        }
    )
    assert decision is not None
    assert decision.grade is grade


def test_a_grade_that_the_source_decides_against_the_figures_tells_both():
    why = danger_grade({"danger_level": "large", "threatened_people": 5, "threatened_property_cny": 10 * WAN}).why
    assert why.zh == "来源定险情等级为大型(威胁 5 人、威胁财产 10 万元只合小型,取较重者)"


@given(st.integers(0, 5000), st.floats(0, 3e8), st.integers(0, 500), st.floats(0, 1e7))
def test_more_people_or_property_never_lowers_the_class(people, money, more_people, more_money):
    less = danger_grade({"threatened_people": people, "threatened_property_cny": money})
    more = danger_grade({"threatened_people": people + more_people, "threatened_property_cny": money + more_money})
    assert more.grade.rank <= less.grade.rank


def test_the_registry_holds_the_layers_in_the_order_of_families():
    assert list(discover()) == [
        "hazard_points",
        "reservoirs",
        "forest_zones",
        "enterprises",
        "tailings_ponds",
        "flood_spots",
        "water_works",
        "shelters",
        "helipads",
        "rescue_teams",
        "supply_depots",
        "schools",
        "hospitals",
        "divisions",
        "rivers",
    ]


def test_help_comes_from_shelters_helipads_teams_and_depots():
    assert [layer.name for layer in discover().helpers()] == ["shelters", "helipads", "rescue_teams", "supply_depots"]


@pytest.mark.parametrize("layer", discover().values(), ids=lambda layer: layer.name)
def test_every_symbol_that_is_named_is_drawn(layer):
    kinds = {field.name: field.choices for field in layer.fields}.get(layer.symbol.glyph_field)
    assert set(layer.symbol.glyphs) <= {choice.code for choice in kinds.values} if kinds else not layer.symbol.glyphs
    assert [glyph for glyph in (layer.symbol.glyph, *layer.symbol.glyphs.values()) if not has_glyph(glyph)] in (
        [],
        ["division"],
    )


def test_a_child_table_must_have_its_features_key_and_the_columns_that_are_shown():
    with pytest.raises(ValueError, match="no columns"):
        Child("stock", SUPPLY_STOCK, ("item_name", "colour"))


@pytest.mark.parametrize(
    ("storage_m3", "height_m", "expected"),
    [
        (5e5, 20, "class_5"),  # both five
        (5e6, 20, "class_4"),  # four and five: one apart, the higher
        (5e5, 45, "class_4"),
        (5e7, 20, "class_4"),  # three and five: the higher one lowered by one
        (2e8, 20, "class_3"),  # two and five
        (6e8, 250, "class_1"),
        (6e8, 45, "class_2"),
        (1e7, 60, "class_3"),  # the bound itself is the higher class
        (None, 45, None),
        (5e6, None, None),
    ],
)
def test_the_class_of_a_pond_combines_storage_and_height(storage_m3, height_m, expected):
    assert pond_class(storage_m3, height_m) == expected


@given(st.floats(0, 1e9), st.floats(0, 300), st.floats(0, 1e9), st.floats(0, 300))
def test_the_class_of_a_pond_lies_between_its_two_classes_and_never_far_below_the_higher(storage, height, more, taller):
    codes = [bound[0] for bound in CLASS_BOUNDS]
    rank = codes.index(pond_class(storage, height))
    by_storage = next(at for at, bound in enumerate(CLASS_BOUNDS) if storage >= bound[1])
    by_height = next(at for at, bound in enumerate(CLASS_BOUNDS) if height >= bound[2])
    assert min(by_storage, by_height) <= rank <= max(by_storage, by_height)
    assert rank <= min(by_storage, by_height) + 1
    assert codes.index(pond_class(storage + more, height + taller)) <= rank + 1


@pytest.mark.parametrize(
    ("safety", "below", "people", "grade"),
    [
        ("dangerous", False, 0, RiskGrade.RED),
        ("dangerous", True, 40, RiskGrade.RED),
        ("endangered", True, 40, RiskGrade.RED),
        ("defective", None, 12, RiskGrade.ORANGE),
        ("normal", None, None, RiskGrade.BLUE),
        ("normal", True, None, RiskGrade.YELLOW),
        (None, True, 40, None),
    ],
)
def test_a_pond_above_homes_is_one_grade_worse_and_an_unknown_safety_is_no_grade(safety, below, people, grade):
    decision = pond_grade({"safety": safety, "above_homes": below, "downstream_people": people})
    assert (decision.grade if decision else None) is grade
    if decision and (below or people):
        assert "头顶库" in decision.why.zh


def test_nobody_living_below_does_not_say_that_no_facility_stands_there():
    assert above_homes({"downstream_people": 0}) is None
    assert above_homes({"downstream_people": 3}) is True
    assert above_homes({"above_homes": False, "downstream_people": 3}) is False


def test_a_work_of_class_four_is_red_and_one_never_appraised_has_no_grade():
    assert safety_grade({"safety": "class_4"}).grade is RiskGrade.RED
    assert safety_grade({"safety": "class_1"}).grade is RiskGrade.BLUE
    assert safety_grade({"safety": None}) is None


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
