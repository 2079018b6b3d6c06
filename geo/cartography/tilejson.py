"""What the layers of a tile hold, as TileJSON and PMTiles tell it."""

from __future__ import annotations

from collections.abc import Iterable

from geo.cartography.cells import CELLS
from geo.cartography.tile_address import SOURCE_MAX_ZOOM
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["vector_layers"]


def vector_layers(layers: Iterable[Layer]) -> list[dict[str, object]]:
    """The ``vector_layers`` of TileJSON 3.0; beside each layer its cells, which crowded tiles hold instead."""
    return [told for layer in layers for told in _told(layer)]


def _told(layer: Layer) -> Iterable[dict[str, object]]:
    fields = {"source": "String", "source_id": "String", "name": "String", "grade": "String", "demo": "Boolean"}
    if layer.symbol.glyph_field:
        fields[layer.symbol.glyph_field] = "String"
    zooms = {"minzoom": layer.zooms.features, "maxzoom": SOURCE_MAX_ZOOM}
    yield {"id": layer.name, "description": str(layer.title), **zooms, "fields": fields}
    if layer.counted:
        counts = dict.fromkeys(("total", *RiskGrade, "none"), "Number")
        yield {
            "id": layer.name + CELLS,
            "description": str(layer.title),
            **zooms,
            "fields": {"grade": "String", **counts},
        }
