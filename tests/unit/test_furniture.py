"""Furniture of a picture: lengths that people can read, texts that fit, nothing where there is no room."""

from __future__ import annotations

import json

import pytest

from geo.cartography.frame import frame_around
from geo.cartography.furniture import INTERNAL_USE, Furniture, fit, inset_for, lay_out, nice_length, text_width
from geo.cartography.legend import legend_entries
from geo.cartography.symbology import compile_layer
from geo.cartography.theme import Themes
from layers.registry import discover

REGISTRY = discover()
GRADES = ("red", "orange", "yellow", "blue", "none")


def furnished(width: int = 1200, height: int = 800, counts=None, **notes: bool) -> Furniture:
    symbologies = [compile_layer(layer, Themes().get("light")) for layer in REGISTRY.values()]
    inset = inset_for(width, height, legend=True, strip=True)
    frame = frame_around(115, 25, 5000, width, height, inset)
    entries = legend_entries(symbologies, counts or {})
    return lay_out(frame, entries, "zh", demo=notes.get("demo", False), cut=notes.get("cut", False))


def texts(made: Furniture) -> list[str]:
    return [str(feature["properties"]["text"]) for feature in made.features.get("furniture-texts", [])]


@pytest.mark.parametrize(
    ("longest", "length"),
    [(1, 1), (1.99, 1), (2, 2), (4.9, 2), (5, 5), (9.99, 5), (10, 10), (1499, 1000), (0.03, 0.02)],
)
def test_a_scale_bar_is_one_two_or_five_times_a_power_of_ten(longest, length):
    assert nice_length(longest) == pytest.approx(length)


def test_a_text_that_is_too_wide_ends_in_an_ellipsis():
    assert fit("避难场所", 12, 48) == "避难场所"
    short = fit("一个特别长的图层名称", 12, 60)
    assert short.endswith("…")
    assert text_width(short, 12) <= 60
    assert fit("字", 12, 3) == "…"


def test_the_note_is_always_there_and_demonstration_data_is_named():
    assert INTERNAL_USE.zh in texts(furnished())
    assert any(text.startswith("演示数据 · ") for text in texts(furnished(demo=True)))
    assert any("未全部画出" in text for text in texts(furnished(cut=True)))


def test_a_legend_with_more_rows_than_room_says_how_many_are_left():
    counts = {name: dict.fromkeys(GRADES, 1) for name in REGISTRY}
    assert not any("另有" in text for text in texts(furnished(height=4000, counts=counts)))
    (rest,) = [text for text in texts(furnished(height=300, counts=counts)) if "另有" in text]
    assert len(texts(furnished(height=300, counts=counts))) < len(texts(furnished(counts=counts)))
    assert rest.strip("另有 行").isdigit()


def test_the_legend_says_when_there_is_nothing():
    assert "图中没有要素" in texts(furnished())


def test_a_small_picture_is_all_map():
    assert inset_for(300, 120, legend=True, strip=True) == inset_for(300, 120, legend=False, strip=False)
    assert furnished(300, 120).features == {}


def test_the_scale_bar_is_as_long_as_it_says():
    made = furnished()
    (said,) = [text for text in texts(made) if text.endswith(" km")]
    bar = made.features["furniture-lines"][1]["geometry"]["coordinates"][0]
    assert abs(bar[1][0] - bar[0][0]) == pytest.approx(float(said.split()[0]) * 1000, rel=1e-4)


def test_layers_are_json_and_only_those_with_features():
    layers = furnished().layers(["panels", "obstacles", "furniture-icons"])
    assert [layer.name for layer in layers] == ["panels", "obstacles"]
    assert all(json.loads(layer.geojson)["features"] for layer in layers)
