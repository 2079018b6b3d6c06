"""The sheet: the map frame in millimetres, its projection, its scale true on the ellipsoid, graticule and scale bar.

Projected in the 3° Gauss-Krüger zone of its centre. 1:N holds on the ground: metres of the projection per millimetre
are N / 1000 times the scale factor at the centre. One pixel of Mapnik is 0.1 mm, so whole millimetres are exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, floor, log2, log10

import numpy as np
import pyproj
import shapely

from geo.cartography.frame import Frame, Inset
from geo.errors import InputError
from geo.exhibits.paper import Box
from layers.text import Text

__all__ = ["PX_PER_MM", "GraticuleLine", "ScaleBar", "Sheet", "round_scale", "sheet_around", "sheet_of_extent"]

PX_PER_MM = 10
_SERIES = (1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7.5, 8)
_STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 18000, 36000)
_LABEL_MM = 19.0
"""From one label of the graticule to the next, at least."""
_LEAST_SCALE = 500.0
_MOST_SCALE = 10_000_000.0


def round_scale(denominator: float) -> float:
    """The next denominator upwards of the series 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7.5, 8 × 10ⁿ.

    Raises:
        InputError: coarser than 1:10,000,000: no page of a place.
    """
    wanted = max(denominator, _LEAST_SCALE)
    power = 10.0 ** floor(log10(wanted))
    found = next((step * power for step in _SERIES if step * power >= wanted * (1 - 1e-9)), 10 * power)
    if found > _MOST_SCALE:
        raise InputError(
            Text(
                f"比例尺 1:{found:,.0f} 太小(最小 1:10 000 000);请缩小范围或半径",
                f"1:{found:,.0f} is too coarse (at most 1:10,000,000); ask for a smaller area or radius",
            ),
            field="scale",
        )
    return found


@dataclass(frozen=True, slots=True)
class GraticuleLine:
    """A meridian or parallel: its label, its places, and where along the edges it meets them."""

    label: str
    is_meridian: bool
    line: tuple[tuple[float, float], ...]
    first_mm: float | None
    """On the top edge (meridian) or the left edge (parallel)."""
    second_mm: float | None
    """On the bottom edge (meridian) or the right edge (parallel)."""
    labelled: bool = True
    """Whether there is room for its label beside those before it."""


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """Four equal parts of ``part_m`` metres and ``part_mm`` millimetres."""

    part_m: float
    part_mm: float


@dataclass(frozen=True)
class Sheet:
    """A map frame of ``box`` on the page, centred on a place, at 1:``scale``.

    Where the page is ``enlarged`` when it is finished, 1:``scale`` holds on the enlarged paper.
    """

    box: Box
    lon: float
    lat: float
    scale: float
    enlarged: float = 1.0

    @property
    def central_meridian(self) -> int:
        """Of the 3° zone that holds the centre."""
        return round(self.lon / 3) * 3

    @property
    def srs(self) -> str:
        """PROJ's definition of the zone."""
        return (
            f"+proj=tmerc +lat_0=0 +lon_0={self.central_meridian} +k=1 +x_0=500000 +y_0=0 "
            "+ellps=GRS80 +units=m +no_defs"
        )

    @property
    def epsg(self) -> int | None:
        """CGCS2000 / 3-degree Gauss-Krüger CM …; None outside 75°E to 135°E."""
        number = (self.central_meridian - 75) // 3
        return 4534 + number if 0 <= number <= 20 else None

    @cached_property
    def _factors(self) -> tuple[float, float]:
        factors = pyproj.Proj(self.srs).get_factors(self.lon, self.lat)
        return float(factors.meridional_scale), float(factors.meridian_convergence)

    @property
    def convergence_deg(self) -> float:
        """The angle from grid north to true north at the centre, positive east of the central meridian."""
        return self._factors[1]

    @cached_property
    def frame(self) -> Frame:
        """The same frame for the cartography, 10 px a millimetre."""
        half_x, half_y = (self._unit_per_mm * edge / 2 for edge in (self.box.w, self.box.h))
        x, y = pyproj.Proj(self.srs)(self.lon, self.lat)
        extent = (x - half_x, y - half_y, x + half_x, y + half_y)
        return Frame(self.box.w * PX_PER_MM, self.box.h * PX_PER_MM, Inset(), self.srs, extent)

    @property
    def _unit_per_mm(self) -> float:
        return self.scale * self.enlarged / 1000 * self._factors[0]

    @property
    def screen_zoom(self) -> float:
        """The Web-Mercator zoom (512 px tiles) at which a screen of 96 dpi shows the map at this size."""
        return self.frame.zoom - log2(PX_PER_MM * 25.4 / 96)

    def mm(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place falls, mm from the frame's top left."""
        x, y = self.frame.pixel(lon, lat)
        return x / PX_PER_MM, y / PX_PER_MM

    def lonlat(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """The place at a point of the frame."""
        return self.frame.lonlat(x_mm * PX_PER_MM, y_mm * PX_PER_MM)

    @cached_property
    def outline(self) -> shapely.Polygon:
        """The frame's edge in degrees."""
        return shapely.Polygon(self.frame.outline)

    def holds(self, lon: float, lat: float, margin_mm: float = 0.0) -> bool:
        """Whether a place is inside the frame by at least ``margin_mm``."""
        x, y = self.mm(lon, lat)
        return margin_mm <= x <= self.box.w - margin_mm and margin_mm <= y <= self.box.h - margin_mm

    @property
    def simplify_deg(self) -> float:
        """A tolerance of 0.04 mm on paper."""
        return 0.04 * self.scale * self.enlarged / 1000 / 111_000

    def bar(self) -> ScaleBar:
        """Four parts, each 1, 2 or 5 × 10ⁿ metres, whole at most 52 mm (60 on a wide frame)."""
        per_mm = self.scale * self.enlarged / 1000
        # A narrow frame keeps room for the scale in figures beside the bar.
        most_m = (60 if self.box.w > 200 else min(52.0, self.box.w * 0.42)) / 4 * per_mm
        power = 10.0 ** floor(log10(most_m))
        part_m = max(step * power for step in (1, 2, 5) if step * power <= most_m)
        return ScaleBar(part_m, part_m / per_mm)

    @cached_property
    def graticule(self) -> tuple[GraticuleLine, ...]:
        """Three to seven lines across the longer edge, none of them where its label would leave the frame."""
        lons, lats = zip(*self.frame.outline, strict=True)
        step = self._step((max(lons) - min(lons)) * 3600, (max(lats) - min(lats)) * 3600)
        found = [
            *(self._meridian(n * step, step) for n in _multiples(min(lons) * 3600, max(lons) * 3600, step)),
            *(self._parallel(n * step, step) for n in _multiples(min(lats) * 3600, max(lats) * 3600, step)),
        ]
        seen = [line for line in found if line.first_mm is not None or line.second_mm is not None]
        return tuple(_spaced([each for each in seen if each.is_meridian], self.box.w)) + tuple(
            _spaced([each for each in seen if not each.is_meridian], self.box.h)
        )

    def _step(self, width_s: float, height_s: float) -> int:
        return next((step for step in _STEPS_S if max(width_s, height_s) / step <= 5.5), _STEPS_S[-1])

    def _meridian(self, at_s: float, step_s: int) -> GraticuleLine:
        lats = np.array([lat for _, lat in self.frame.outline])
        line = [(at_s / 3600, float(lat)) for lat in np.linspace(lats.min(), lats.max(), 25)]
        xy = np.array([self.mm(*place) for place in line])
        order = np.argsort(xy[:, 1])
        top, bottom = (float(np.interp(y, xy[order, 1], xy[order, 0])) for y in (0.0, self.box.h))
        return GraticuleLine(
            _degrees(at_s, step_s, "E" if at_s >= 0 else "W"),
            True,
            tuple(line),
            top if 0 < top < self.box.w else None,
            bottom if 0 < bottom < self.box.w else None,
        )

    def _parallel(self, at_s: float, step_s: int) -> GraticuleLine:
        lons = np.array([lon for lon, _ in self.frame.outline])
        line = [(float(lon), at_s / 3600) for lon in np.linspace(lons.min(), lons.max(), 25)]
        xy = np.array([self.mm(*place) for place in line])
        left, right = (float(np.interp(x, xy[:, 0], xy[:, 1])) for x in (0.0, self.box.w))
        return GraticuleLine(
            _degrees(at_s, step_s, "N" if at_s >= 0 else "S"),
            False,
            tuple(line),
            left if 0 < left < self.box.h else None,
            right if 0 < right < self.box.h else None,
        )


def _spaced(lines: list[GraticuleLine], edge_mm: float) -> list[GraticuleLine]:
    """Labels so far apart that none lies on the next; the page keeps each 7 mm from the frame's corners."""
    spaced, last = [], -_LABEL_MM
    for line in sorted(lines, key=lambda each: each.first_mm or 0.0):
        at = min(max(line.first_mm or 0.0, 7.0), edge_mm - 7)
        free = line.first_mm is not None and at - last >= _LABEL_MM
        last = at if free else last
        spaced.append(replace(line, labelled=free))
    return spaced


def _multiples(least: float, most: float, step: float) -> range:
    return range(ceil(least / step), floor(most / step) + 1)


def _degrees(at_s: float, step_s: int, side: str) -> str:
    seconds = round(abs(at_s))
    text = f"{seconds // 3600}°{seconds % 3600 // 60:02d}′"
    return f"{text}{seconds % 60:02d}″{side}" if step_s % 60 else f"{text}{side}"


def sheet_around(
    box: Box, lon: float, lat: float, reach_m: float, scale: float | None = None, enlarged: float = 1.0
) -> Sheet:
    """A circle of ``reach_m`` around a place with at least 1.5 mm to spare on every side; or the given 1:``scale``."""
    room_mm = (min(box.w, box.h) / 2 - 1.5) * enlarged
    return Sheet(box, lon, lat, scale or round_scale(reach_m / room_mm * 1000), enlarged)


def sheet_of_extent(
    box: Box,
    shape: shapely.geometry.base.BaseGeometry,
    scale: float | None = None,
    *,
    rounded: bool = True,
    enlarged: float = 1.0,
) -> Sheet:
    """A shape in degrees, with 2 mm to spare on every side, centred in its zone's plane."""
    west, south, east, north = shape.bounds
    first = Sheet(box, (west + east) / 2, (south + north) / 2, 1_000_000)
    projected = pyproj.Proj(first.srs)
    flat = np.column_stack(projected(*shapely.get_coordinates(shape).T))
    (left, low), (right, high) = flat.min(axis=0), flat.max(axis=0)
    lon, lat = projected((left + right) / 2, (low + high) / 2, inverse=True)
    spare = 4
    needed = max((right - left) / (box.w - spare), (high - low) / (box.h - spare), 1e-3) * 1000 / enlarged
    return Sheet(box, float(lon), float(lat), scale or (round_scale(needed) if rounded else needed), enlarged)
