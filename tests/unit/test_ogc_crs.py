"""The CRSs of OGC services agree with the authority on definition and order of axes."""

from __future__ import annotations

import pyproj
import pytest

from geo.cartography.ogc_crs import MAP_CRSS, parse_map_crs
from geo.cartography.ogc_errors import OgcError
from geo.cartography.service_frame import service_frame

PLACES = [(115.0, 25.0), (117.25, 29.5)]


@pytest.mark.parametrize("code", MAP_CRSS)
def test_each_crs_is_the_authoritys_to_the_millimetre(code):
    known = MAP_CRSS[code]
    authority = pyproj.CRS(code.replace("CRS:84", "OGC:CRS84"))
    transformer = pyproj.Transformer.from_crs(authority.geodetic_crs, authority, always_xy=True)
    for lon, lat in PLACES:
        # A zone far off its meridian is still the same function.
        ours, theirs = pyproj.Proj(known.srs)(lon, lat), transformer.transform(lon, lat)
        assert ours == pytest.approx(theirs, abs=1e-9 if known.degrees else 1e-3)


@pytest.mark.parametrize("code", MAP_CRSS)
def test_the_order_of_axes_is_the_authoritys(code):
    axes = pyproj.CRS(code.replace("CRS:84", "OGC:CRS84")).axis_info
    assert MAP_CRSS[code].north_first == (axes[0].direction == "north")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("EPSG:4490", "EPSG:4490"),
        ("epsg:4547", "EPSG:4547"),
        ("urn:ogc:def:crs:EPSG::4490", "EPSG:4490"),
        ("urn:ogc:def:crs:EPSG:6.9:4326", "EPSG:4326"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "CRS:84"),
        ("OGC:CRS84", "CRS:84"),
        ("crs:84", "CRS:84"),
    ],
)
def test_a_crs_is_read_in_the_words_of_each_client(word, code):
    assert parse_map_crs(word).code == code


@pytest.mark.parametrize("word", ["EPSG:4555", "EPSG:4512", "EPSG:4610", "EPSG:", "4490", "GCJ02", "EPSG:44900", "'"])
def test_a_crs_that_is_not_offered_is_refused(word):
    with pytest.raises(OgcError) as refused:
        parse_map_crs(word)
    assert refused.value.exception_code == "InvalidCRS"


@pytest.mark.parametrize("code", MAP_CRSS)
@pytest.mark.parametrize(
    "extent",
    [(-180.0, -90.0, 180.0, 90.0), (1e6, 1e6, 2e6, 2e6), (-1e12, -1e12, 1e12, 1e12), (1e300, 1e300, 1.1e300, 1.1e300)],
)
def test_no_extent_is_too_strange_for_a_frame(code, extent):
    frame = service_frame(MAP_CRSS[code], extent, 256, 128)
    box = frame.box
    assert box.west >= -180
    assert box.north <= 90
    assert frame.metres_per_px > 0
    assert -1100 < frame.zoom < 60


@pytest.mark.parametrize(
    "code", ["EPSG:4490", "EPSG:4326", "CRS:84", "EPSG:3857", "EPSG:4526", "EPSG:4527", "EPSG:4547", "EPSG:4548"]
)
def test_a_frame_of_a_town_measures_its_ground(code):
    crs = MAP_CRSS[code]
    west, south, east, north = crs.of_degrees(115.0, 25.0, 115.02, 25.02)
    frame = service_frame(crs, (west, south, east, north), 100, 100)
    # 0.02° of latitude at 25° is 2,215.6 m on the ellipsoid; a zone's grid is turned there, its box a little higher.
    assert frame.metres_per_px * 100 == pytest.approx(2215.6, rel=0.02 if crs.code.startswith("EPSG:45") else 0.0005)
    x, y = frame.pixel(115.01, 25.01)
    assert abs(x - 50) < 1
    assert abs(y - 50) < 1


def test_what_lies_wholly_beyond_the_latitudes_of_web_mercator_is_told_at_their_edge():
    for south, north in ((89.0, 90.0), (-90.0, -88.0), (-90.0, 90.0)):
        west, low, east, high = MAP_CRSS["EPSG:3857"].of_degrees(100, south, 101, north)
        assert west < east
        assert low <= high
