"""Folium styles: the one symbology for maps in notebooks. Only drawings and colours of ours become HTML, never data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import folium

from geo.cartography.drawing import draw_mark
from geo.cartography.symbology import LayerSymbology, size_factor
from layers.severity import RiskGrade

__all__ = ["mark_icon", "path_style"]

_NOTEBOOK_ZOOM = 14.0


def _grade_of(properties: Mapping[str, object]) -> RiskGrade | None:
    grade = properties.get("grade")
    return RiskGrade(grade) if isinstance(grade, str) and grade in set(RiskGrade) else None


def path_style(symbology: LayerSymbology) -> Callable[[Mapping[str, Mapping[str, object]]], dict[str, object]]:
    """A ``style_function`` for ``folium.GeoJson``: lines and polygons in the colours of their grade."""

    def style(feature: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
        paint = symbology.paint(_grade_of(feature["properties"]))
        return {"color": paint.text, "weight": 2, "fillColor": paint.fill, "fillOpacity": 0.22}

    return style


def mark_icon(symbology: LayerSymbology, properties: Mapping[str, object]) -> folium.DivIcon:
    """The mark of a point feature, at the size it has on a map of a township."""
    grade = _grade_of(properties)
    field = symbology.layer.symbol.glyph_field
    value = properties.get(field) if field else None
    known = symbology.glyphs
    glyph = known[value] if isinstance(value, str) and value in known else known[None]
    svg = draw_mark(replace(symbology.mark(grade, None), glyph=glyph))
    edge = round(svg.edge_px * symbology.scale * size_factor(_NOTEBOOK_ZOOM, grade))
    sized = svg.text.replace(f'width="{svg.edge_px:g}" height="{svg.edge_px:g}"', f'width="{edge}" height="{edge}"', 1)
    return folium.DivIcon(html=sized, icon_size=(edge, edge), icon_anchor=(edge // 2, edge // 2), class_name="onemap")
