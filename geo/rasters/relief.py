"""Relief: hillshade by Horn's method on true metres, as a layer of light and shadow that lies over any ground.

Horn (1981), "Hill shading and the reflectance map", Proceedings of the IEEE 69: slope and aspect from the eight
neighbours, brightness = cos(incidence). Flat land is left as it is; slopes towards the light are whitened, slopes away
from it darkened, so that the same picture serves under marks, over tints and over a basemap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.errors import InputError
from geo.rasters.reading import FloatArray
from layers.text import Text

__all__ = ["Light", "brightness", "relief_rgba"]

_MOST_SHADOW = 0.62
_MOST_GLEAM = 0.42
_NATURAL_M_PER_PX = 10.0
"""Down to this ground resolution slopes are drawn as they are; farther out they would flatten to nothing."""
_GAIN = 0.7
"""Below 1: gentle slopes are told from flat land too."""


@dataclass(frozen=True, slots=True)
class Light:
    """Where the light stands: azimuth in degrees from north, clockwise; altitude in degrees above the horizon.

    Raises:
        InputError: no direction that light can have.
    """

    azimuth: float = 315.0
    altitude: float = 45.0

    def __post_init__(self) -> None:
        if not (0 <= self.azimuth <= 360 and 5 <= self.altitude <= 85):
            raise InputError(
                Text(
                    f"光源方位角 {self.azimuth:g}° 应在 0 到 360 之间,高度角 {self.altitude:g}° 应在 5 到 85 之间",
                    f"the light's azimuth {self.azimuth:g}° should be 0–360, its altitude {self.altitude:g}° 5–85",
                ),
                field="azimuth",
            )


def brightness(heights: FloatArray, metres_across: FloatArray, metres_down: FloatArray, light: Light) -> FloatArray:
    """cos(incidence), 0 to 1, at the inner pixels of ``heights``: ``(h, w)`` in metres give ``(h - 2, w - 2)``.

    ``metres_across`` and ``metres_down`` are the ground metres of a pixel of each inner row, ``(h - 2, 1)``. A pixel
    that is unknown, or has an unknown neighbour, is NaN.
    """
    a, b, c = heights[:-2, :-2], heights[:-2, 1:-1], heights[:-2, 2:]
    d, f = heights[1:-1, :-2], heights[1:-1, 2:]
    g, h, i = heights[2:, :-2], heights[2:, 1:-1], heights[2:, 2:]
    eastward = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * metres_across)
    northward = ((a + 2 * b + c) - (g + 2 * h + i)) / (8 * metres_down)
    azimuth, altitude = np.radians(light.azimuth), np.radians(light.altitude)
    towards = eastward * np.sin(azimuth) + northward * np.cos(azimuth)
    # The surface's normal is (-eastward, -northward, 1) / norm; the light comes from (sin, cos, tan altitude).
    lit = (np.sin(altitude) - towards * np.cos(altitude)) / np.sqrt(1 + eastward**2 + northward**2)
    clipped: FloatArray = np.clip(lit, 0.0, 1.0)
    return np.where(np.isnan(heights[1:-1, 1:-1]), np.nan, clipped)


def exaggeration(metres_per_px: float) -> float:
    """By how much heights are raised so that a far view keeps its relief: 1 up to 10 m a pixel, then its root."""
    return float(max(1.0, metres_per_px / _NATURAL_M_PER_PX) ** 0.5)


def relief_rgba(
    heights: FloatArray, metres_across: FloatArray, metres_down: FloatArray, light: Light, *, dark: bool = False
) -> npt.NDArray[np.uint8]:
    """The inner pixels as RGBA: black or white, with as much opacity as the slope takes or gives light."""
    raised = heights * exaggeration(float(np.median(metres_down)))
    lit = brightness(raised, metres_across, metres_down, light)
    flat = float(np.sin(np.radians(light.altitude)))
    known = np.isfinite(lit)
    away = np.where(known, np.clip((flat - lit) / flat, 0, 1) ** _GAIN, 0.0)
    towards = np.where(known, np.clip((lit - flat) / (1 - flat), 0, 1) ** _GAIN, 0.0)
    # On dark ground a shadow shows little and a gleam much.
    shadow, gleam = (0.8, 0.2) if dark else (_MOST_SHADOW, _MOST_GLEAM)
    found = np.zeros((*lit.shape, 4), np.uint8)
    found[..., :3] = np.where(towards > away, 255, 0)[..., None]
    found[..., 3] = np.rint(255 * np.where(towards > away, gleam * towards, shadow * away))
    return found
