"""Heights put into an answer's text: as if it had been read and written, without reading it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from geo.risk.heights import fill_in, split_places

ROOM = ',"elevation_m":\x01,"height_difference_m":\x01}'
TEXT = (
    '{"place":{"divisions":[]},"features":[{"name":"\\u0001 a \\" 滑坡"'
    + ROOM
    + ',{"name":"school"},{"name":"b"'
    + ROOM
    + "]}"
    "\x02[[115.5,25.25],[116,26]]"
)


def test_each_hazard_gets_its_own_height_and_the_place_its_own():
    text, places = split_places(TEXT)
    assert places.tolist() == [[115.5, 25.25], [116.0, 26.0]]
    answer = json.loads(fill_in(text, np.array([120.04, np.nan]), 100.0, {"elevation_m": 100.0, "slope_deg": None}))
    assert answer["place"] == {"elevation_m": 100.0, "slope_deg": None, "divisions": []}
    first, school, last = answer["features"]
    assert first == {"name": '\u0001 a " 滑坡', "elevation_m": 120.0, "height_difference_m": 20.0}
    assert school == {"name": "school"}
    assert (last["elevation_m"], last["height_difference_m"]) == (None, None)


def test_where_the_place_is_unknown_no_difference_is_told():
    text, _ = split_places(TEXT)
    answer = json.loads(fill_in(text, np.array([120.0, 130.0]), None, {"elevation_m": None}))
    assert [each.get("height_difference_m") for each in answer["features"]] == [None, None, None]
    assert answer["features"][0]["elevation_m"] == 120.0


def test_room_and_places_that_do_not_match_are_an_error():
    text, _ = split_places(TEXT)
    with pytest.raises(AssertionError, match="as much room"):
        fill_in(text, np.array([1.0]), None, {})
