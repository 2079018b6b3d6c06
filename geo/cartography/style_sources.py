"""Which source of the style holds a layer's tiles: all graded layers share one, to be counted together."""

from __future__ import annotations

from collections.abc import Iterable

from layers.layer import Layer

__all__ = ["MOST_RISKS", "RISKS", "source_of", "style_sources"]

RISKS = "risks"
"""The source of all graded layers."""

MOST_RISKS = 120
"""How many risks a tile of the wall (512 px) shows one by one; with more their marks would lie on each other."""


def source_of(layer: Layer) -> str:
    """The name of the source in which the style finds ``layer``."""
    return RISKS if layer.graded else layer.name


def style_sources(layers: Iterable[Layer]) -> dict[str, tuple[Layer, ...]]:
    """The sources of a style of ``layers``, each with the layers in its tiles."""
    found: dict[str, tuple[Layer, ...]] = {}
    for layer in layers:
        found[source_of(layer)] = (*found.get(source_of(layer), ()), layer)
    return found
