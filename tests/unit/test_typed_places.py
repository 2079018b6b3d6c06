"""Coordinates typed into a search: each notation is the same place; what is open stays open."""

from __future__ import annotations

import pyproj
import pytest

from geo.typed_places import typed_places

LON, LAT = 115.3182, 25.9571
CITY = (113.9, 24.5, 116.6, 27.2)


def metres(code: str) -> tuple[float, float]:
    """Easting and northing of the place, as PROJ computes them."""
    return pyproj.Transformer.from_crs("EPSG:4490", code, always_xy=True).transform(LON, LAT)


def agreed(text: str) -> str:
    (place,) = typed_places(text, CITY)
    assert abs(place.lon - LON) < 2e-6
    assert abs(place.lat - LAT) < 2e-6
    return place.crs


@pytest.mark.parametrize(
    "text",
    [
        "115.3182, 25.9571",
        "25.9571 115.3182",
        "115°19′5.52″E 25°57′25.56″N",
        "N25°57'25.56\" E115°19'5.52\"",
        "东经115°19′5.52″ 北纬25°57′25.56″",
    ],
)
def test_degrees_in_every_notation_are_the_same_place(text: str) -> None:
    assert agreed(text) == "EPSG:4490"


@pytest.mark.parametrize(("code", "prefix"), [("EPSG:4526", 38), ("EPSG:4527", 39), ("EPSG:4498", 20)])
def test_metres_with_their_zone_are_one_place_in_either_order(code: str, prefix: int) -> None:
    east, north = metres(code)
    assert int(east // 1e6) == prefix
    assert agreed(f"{east:.2f}, {north:.2f}") == code
    assert agreed(f"{north:.2f} {east:.2f}") == code


def test_metres_without_a_zone_are_a_place_only_where_the_data_are() -> None:
    east, north = metres("EPSG:4548")
    text = f"{north:.2f}, {east:.2f}"
    assert agreed(text) == "EPSG:4548"
    assert typed_places(text, None) == []
    assert typed_places(text, (75.0, 30.0, 80.0, 40.0)) == []


@pytest.mark.parametrize("text", ["下坝组滑坡", "360731", "G001", "12, 300", "", "500000 99"])
def test_what_is_no_pair_of_coordinates_is_no_place(text: str) -> None:
    assert typed_places(text, CITY) == []
