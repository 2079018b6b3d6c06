"""What the layers of a tile hold, as TileJSON and PMTiles tell it."""

from __future__ import annotations

from collections.abc import Iterable

from geo.cartography.cells import CELLS
from geo.cartography.risk_cells import RISK_CELLS
from geo.cartography.tile_address import SOURCE_MAX_ZOOM
from layers.layer import Family, Layer
from layers.severity import RiskGrade

__all__ = ["vector_layers"]


def vector_layers(layers: Iterable[Layer]) -> list[dict[str, object]]:
    """The ``vector_layers`` of TileJSON 3.0; beside each layer the cells that crowded tiles hold instead."""
    chosen = list(layers)
    told = [each for layer in chosen for each in _told(layer)]
    if any(layer.graded for layer in chosen):
        texts = dict.fromkeys(("grade", "layers", "bounds", "layer", "source", "source_id", "name", "glyph"), "String")
        counts = dict.fromkeys(("total", *RiskGrade, "none"), "Number")
        zooms = {"minzoom": 0, "maxzoom": SOURCE_MAX_ZOOM}
        told.append({"id": RISK_CELLS, "description": str(Family.RISK.label), **zooms, "fields": {**texts, **counts}})
    return told


def _told(layer: Layer) -> Iterable[dict[str, object]]:
    fields = {"source": "String", "source_id": "String", "name": "String", "grade": "String", "demo": "Boolean"}
    if layer.symbol.glyph_field:
        fields[layer.symbol.glyph_field] = "String"
    zooms = {"minzoom": layer.zooms.features, "maxzoom": SOURCE_MAX_ZOOM}
    yield {"id": layer.name, "description": str(layer.title), **zooms, "fields": fields}
    if layer.counted and not layer.graded:
        yield {
            "id": layer.name + CELLS,
            "description": str(layer.title),
            **zooms,
            "fields": {"grade": "String", "total": "Number"},
        }
