"""Water courses of the base map: which classes are drawn at a zoom, and how wide."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from layers.layer import Layer

__all__ = [
    "WIDTH_STEPS",
    "draws_water",
    "named_water_classes_at",
    "water_classes_at",
    "water_field",
    "water_width_px",
]

WIDTH_STEPS = ((6.0, 0.45), (9.0, 0.7), (12.0, 1.0), (15.0, 1.9), (18.0, 3.2))
"""(Web-Mercator zoom, factor on the declared width), linear in between."""


def draws_water(layer: Layer) -> bool:
    """Whether the layer is drawn as water courses."""
    return bool(layer.symbol.water)


def water_field(layer: Layer) -> str:
    """The column that holds a water course's class; without one of its own every course is of no class."""
    return layer.symbol.water_field or "grade"


def water_classes_at(layer: Layer, zoom: float) -> list[str]:
    """The classes that are drawn at ``zoom``; the empty word stands for those that are not known."""
    return [code or "" for code, line in layer.symbol.water.items() if zoom >= line.from_zoom]


def named_water_classes_at(layer: Layer, zoom: float) -> list[str]:
    """The classes whose names are shown at ``zoom``: a name takes more room than its line, and comes a zoom later."""
    return water_classes_at(layer, zoom - 1) if zoom >= layer.zooms.labels else []


def _factor(zoom: float) -> float:
    if zoom <= WIDTH_STEPS[0][0]:
        return WIDTH_STEPS[0][1]
    for (low, narrow), (high, wide) in pairwise(WIDTH_STEPS):
        if zoom < high:
            return narrow + (zoom - low) / (high - low) * (wide - narrow)
    return WIDTH_STEPS[-1][1]


def water_width_px(layer: Layer, zoom: float) -> Mapping[str | None, float]:
    """How wide each class is drawn at ``zoom``."""
    return {code: round(line.width_px * _factor(zoom), 3) for code, line in layer.symbol.water.items()}
