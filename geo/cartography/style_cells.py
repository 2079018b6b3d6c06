"""How the wall shows a crowded tile: cells with the worst grade's shape and their counts."""

from __future__ import annotations

from geo.cartography.cells import CELLS
from geo.cartography.style_parts import FONTS, GRADE, Json, by_grade, sort_key, style_layer
from geo.cartography.symbology import LayerSymbology

__all__ = ["cell_layers"]

_CELL_SIZE = 0.62


def cell_layers(symbology: LayerSymbology) -> tuple[dict[str, Json], dict[str, Json]]:
    """What a crowded tile shows: the worst grade's shape, and beside it how many of that grade and of how many."""
    bare = symbology.mark(None, None).icon
    worst: Json = ["get", GRADE]
    total: Json = ["get", "total"]
    both: Json = ["concat", ["to-string", worst], " / ", ["to-string", total]]
    counts: Json = ["case", ["==", worst, total], ["to-string", total], both]
    icons: dict[str, Json] = {
        "icon-image": ["coalesce", ["get", "grade"], bare],
        "icon-size": round(_CELL_SIZE * symbology.scale, 4),
        "icon-allow-overlap": True,
        "icon-ignore-placement": True,
        "symbol-sort-key": sort_key(worst_on_top=True),
    }
    figures: dict[str, Json] = {
        "text-field": counts,
        "text-font": list(FONTS),
        "text-size": 12,
        "text-anchor": "left",
        "text-offset": [round(0.35 + symbology.scale * 0.8, 2), 0],
        "text-padding": 1,
        "symbol-sort-key": sort_key(worst_on_top=False),
    }
    ink: dict[str, Json] = {
        "text-color": by_grade(symbology, "text"),
        "text-halo-color": symbology.theme.surface.halo,
        "text-halo-width": 1.8,
    }
    source = symbology.layer.name + CELLS
    return (
        {**style_layer(symbology, "cells", "symbol", True, {}, icons), "source-layer": source},
        {**style_layer(symbology, "cell-counts", "symbol", [">", total, 1], ink, figures), "source-layer": source},
    )
