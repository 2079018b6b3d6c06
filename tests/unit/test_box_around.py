"""The box of degrees around a place holds every point within the radius, by the ellipsoid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from pyproj import Geod

from geo.selection import box_around

GEOD = Geod(ellps="GRS80")
BEARINGS = np.linspace(0.0, 360.0, 1441)


@given(lon=some.floats(-180.0, 180.0), lat=some.floats(-90.0, 90.0), radius_m=some.floats(0.001, 200_000.0))
def test_no_point_within_the_radius_lies_outside(lon, lat, radius_m):
    box = box_around(lon, lat, radius_m)
    if box is None:
        return
    west, south, east, north = box
    count = len(BEARINGS)
    lons, lats, _ = GEOD.fwd(np.full(count, lon), np.full(count, lat), BEARINGS, np.full(count, radius_m))
    assert west <= min(lons)
    assert max(lons) <= east
    assert south <= min(lats)
    assert max(lats) <= north


def test_it_is_hardly_larger_than_the_circle():
    west, south, east, north = box_around(116.0, 27.0, 2000.0)
    _, _, wide = GEOD.inv(west, 27.0, east, 27.0)
    _, _, high = GEOD.inv(116.0, south, 116.0, north)
    assert 4000.0 <= wide < 4020.0
    assert 4000.0 <= high < 4020.0


@pytest.mark.parametrize(
    "place",
    [(180.0, 0.0, 1.0), (-179.99, 10.0, 2000.0), (0.0, 90.0, 1.0), (100.0, -88.0, 200_000.0)],
    ids=["on the 180th meridian", "across it", "a pole", "near a pole"],
)
def test_near_a_pole_and_across_the_180th_meridian_there_is_none(place):
    assert box_around(*place) is None
