"""The graticule: meridians and parallels of whole degrees or minutes, three to seven across the frame, with labels."""

from __future__ import annotations

import json
from math import ceil, floor

import numpy as np

from geo.cartography.engine import DrawLayer
from geo.cartography.frame import Frame
from geo.cartography.furniture import Furniture

__all__ = ["degree_text", "graticule_layers", "graticule_step"]

_STEPS_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000, 72_000, 108_000)
_MOST_LINES = 7
_TEXT_PX = 10.0


def graticule_step(span_degrees: float) -> int:
    """The least step, in seconds of arc, that draws at most seven lines over ``span_degrees``."""
    return next((step for step in _STEPS_SECONDS if span_degrees * 3600 / step <= _MOST_LINES), _STEPS_SECONDS[-1])


def degree_text(seconds: int, step: int) -> str:
    """``115°20′``, ``25°``, ``0°00′30″``: as many parts as the labels of a graticule of this step need."""
    sign, rest = ("−", -seconds) if seconds < 0 else ("", seconds)
    degrees, minutes, over = rest // 3600, rest % 3600 // 60, rest % 60
    if step % 60:
        return f"{sign}{degrees}°{minutes:02d}′{over:02d}″"
    return f"{sign}{degrees}°{minutes:02d}′" if step % 3600 else f"{sign}{degrees}°"


def _multiples(low: float, high: float, step: int) -> range:
    return range(ceil(low * 3600 / step) * step, floor(high * 3600 / step) * step + 1, step)


def graticule_layers(frame: Frame) -> list[DrawLayer]:
    """The lines over the whole picture and their labels at the top and the left edge of the map."""
    lons, lats = zip(*frame.outline, strict=True)
    west, south, east, north = min(lons), min(lats), max(lons), max(lats)
    step = graticule_step(max(east - west, north - south))
    share = np.linspace(0.0, 1.0, 65)
    lines: list[list[tuple[float, float]]] = []
    labels = Furniture(frame)
    for seconds in _multiples(west, east, step):
        line = [(seconds / 3600, float(lat)) for lat in south + share * (north - south)]
        lines.append(line)
        x = _crossing([frame.pixel(*place)[::-1] for place in line], 14.0)
        if x is not None and 24 < x < frame.width - frame.inset.right - 24:
            labels.text(x, 8, degree_text(seconds, step), _TEXT_PX, kind="ink2", align="middle")
    for seconds in _multiples(south, north, step):
        line = [(float(lon), seconds / 3600) for lon in west + share * (east - west)]
        lines.append(line)
        y = _crossing([frame.pixel(*place) for place in line], 14.0)
        if y is not None and 24 < y < frame.height - frame.inset.bottom - 12:
            labels.text(4, y - 7, degree_text(seconds, step), _TEXT_PX, kind="ink2")
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": line}} for line in lines
    ]
    if not features:
        return []
    collection = json.dumps({"type": "FeatureCollection", "features": features})
    return [DrawLayer("graticule", ("graticule",), collection), *labels.layers(["furniture-texts"])]


def _crossing(line: list[tuple[float, float]], at: float) -> float | None:
    """Where a line of (along, across) pixels passes ``along = at``; None when it does not."""
    ordered = sorted(line)
    if not ordered[0][0] <= at <= ordered[-1][0]:
        return None
    return float(np.interp(at, [along for along, _ in ordered], [across for _, across in ordered]))
