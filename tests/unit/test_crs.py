"""Every coordinate enters in a declared CRS and leaves as CGCS2000 degrees, or is refused with the reason."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crs import Crs, require_lonlat
from geo.errors import CoordinateError, CrsUnknown
from geo.obfuscation import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_gcj02,
)

NANCHANG = (115.944, 28.545)
ONE_CM_DEG = 9e-8

VECTORS = [
    (bd09_to_gcj02, (116.404, 39.915), (116.39762729119315, 39.90865673957631), 2e-6),
    (gcj02_to_bd09, (116.404, 39.915), (116.41036949371029, 39.92133699351021), 1e-9),
    (wgs84_to_gcj02, (116.404, 39.915), (116.41024449916938, 39.91640428150164), 1e-9),
    (wgs84_to_gcj02, (121.5272106, 31.1774276), (121.531541859215, 31.17530398364597), 1e-6),
    (wgs84_to_gcj02, (113.912316, 22.543847), (113.9171764808363, 22.540796131694766), 1e-6),
    (wgs84_to_gcj02, (116.377817, 39.911954), (116.38404722455657, 39.91334545536069), 1e-6),
    (wgs84_to_gcj02, (123.0, 45.0), (123.00607541, 45.00197815), 1e-6),
    (gcj02_to_wgs84, (123.0, 45.0), (122.99395597, 44.99804071), 1e-6),
    (gcj02_to_bd09, (123.0, 45.0), (123.00636499, 45.00636899), 1e-6),
    (bd09_to_gcj02, (123.0, 45.0), (122.99363304, 44.99365430), 1e-6),
    (bd09_to_wgs84, (123.0, 45.0), (122.98762210, 44.99171540), 1e-6),
    (gcj02_to_wgs84, (115.9488547, 28.5416024), NANCHANG, 1e-6),
    (bd09_to_wgs84, (115.9553336, 28.5476193), NANCHANG, 1e-6),
    (gcj02_to_wgs84, (114.9397274, 25.8278183), (114.935, 25.831), 1e-6),
    (bd09_to_wgs84, (112.2672870, 30.3141002), (112.255, 30.311), 1e-6),
]


@pytest.mark.parametrize(("convert", "given_place", "expected", "tolerance"), VECTORS)
def test_published_vectors_are_met(convert, given_place, expected, tolerance):
    lon, lat = convert(np.array([given_place[0]]), np.array([given_place[1]]))
    assert math.isclose(lon[0], expected[0], abs_tol=tolerance)
    assert math.isclose(lat[0], expected[1], abs_tol=tolerance)


@given(st.floats(73.5, 135.0), st.floats(18.0, 53.5))
def test_the_inverse_returns_to_the_place_within_a_millimetre(lon, lat):
    at = np.array([lon]), np.array([lat])
    gcj = wgs84_to_gcj02(*at)
    for back in (gcj02_to_wgs84(*gcj), bd09_to_wgs84(*gcj02_to_bd09(*gcj))):
        assert abs(back[0][0] - lon) < 1e-8
        assert abs(back[1][0] - lat) < 1e-8


def test_coordinates_outside_china_are_not_shifted():
    lon, lat = wgs84_to_gcj02(np.array([2.35]), np.array([48.86]))
    assert (lon[0], lat[0]) == (2.35, 48.86)


@pytest.mark.parametrize(
    ("code", "x", "y"),
    [
        ("EPSG:4527", 39396653.945, 3159295.875),
        ("epsg:4548", 396653.945, 3159295.875),
        ("EPSG:4509", 396653.945, 3159295.875),
        ("EPSG:4526", 38690264.775, 3160383.518),
        ("EPSG:4498", 20396653.945, 3159295.875),
        ("EPSG:4490", *NANCHANG),
        ("EPSG:4326", *NANCHANG),
        ("CRS84", *NANCHANG),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", *NANCHANG),
        ("GCJ-02", 115.9488547, 28.5416024),
        ("bd09", 115.9553336, 28.5476193),
    ],
)
def test_one_point_in_every_crs_is_one_place(code, x, y):
    lon, lat = Crs.parse(code).point_to_cgcs2000(x, y)
    tolerance = 1e-7 if code in ("GCJ-02", "bd09") else ONE_CM_DEG
    assert abs(lon - NANCHANG[0]) < tolerance
    assert abs(lat - NANCHANG[1]) < tolerance


@pytest.mark.parametrize("code", ["EPSG:4610", "EPSG:4214", "EPSG:2363", "EPSG:2431"])
def test_xian_1980_and_beijing_1954_are_refused_not_silently_shifted(code):
    with pytest.raises(CrsUnknown, match="local parameters"):
        Crs.parse(code)


@pytest.mark.parametrize("text", ["", "4490", "WGS 84", "EPSG:999999", "EPSG:4490; DROP TABLE"])
def test_an_unknown_crs_is_refused_with_the_known_ones(text):
    with pytest.raises(CrsUnknown):
        Crs.parse(text)


@pytest.mark.parametrize(("lon", "lat"), [(math.nan, 0), (0, math.inf), (181, 0), (0, -90.5)])
def test_what_is_no_place_is_refused(lon, lat):
    with pytest.raises(CoordinateError):
        require_lonlat(lon, lat)


def test_a_pair_that_only_fits_when_swapped_is_reported_as_such():
    with pytest.raises(CoordinateError, match="swapped"):
        require_lonlat(28.545, 115.944)


@pytest.mark.parametrize(
    ("code", "x", "y", "hint"),
    [
        ("EPSG:4548", 3159295.875, 396653.945, "give easting, northing"),
        ("EPSG:4527", 3159295.875, 39396653.945, "give easting, northing"),
        ("EPSG:3857", 115.944, 28.545, "say CRS84"),
        ("EPSG:4548", 28.545, 115.944, "say CRS84"),
    ],
)
def test_numbers_that_would_land_on_another_continent_are_refused_with_what_they_look_like(code, x, y, hint):
    with pytest.raises(CoordinateError, match=hint):
        Crs.parse(code).point_to_cgcs2000(x, y)


def test_a_crs_of_the_earth_s_centre_is_none_that_a_map_has():
    with pytest.raises(CrsUnknown, match="neither a plane"):
        Crs.parse("EPSG:4978")


def test_rows_that_are_no_place_become_nan_and_the_others_stay():
    lon, lat = Crs.parse("CRS84").to_cgcs2000(np.array([115.0, 400.0, np.nan]), np.array([28.0, 1.0, 1.0]))
    assert lon[0] == 115.0
    assert np.isnan(lon[1:]).all()
    assert np.isnan(lat[1:]).all()
