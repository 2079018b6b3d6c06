"""The panel: everything with a coordinate, drawn by Mapnik as a vector PDF on nothing, one pixel a tenth millimetre."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from geo.cartography.engine import Drawing, DrawLayer, draw
from geo.cartography.theme import Theme
from geo.exhibits.panel_style import CHOROPLETH, panel_style
from geo.exhibits.pdf import without_flicker
from geo.exhibits.sheet import PX_PER_MM, Sheet

__all__ = ["Feature", "Panel", "draw_panel", "feature", "geometry_of"]

Feature = dict[str, object]
"""A GeoJSON feature; its properties hold what the style reads."""


def geometry_of(shape: BaseGeometry) -> dict[str, object]:
    """A shape as a GeoJSON geometry."""
    geometry: dict[str, object] = json.loads(shapely.to_geojson(shape))
    return geometry


def feature(geometry: Mapping[str, object], **properties: object) -> Feature:
    """A GeoJSON feature in degrees."""
    return {"type": "Feature", "geometry": geometry, "properties": properties}


@dataclass
class Panel:
    """What is drawn, by the name of its style, bottom to top; an absent style draws nothing."""

    sheet: Sheet
    features: dict[str, list[Feature]]

    def add(self, style: str, features: Iterable[Feature]) -> None:
        """Put features on top of those of the same style."""
        self.features.setdefault(style, []).extend(features)

    def place_mm(self, x: float, y: float) -> dict[str, object]:
        """A point of the frame as a geometry."""
        return {"type": "Point", "coordinates": list(self.sheet.lonlat(x, y))}

    def line_mm(self, places: Sequence[tuple[float, float]]) -> dict[str, object]:
        """A line through points of the frame as a geometry."""
        return {"type": "LineString", "coordinates": [list(self.sheet.lonlat(*place)) for place in places]}


STYLES = (
    "land",
    "choropleth",
    "waters",
    "outside",
    "veil",
    "gap",
    "reach",
    "areas",
    "lines",
    "graticule",
    "borders",
    "subject",
    "rings",
    "leaders",
    "columns",
    "true-places",
    "marks",
    "obstacles",
    "column-figures",
    "column-names",
    "numbers",
    "worst-names",
    "ring-names",
    "titles",
    "names",
    "water-names",
    "outline",
    "box",
)
"""Bottom to top. Texts are placed in this order too: what comes first finds its place first."""


def draw_panel(panel: Panel, theme: Theme, icons: Path, choropleth: Sequence[str] = CHOROPLETH) -> bytes:
    """The panel as PDF, the same bytes for the same features. Releases the GIL.

    Raises:
        RenderError: Mapnik could not draw it.
    """
    layers = [
        DrawLayer(name, (name,), json.dumps({"type": "FeatureCollection", "features": found}, ensure_ascii=False))
        for name in STYLES
        if (found := panel.features.get(name))
    ]
    frame = panel.sheet.frame
    assert frame.width == panel.sheet.box.w * PX_PER_MM
    drawing = Drawing(
        frame.width, frame.height, frame.srs, frame.extent, panel_style(theme, icons, choropleth), tuple(layers), None
    )
    return without_flicker(draw(drawing, "pdf"))
