"""How the wall shows a crowded tile: plates of all risks together, and receding dots of what has no grade.

Any MapLibre client draws a plate as the worst grade's shape with its figures; the wall draws the whole plate instead
(``api/wall/src/map/clusters.ts``). Plates keep off each other by where the tile puts them, so all are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.cartography.cells import CELLS
from geo.cartography.risk_cells import RISK_CELLS
from geo.cartography.style_parts import FONTS, GRADE, Json, by_grade, mark_label, sort_key, style_layer
from geo.cartography.style_sources import RISKS
from geo.cartography.symbology import DETAIL_ZOOM, LayerSymbology

__all__ = ["risk_cell_layers", "spread_layer"]

_WORST_SIZE = 0.45
_DOTS: Sequence[Json] = (1, 0.16, 20, 0.22, 400, 0.3)
"""Size of a dot by how many features it stands for."""

_TOTAL: Json = ["get", "total"]
_IS_ALONE: Json = ["==", _TOTAL, 1]


def spread_layer(symbology: LayerSymbology) -> dict[str, Json]:
    """Where the features of a crowded layer without grades are: small plates or discs, larger where there are more."""
    bare = symbology.mark(None, None).icon
    icons: dict[str, Json] = {
        "icon-image": ["coalesce", ["get", "grade"], bare],
        "icon-size": ["interpolate", ["linear"], _TOTAL, *_DOTS],
        "icon-allow-overlap": True,
        "icon-ignore-placement": True,
        "symbol-sort-key": sort_key(worst_on_top=True),
    }
    source = symbology.layer.name + CELLS
    return {**style_layer(symbology, "cells", "symbol", True, {"icon-opacity": 0.6}, icons), "source-layer": source}


def risk_cell_layers(symbology: LayerSymbology, alone_size: Json) -> list[dict[str, Json]]:
    """The cells of all risks, in the style of one of their layers: plates, and marks and names of what stands alone.

    ``alone_size`` is the size of a single feature's mark by zoom and grade.
    """
    layout, paint = mark_label(symbology.theme, 1.2)
    return [_cells("label", _IS_ALONE, layout, paint, minzoom=12), _alone_layer(alone_size), _plate_layer(symbology)]


def _alone_layer(size: Json) -> dict[str, Json]:
    """A cell of one feature: its mark."""
    # What stands for itself is drawn as deep maps draw it; "layer" says so already at a zoom where it has no glyph.
    own: Json = ["concat", GRADE, "-", ["get", "glyph"]]
    icon: Json = [
        "step",
        ["zoom"],
        GRADE,
        DETAIL_ZOOM,
        ["case", _IS_ALONE, ["coalesce", ["image", own], ["image", GRADE]], GRADE],
    ]
    icons: dict[str, Json] = {
        "icon-image": icon,
        "icon-size": size,
        "icon-allow-overlap": True,
        "symbol-sort-key": sort_key(worst_on_top=True),
    }
    return _cells("alone", _IS_ALONE, icons, {})


def _plate_layer(symbology: LayerSymbology) -> dict[str, Json]:
    """A cell of several: the worst grade's shape, how many have it, and how many there are."""
    worst: Json = ["to-string", ["get", GRADE]]
    figures: dict[str, Json] = {
        "icon-image": GRADE,
        "icon-size": _WORST_SIZE,
        "icon-offset": [-40, 0],
        "icon-allow-overlap": True,
        "text-field": ["concat", worst, " / ", ["to-string", _TOTAL]],
        "text-font": list(FONTS),
        "text-size": 12,
        "text-anchor": "left",
        "text-offset": [-0.6, 0],
        "text-allow-overlap": True,
        "symbol-sort-key": sort_key(worst_on_top=True),
    }
    ink: dict[str, Json] = {
        "text-color": by_grade(symbology, "text"),
        "text-halo-color": symbology.theme.surface.halo,
        "text-halo-width": 1.8,
    }
    plate = _cells("plate", ["!", _IS_ALONE], figures, ink)
    return {**plate, "metadata": {**_told("plate"), "onemap:plate": _plate_ink(symbology)}}


def _plate_ink(symbology: LayerSymbology) -> dict[str, Json]:
    """The colours of a plate, for clients that draw it whole."""
    surface = symbology.theme.surface
    paints = symbology.theme.grades
    return {
        "theme": symbology.theme.name,
        "panel": surface.panel,
        "line": surface.line,
        "ink": surface.ink,
        "ink2": surface.ink_2,
        "fills": {key: paint.fill for key, paint in paints.items()},
        "edges": {key: paint.edge for key, paint in paints.items()},
    }


def _told(part: str) -> dict[str, Json]:
    return {"onemap:cells": part}


def _cells(
    part: str, condition: Json, layout: Mapping[str, Json], paint: Mapping[str, Json], minzoom: float | None = None
) -> dict[str, Json]:
    made: dict[str, Json] = {
        "id": f"{RISK_CELLS}-{part}",
        "type": "symbol",
        "source": RISKS,
        "source-layer": RISK_CELLS,
        "metadata": _told(part),
        "filter": condition,
        "layout": dict(layout),
        "paint": dict(paint),
    }
    return made if minzoom is None else {**made, "minzoom": minzoom}
