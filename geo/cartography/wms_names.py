"""What a WMS or WMTS request names: layers and grids, the style of the picture, grades and a division."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.cartography.kvp import Kvp, wrong
from geo.cartography.ogc_errors import OgcError
from geo.cartography.raster_tiles import RasterSource
from geo.cartography.theme import Themes
from geo.selection import division_prefix
from layers.layer import Layer
from layers.registry import Registry
from layers.severity import RiskGrade
from layers.text import Text

__all__ = [
    "DEFAULT_THEME",
    "EVERYTHING",
    "Offered",
    "Shown",
    "read_filters",
    "read_layers",
    "read_style",
]

DEFAULT_THEME = "light"
"""The style of a layer for which none is named."""

EVERYTHING = "onemap"
"""The name of the layer that holds all layers."""

_DEFAULT_STYLES = ("", "default")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list of names stands for: layers and grids, each bottom first. Grids lie below all layers."""

    layers: tuple[Layer, ...]
    grids: tuple[RasterSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be named: the registry's layers, and the loaded grids by their names in OGC services."""

    registry: Registry
    grids: Mapping[str, RasterSource]


def read_layers(kvp: Kvp, name: str, offered: Offered) -> Shown:
    """The layers and grids of a list. A family's name, or ``onemap``, stands for all its layers, worst on top.

    Raises:
        OgcError: ``LayerNotDefined``; missing; or too many.
    """
    found: dict[str, Layer] = {}
    grids: dict[str, RasterSource] = {}
    kvp.need(name)
    words, most = kvp.names(name), len(offered.registry) + len(offered.grids)
    if len(words) > most:
        raise OgcError(
            "InvalidParameterValue",
            Text(
                f"{name} 列了 {len(words)} 个图层;一次最多 {most} 个(LayerLimit)",
                f"{name} lists {len(words)} layers; at most {most} at once (LayerLimit)",
            ),
            name,
        )
    for word in words:
        if word in offered.grids:
            grids.pop(word, None)
            grids[word] = offered.grids[word]
            continue
        for layer in _named(word, name, offered.registry):
            # What is listed twice is drawn once, where it is listed last.
            found.pop(layer.name, None)
            found[layer.name] = layer
    return Shown(tuple(found.values()), tuple(grids.values()))


def _named(word: str, parameter: str, registry: Registry) -> Sequence[Layer]:
    if word in registry:
        return [registry[word]]
    bottom_first = list(reversed(list(registry.values())))
    if word == EVERYTHING:
        return bottom_first
    of_family = [layer for layer in bottom_first if layer.family.value == word]
    if of_family:
        return of_family
    raise OgcError(
        "LayerNotDefined",
        Text(f"没有图层 {word[:60]!r};全部图层见 GetCapabilities", f"no layer {word[:60]!r}; see GetCapabilities"),
        parameter,
    )


def read_style(words: Sequence[str], themes: Themes, locator: str = "STYLES") -> str:
    """The one theme of a picture; empty and ``default`` stand for the default theme.

    Raises:
        OgcError: ``StyleNotDefined``, also where two layers ask for two themes.
    """
    chosen = {DEFAULT_THEME if word in _DEFAULT_STYLES else word for word in words} or {DEFAULT_THEME}
    known = ", ".join(themes.names)
    if len(chosen) > 1:
        raise OgcError(
            "StyleNotDefined",
            Text("一幅图只用一种样式;请为各图层给出同一样式", "a map has one style: give every layer the same"),
            locator,
        )
    (name,) = chosen
    if name not in themes.names:
        raise OgcError(
            "StyleNotDefined",
            Text(f"没有样式 {name[:60]!r};可用 {known}", f"no style {name[:60]!r}; use {known}"),
            locator,
        )
    return name


def read_filters(kvp: Kvp) -> tuple[frozenset[RiskGrade | None] | None, str | None]:
    """``GRADES`` and ``DIVISION``, our own parameters, as at every other address.

    Raises:
        OgcError: an unknown grade, or no division code. InputError: see ``division_prefix``.
    """
    grades: frozenset[RiskGrade | None] | None = None
    if kvp.text("GRADES"):
        try:
            grades = frozenset(None if word == "none" else RiskGrade(word) for word in kvp.names("GRADES"))
        except ValueError as error:
            wanted = Text("red,orange,yellow,blue,none", "red,orange,yellow,blue,none")
            raise wrong("GRADES", kvp.need("GRADES"), wanted) from error
    division = kvp.text("DIVISION")
    if division is not None:
        division_prefix(division)
    return grades, division
