"""The Mapnik style of what frames a map: panels, scale bar, legend, plates and notes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from geo.cartography.fonts import FONT_BOLD, FONT_REGULAR
from geo.cartography.style_xml import LOCL_OFF, element, new_rule, new_style
from geo.cartography.theme import Theme

__all__ = ["add_furniture"]


def add_furniture(root: ElementTree.Element, theme: Theme, icons: Path) -> None:
    """Add the styles; their features are placed in pixels (``furniture.py``)."""
    surface = theme.surface
    obstacle = new_rule(new_style(root, "obstacles"))
    element(
        obstacle,
        "MarkersSymbolizer",
        file=f"{icons}/obstacle.svg",
        width="[width]",
        height="[height]",
        allow_overlap="true",
    )
    panel = new_rule(new_style(root, "panels"))
    element(panel, "PolygonSymbolizer", fill=surface.panel)
    line = new_style(root, "furniture-lines")
    for kind, colour in (("ink", surface.ink), ("line", surface.line), ("panel", surface.panel)):
        element(new_rule(line, f"[kind] = '{kind}'"), "PolygonSymbolizer", fill=colour)
    plate = new_rule(new_style(root, "plates"))
    element(plate, "PolygonSymbolizer", fill=surface.panel)
    element(plate, "LineSymbolizer", stroke="[edge]", stroke_width="[edge_px]", stroke_linejoin="round")
    element(new_rule(new_style(root, "plate-bars")), "PolygonSymbolizer", fill="[color]")
    # A grid's colour over land, as on the map.
    swatch = new_rule(new_style(root, "swatches"))
    element(swatch, "PolygonSymbolizer", fill=surface.land)
    element(swatch, "PolygonSymbolizer", fill="[color]", fill_opacity="[opacity]")
    element(swatch, "LineSymbolizer", stroke=surface.ink_2, stroke_width="0.8")
    icon = new_rule(new_style(root, "furniture-icons"))
    element(
        icon,
        "MarkersSymbolizer",
        file=f"{icons}/[icon].svg",
        transform="scale([size], [size])",
        allow_overlap="true",
        ignore_placement="true",
    )
    texts = new_style(root, "furniture-texts")
    colours = {"ink": surface.ink, "ink2": surface.ink_2, "notice": surface.notice}
    for kind, colour in colours.items():
        for bold, face in ((0, FONT_REGULAR), (1, FONT_BOLD)):
            for side, align in (("right", "left"), ("middle", "middle"), ("left", "right")):
                element(
                    new_rule(texts, f"[kind] = '{kind}' and [bold] = {bold} and [align] = '{align}'"),
                    "TextSymbolizer",
                    "[text]",
                    face_name=face,
                    size="[size]",
                    fill=colour,
                    horizontal_alignment=side,
                    vertical_alignment="middle",
                    allow_overlap="true",
                    font_feature_settings=LOCL_OFF,
                )
