"""Frames: the scale is true on the ellipsoid at the centre, and what was asked for is in the picture whole."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pyproj import Geod

from geo.cartography.frame import Inset, frame_around, frame_of_box
from geo.errors import InputError
from geo.risk.rings import ring_coordinates
from geo.selection import Box

GEOD = Geod(ellps="GRS80")
PLACES = [(115.0, 25.0), (121.5, 53.5), (109.5, 18.2), (87.6, 43.8), (114.9, 0.0), (-70.0, -33.0)]


@pytest.mark.parametrize(("lon", "lat"), PLACES)
@pytest.mark.parametrize("radius_m", [500.0, 5_000.0, 50_000.0, 200_000.0])
def test_a_ring_has_its_true_radius_in_pixels(lon, lat, radius_m):
    frame = frame_around(lon, lat, radius_m * 1.07, 1200, 800, Inset(right=172, bottom=30))
    x, y = frame.pixel(lon, lat)
    wanted_px = radius_m / frame.metres_per_px
    for ring_lon, ring_lat in ring_coordinates(lon, lat, radius_m):
        ring_x, ring_y = frame.pixel(ring_lon, ring_lat)
        assert math.hypot(ring_x - x, ring_y - y) == pytest.approx(wanted_px, rel=4e-4, abs=0.02)
        assert 0 < ring_x < 1200 - 172
        assert 0 < ring_y < 800 - 30


@pytest.mark.parametrize(("lon", "lat"), PLACES)
def test_a_pixel_at_the_centre_is_as_long_as_it_says(lon, lat):
    frame = frame_around(lon, lat, 20_000, 1000, 1000, Inset())
    for azimuth in (0, 45, 90, 200):
        to_lon, to_lat, _ = GEOD.fwd(*frame.center, azimuth, 1000)
        (x0, y0), (x1, y1) = frame.pixel(*frame.center), frame.pixel(to_lon, to_lat)
        assert math.hypot(x1 - x0, y1 - y0) * frame.metres_per_px == pytest.approx(1000, rel=1e-5)


@pytest.mark.parametrize(
    "box",
    [
        Box(114.9, 25.8, 115.2, 26.0),
        Box(113.9, 24.4, 116.7, 27.2),
        Box(73.0, 18.0, 135.0, 54.0),
        Box(-180, -90, 180, 90),
        Box(115.0, 25.0, 115.0000001, 25.0000001),
        Box(0, 84, 40, 90),
    ],
)
def test_a_box_is_shown_whole_and_undistorted(box):
    frame = frame_of_box(box, 900, 600, Inset(right=100, bottom=30))
    reach = 85.0 if "merc" in frame.srs.split()[0] and "tmerc" not in frame.srs else 90.0
    for lon in np.linspace(box.west, box.east, 9):
        for lat in np.linspace(max(box.south, -reach), min(box.north, reach), 9):
            x, y = frame.pixel(lon, lat)
            assert -0.01 <= x <= 800.01
            assert -0.01 <= y <= 570.01
    west, south, east, north = frame.extent
    assert (east - west) / 900 == pytest.approx((north - south) / 600)


def test_pixels_and_places_are_each_others_inverse():
    frame = frame_of_box(Box(114.9, 25.8, 115.2, 26.0), 900, 600, Inset())
    for x, y in [(0, 0), (900, 600), (450, 1), (13.7, 599)]:
        assert frame.pixel(*frame.lonlat(x, y)) == pytest.approx((x, y), abs=1e-6)


def test_the_searched_box_holds_the_frame_and_a_margin_for_marks():
    frame = frame_around(115, 25, 5000, 1200, 800, Inset(right=172, bottom=30))
    corners = [frame.lonlat(x, y) for x in (-40, 1240) for y in (-40, 840)]
    for lon, lat in corners:
        assert frame.box.west <= lon <= frame.box.east
        assert frame.box.south <= lat <= frame.box.north


def test_the_zoom_is_that_of_a_web_map_of_the_same_scale():
    frame = frame_around(115, 60, 10_000, 1000, 1000, Inset())
    assert frame.metres_per_px == pytest.approx(
        2 * math.pi * 6378137 * math.cos(math.radians(60)) / 512 / 2**frame.zoom
    )


@pytest.mark.parametrize("reach", [0.0, -5.0, math.nan, math.inf, 2e6])
def test_a_reach_that_is_no_frame_is_refused(reach):
    with pytest.raises(InputError):
        frame_around(115, 25, reach, 100, 100, Inset())
