"""The graticule has a few lines of whole degrees or minutes, and says which."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.cartography.frame import Inset, frame_around
from geo.cartography.graticule import degree_text, graticule_layers, graticule_step


@pytest.mark.parametrize(
    ("seconds", "step", "text"),
    [
        (115 * 3600, 3600, "115°"), (115 * 3600 + 1200, 600, "115°20′"), (30, 30, "0°00′30″"),
        (-5400, 1800, "−1°30′"), (0, 3600, "0°"), (26 * 3600, 600, "26°00′"),
    ],
)  # fmt: skip
def test_labels_of_one_graticule_have_the_same_parts(seconds, step, text):
    assert degree_text(seconds, step) == text


@given(st.floats(0.0005, 180))
def test_no_frame_has_more_than_seven_lines_nor_fewer_than_two(span):
    step = graticule_step(span)
    assert span * 3600 / step <= 7
    assert span * 3600 / step >= 1.7 or step == 1


@pytest.mark.parametrize("reach_m", [500, 5_000, 50_000, 500_000])
@pytest.mark.parametrize("lat", [-60.0, 0.0, 25.0, 53.0])
def test_lines_lie_on_their_degrees(reach_m, lat):
    frame = frame_around(115.0, lat, reach_m, 900, 640, Inset(172, 30))
    lines, labels = graticule_layers(frame)
    features = json.loads(lines.geojson)["features"]
    assert 3 <= len(features) <= 16
    for each in features:
        places = each["geometry"]["coordinates"]
        assert len({x for x, _ in places}) == 1 or len({y for _, y in places}) == 1
    texts = [each["properties"]["text"] for each in json.loads(labels.geojson)["features"]]
    assert len(texts) == len(set(texts)) or lat == 0
    assert len(texts) >= 2
