"""Sprites: all icons of a theme in one picture with its index, as MapLibre reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from xml.etree import ElementTree

from geo.cartography.drawing import Svg
from geo.cartography.engine import Drawing, DrawLayer, draw

__all__ = ["Cell", "Sprite", "draw_sprite", "pack"]

_GAP_PX = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """Where an icon stands in the sheet, in design pixels from its top left."""

    x: int
    y: int
    edge: int


@dataclass(frozen=True, slots=True)
class Sprite:
    """The sheet (PNG) and its index (JSON bytes) at one pixel ratio."""

    png: bytes
    index: bytes


def pack(drawings: Mapping[str, Svg]) -> tuple[dict[str, Cell], int, int]:
    """Places for all icons in rows of like height, and the sheet's width and height."""
    widest = ceil(sqrt(sum((svg.edge_px + _GAP_PX) ** 2 for svg in drawings.values())) * 1.1)
    cells: dict[str, Cell] = {}
    x = y = row = 0
    for name, svg in sorted(drawings.items(), key=lambda item: (-item[1].edge_px, item[0])):
        edge = ceil(svg.edge_px)
        if x + edge > widest:
            x, y, row = 0, y + row + _GAP_PX, 0
        cells[name] = Cell(x, y, edge)
        x, row = x + edge + _GAP_PX, max(row, edge)
    return dict(sorted(cells.items())), max(widest, max(cell.edge for cell in cells.values())), y + row


def draw_sprite(drawings: Mapping[str, Svg], folder: Path, ratio: int) -> Sprite:
    """The sprite at ``ratio`` device pixels per design pixel, drawn by the engine that draws the maps.

    ``folder`` holds the same drawings as files.

    Raises:
        RenderError: the sheet could not be drawn.
    """
    cells, width, height = pack(drawings)
    root = ElementTree.Element("Map")
    style = ElementTree.SubElement(root, "Style", name="icons")
    features = []
    for name, cell in cells.items():
        rule = ElementTree.SubElement(style, "Rule")
        ElementTree.SubElement(rule, "Filter").text = f"[icon] = '{name}'"
        ElementTree.SubElement(rule, "MarkersSymbolizer", {"file": f"{folder}/{name}.svg", "allow-overlap": "true"})
        # Centres in pixels, y upwards as in a map.
        centre = [cell.x + cell.edge / 2, height - cell.y - cell.edge / 2]
        features.append(
            {"type": "Feature", "properties": {"icon": name}, "geometry": {"type": "Point", "coordinates": centre}}
        )
    geojson = json.dumps({"type": "FeatureCollection", "features": features})
    flat = "+proj=eqc +ellps=sphere +no_defs"
    drawing = Drawing(
        width,
        height,
        flat,
        (0, 0, width, height),
        ElementTree.tostring(root, "unicode"),
        (DrawLayer("icons", ("icons",), geojson, flat),),
    )
    index = {
        name: {
            "x": cell.x * ratio,
            "y": cell.y * ratio,
            "width": cell.edge * ratio,
            "height": cell.edge * ratio,
            "pixelRatio": ratio,
        }
        for name, cell in cells.items()
    }
    return Sprite(draw(drawing, "png", ratio), json.dumps(index, separators=(",", ":")).encode())
