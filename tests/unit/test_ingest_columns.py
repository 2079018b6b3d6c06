"""Headers find their fields whatever brackets, spaces and characters they are written with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.ingest.columns import ColumnMap, match_columns
from geo.ingest.headers import read_header
from geo.ingest.schemes import is_foreign
from layers.registry import discover
from layers.severity import FOREST_FIRE_DANGER, RISK_GRADE, Choice, Choices, Level

LAYERS = discover()


def _match(layer: str, *headers: str, **explicit: str) -> ColumnMap:
    return match_columns(LAYERS[layer], headers, explicit)


@pytest.mark.parametrize(
    ("layer", "header", "field"),
    [
        ("hazard_points", "灾害类型 ", "hazard_type"),
        ("hazard_points", "威胁财产（万元）", "threatened_property_cny"),
        ("hazard_points", "威胁\n人口(人)", "threatened_people"),
        ("hazard_points", "监测方法（监测手段）", "monitoring_method"),
        ("hazard_points", "統一編號", "source_id"),
        ("hazard_points", "國標代碼", "division_code"),
        ("hazard_points", "threatened_people", "threatened_people"),
        ("reservoirs", "总 库 容", "storage_m3"),
        ("reservoirs", "水库名称", "name"),
        ("shelters", "避難收容處所名稱", "name"),
        ("helipads", "elevation_ft", "elevation_m"),
        ("enterprises", "ＵＳＣＣ", "uscc"),
    ],
)
def test_a_header_finds_its_field(layer: str, header: str, field: str) -> None:
    assert list(_match(layer, header).fields) == [field]


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [
        ("经度", "纬度"),
        ("經度", "緯度"),
        ("经度(E)", "维度"),
        ("lng", "Lat"),
        ("经度（度分秒）", "北纬"),
        ("longitude_deg", "latitude_deg"),
    ],
)
def test_longitude_and_latitude_in_their_costumes(longitude: str, latitude: str) -> None:
    found = _match("shelters", latitude, longitude)
    assert (found.longitude, found.latitude) == (longitude, latitude)


def test_units_come_from_brackets_and_suffixes_and_unknown_ones_are_not_guessed() -> None:
    found = _match("reservoirs", "总库容(万m³)", "坝高（英尺）", "死水位", "坝长(校核)")
    assert [
        found.fields[name][0].factor for name in ("storage_m3", "dam_height_m", "dead_level_m", "dam_length_m")
    ] == [
        1e4,
        None,
        1.0,
        1.0,
    ]


def test_custom_assumes_wan_yuan_but_our_own_column_name_does_not() -> None:
    assert _match("hazard_points", "威胁财产").fields["threatened_property_cny"][0].factor == 1e4
    assert _match("hazard_points", "threatened_property_cny").fields["threatened_property_cny"][0].factor == 1.0


def test_several_columns_may_claim_a_field_in_the_order_of_its_aliases() -> None:
    found = _match("hazard_points", "监测责任人", "防灾责任人", "险情等级", "野外编号", "统一编号")
    assert [each.header for each in found.fields["responsible_person"]] == ["防灾责任人", "监测责任人"]
    assert [each.header for each in found.fields["source_id"]] == ["统一编号"]
    assert found.unmapped == ("野外编号",)


def test_an_ordinal_is_no_id_and_personal_columns_are_known_as_such() -> None:
    found = _match("hazard_points", "序號", "编号", "监测人2手机", "备注")
    assert found.ordinals == ("序號",)
    assert found.sensitive == {"监测人2手机"}
    assert found.unmapped == ("监测人2手机", "备注")


def test_what_the_user_maps_stands_above_what_is_found() -> None:
    found = _match("hazard_points", "名称", "俗名", "编号", 俗名="name", 编号="-")
    assert [each.header for each in found.fields["name"]] == ["俗名"]
    assert "source_id" not in found.fields
    assert found.unmapped == ("名称", "编号")


@pytest.mark.parametrize("layer", LAYERS)
def test_no_two_fields_of_a_layer_claim_the_same_header(layer: str) -> None:
    owners: dict[str, set[str]] = {}
    for field in LAYERS[layer].importable_fields():
        for word in field.aliases:
            owners.setdefault(read_header(word).key, set()).add(field.name)
    assert {key: names for key, names in owners.items() if len(names) > 1} == {}


@given(st.text(max_size=30))
def test_any_text_is_a_header(text: str) -> None:
    assert read_header(text) == read_header(text)
    found = _match("hazard_points", text)
    assert len(found.report) == 1


@pytest.mark.parametrize(
    ("words", "scheme", "foreign"),
    [
        ({"重大": 3, "较大": 5, "低": 9}, RISK_GRADE, False),
        ({"红": 3, "橙色": 5}, RISK_GRADE, False),
        ({"高": 40, "中": 40, "低": 60, "持續觀察": 30}, RISK_GRADE, True),
        ({"特别重大": 1, "重大": 99}, RISK_GRADE, True),
        ({"重大": 99, "较大": 100, "重人": 1}, RISK_GRADE, False),
        ({"1": 5, "2": 5}, RISK_GRADE, True),
        ({"一级": 5, "五级": 5}, FOREST_FIRE_DANGER, False),
        ({}, RISK_GRADE, False),
    ],
)
def test_a_column_of_another_scale_is_recognised_as_a_whole(
    words: dict[str, int], scheme: Choices[Choice] | Choices[Level], foreign: bool
) -> None:
    assert is_foreign(words, scheme) is foreign
