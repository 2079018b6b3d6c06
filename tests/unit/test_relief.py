"""Hillshade: a tilted plane is as bright as the cosine of the light's angle on it, in metres and not in degrees."""

from __future__ import annotations

import numpy as np
import pytest

from geo.cartography.ogc_crs import MAP_CRSS
from geo.cartography.service_frame import service_frame
from geo.cartography.underlay import ground_steps
from geo.errors import InputError
from geo.rasters.relief import Light, brightness, exaggeration, relief_rgba


def plane(slope_deg: float, facing_deg: float, metres: float = 30.0, size: int = 7):
    """Heights of a plane that falls by ``slope_deg`` towards ``facing_deg`` (from north, clockwise)."""
    rise = np.tan(np.radians(slope_deg))
    column, row = np.meshgrid(np.arange(size) * metres, np.arange(size) * metres)
    east, north = column, -row
    return -rise * (east * np.sin(np.radians(facing_deg)) + north * np.cos(np.radians(facing_deg)))


def steps(metres: float, rows: int = 5):
    return np.full((rows, 1), metres)


@pytest.mark.parametrize("slope", [0.0, 5.0, 20.0, 45.0])
@pytest.mark.parametrize("facing", [0.0, 70.0, 135.0, 315.0])
@pytest.mark.parametrize("light", [Light(), Light(200.0, 30.0)])
def test_a_plane_is_as_bright_as_the_lights_angle_on_it(slope, facing, light):
    # cos(incidence) by the two angles, written as surveyors do: zenith and aspect.
    zenith, tilt = np.radians(90 - light.altitude), np.radians(slope)
    turned = np.radians(light.azimuth - facing)
    wanted = np.cos(zenith) * np.cos(tilt) + np.sin(zenith) * np.sin(tilt) * np.cos(turned)
    found = brightness(plane(slope, facing), steps(30.0), steps(30.0), light)
    assert found == pytest.approx(np.full((5, 5), max(wanted, 0.0)), abs=1e-12)


def test_flat_land_is_left_as_it_is_and_slopes_are_lit_or_shaded():
    flat = relief_rgba(np.zeros((7, 7)), steps(5.0), steps(5.0), Light())
    assert not flat[..., 3].any()
    lit = relief_rgba(plane(20, 315, 5.0), steps(5.0), steps(5.0), Light())
    shaded = relief_rgba(plane(20, 135, 5.0), steps(5.0), steps(5.0), Light())
    assert lit[2, 2, :3].tolist() == [255, 255, 255]
    assert shaded[2, 2, :3].tolist() == [0, 0, 0]
    assert lit[2, 2, 3] > 20 < shaded[2, 2, 3]


def test_what_is_not_known_casts_no_shadow():
    heights = plane(20, 135)
    heights[3, 3] = np.nan
    drawn = relief_rgba(heights, steps(30.0), steps(30.0), Light())
    assert not drawn[1:4, 1:4, 3].any()
    assert drawn[0, 0, 3]


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:3857", "EPSG:4547"])
def test_a_pixel_is_measured_on_the_ground_in_every_crs(code):
    crs = MAP_CRSS[code]
    extent = crs.of_degrees(114.0, 25.0, 114.1, 25.1)
    frame = service_frame(crs, extent, 200, 200)
    across, down = ground_steps(frame, np.array([100.0]), 1.0)
    # 0.1 degrees here are 10.09 km across and 11.08 km down, by the series of the ellipsoid.
    assert across[0, 0] * 200 == pytest.approx(10_090, rel=0.004)
    assert down[0, 0] * 200 == pytest.approx(11_078, rel=0.004)


def test_far_views_raise_their_heights_and_near_ones_do_not():
    assert [exaggeration(metres) for metres in (1, 10)] == [1.0, 1.0]
    assert exaggeration(40) == pytest.approx(2.0)


@pytest.mark.parametrize(("azimuth", "altitude"), [(-1, 45), (361, 45), (315, 0), (315, 90)])
def test_a_light_that_cannot_be_is_refused(azimuth, altitude):
    with pytest.raises(InputError):
        Light(azimuth, altitude)
