"""The Mapnik style: the one symbology as style XML. Declared words and colours only, no feature's value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from geo.cartography.boundaries import BOUNDARIES
from geo.cartography.engine import IMAGE_STYLE, DrawLayer
from geo.cartography.fonts import FONT_BOLD, FONT_REGULAR
from geo.cartography.halo import Halo
from geo.cartography.style_furniture import add_furniture
from geo.cartography.style_xml import LOCL_OFF, element, new_rule, new_style
from geo.cartography.symbology import DETAIL_ZOOM
from geo.cartography.theme import Theme

__all__ = ["mapnik_style", "with_halo"]

_HATCH_ZOOM = 8.0
_STEPS = sorted(
    {-99.0, _HATCH_ZOOM, DETAIL_ZOOM}.union(*((b.line_zoom, b.label_zoom, b.label_until) for b in BOUNDARIES))
)
"""The zooms at which the style changes: between two of them it is the same."""
_HALO_PX = 1.7
_HALOED = ("ground-names", "names")


def mapnik_style(
    theme: Theme, zoom: float, icons: Path, hatches: dict[str, Path], faces: Mapping[str, str] | None = None
) -> str:
    """Style XML for a picture at ``zoom``; ``icons`` is the folder of the theme's marks, ``{icon}.svg``.

    ``faces`` names other fonts instead of the screen's (``print_fonts``).
    """
    step = max((each for each in _STEPS if each <= zoom), default=_STEPS[0])
    return _written(theme.model_dump_json(), step, icons, tuple(hatches.items()), tuple((faces or {}).items()))


def with_halo(layer: DrawLayer, theme: Theme) -> DrawLayer:
    """A layer of names or ground names whose halo the engine may lay by itself."""
    bare = tuple(_bare(style) for style in layer.styles)
    return replace(layer, halo=Halo(theme.surface.halo, _HALO_PX), bare_styles=bare)


def _bare(style: str) -> str:
    """The name of a style without its halos."""
    return f"{style}-bare"


@lru_cache(maxsize=32)
def _written(
    theme_json: str,
    zoom: float,
    icons: Path,
    of_grades: tuple[tuple[str, Path], ...],
    faces: tuple[tuple[str, str], ...],
) -> str:
    theme, hatches, others = Theme.model_validate_json(theme_json), dict(of_grades), dict(faces)
    root = ElementTree.Element("Map")
    element(new_rule(new_style(root, IMAGE_STYLE)), "RasterSymbolizer", scaling="near")
    _ground(root, theme, zoom)
    _areas(root, theme, zoom, hatches)
    _rings(root, theme)
    marks = new_style(root, "marks")
    element(
        new_rule(marks),
        "MarkersSymbolizer",
        file=f"{icons}/[icon].svg",
        transform="scale([size], [size])",
        allow_overlap="true",
        # Small marks are many: names may stand on them. Large ones are few: names keep off.
        ignore_placement="true" if zoom < DETAIL_ZOOM else "false",
    )
    _names(root, theme)
    add_furniture(root, theme, icons)
    for text in root.iter("TextSymbolizer"):
        text.set("face-name", others.get(text.attrib["face-name"], text.attrib["face-name"]))
    for name in _HALOED:
        _without_halos(root, name)
    return ElementTree.tostring(root, "unicode")


def _without_halos(root: ElementTree.Element, name: str) -> None:
    """Add a style's copy that draws letters only."""
    style = next(each for each in root.iter("Style") if each.attrib["name"] == name)
    copied = deepcopy(style)
    copied.set("name", _bare(name))
    for text in copied.iter("TextSymbolizer"):
        for attribute in [each for each in text.attrib if each.startswith("halo-")]:
            del text.attrib[attribute]
    root.append(copied)


def _dashes(lengths: Iterable[float]) -> str:
    return ", ".join(f"{length:g}" for length in lengths)


def _ground(root: ElementTree.Element, theme: Theme, zoom: float) -> None:
    land = new_style(root, "land")
    element(new_rule(land), "PolygonSymbolizer", fill=theme.surface.land, gamma="0.6")
    boundaries = new_style(root, "boundaries")
    names = new_style(root, "ground-names")
    for each in BOUNDARIES:
        if zoom < each.line_zoom:
            continue
        rule = new_rule(boundaries, f"[level] = '{each.level}'")
        # Per feature: the neighbour's casing covers the dashes drawn before it, so a shared border is dashed once.
        casing = {"stroke": theme.boundary.casing, "stroke_linejoin": "round"}
        element(rule, "LineSymbolizer", stroke_width=each.casing_px, **casing)
        element(
            rule,
            "LineSymbolizer",
            stroke=theme.boundary.color,
            stroke_width=each.width_px,
            stroke_dasharray=_dashes(each.dash_px),
        )
        if each.label_zoom <= zoom < each.label_until:
            rule = new_rule(names, f"[level] = '{each.level}'")
            _text(
                rule,
                theme,
                size=each.text_px,
                fill=theme.boundary.label,
                character_spacing=f"{each.text_px / 8:g}",
                margin=4,
            )
    other = new_rule(boundaries, "not ([level] != '') and not ([water_px] > 0)")
    element(other, "LineSymbolizer", stroke=theme.boundary.color, stroke_width="1")
    _waters(root, names, theme)


def _waters(root: ElementTree.Element, names: ElementTree.Element, theme: Theme) -> None:
    """Rivers as wide as their class says, and their names."""
    rule = new_rule(new_style(root, "waters"), "[water_px] > 0")
    ends = {"stroke_linejoin": "round", "stroke_linecap": "round"}
    element(rule, "LineSymbolizer", stroke=theme.rivers.color, stroke_width="[water_px]", **ends)
    _text(
        new_rule(names, "[water_px] > 0"),
        theme,
        size=11.5,
        fill=theme.rivers.label,
        character_spacing="1.5",
        margin=6,
        placement="line",
        max_char_angle_delta="30",
        # A river that could not be joined to one line is not named on every part.
        repeat_distance=180,
    )


def _text(
    rule: ElementTree.Element,
    theme: Theme,
    expression: str = "[name]",
    *,
    size: float,
    fill: str,
    face: str = FONT_REGULAR,
    halo: float = _HALO_PX,
    **attributes: object,
) -> ElementTree.Element:
    return element(
        rule,
        "TextSymbolizer",
        expression,
        face_name=face,
        size=f"{size:g}",
        fill=fill,
        halo_fill=theme.surface.halo,
        halo_radius=f"{halo:g}",
        # Half the time of stroking each glyph's outline, and as even a rim at these widths.
        halo_rasterizer="fast",
        font_feature_settings=LOCL_OFF,
        **attributes,
    )


def _areas(root: ElementTree.Element, theme: Theme, zoom: float, hatches: dict[str, Path]) -> None:
    """Areas and lines of layers. ``icon`` begins with the word of the paint: a grade, or a family's shape."""
    style = new_style(root, "areas")
    wide, thin = (2.4, 5.0) if zoom >= _HATCH_ZOOM else (1.4, 2.8)
    families = [("plate", theme.resource), ("disc", theme.protected), ("bare", theme.monitoring)]
    for word, paint in [*theme.grades.items(), *families]:
        own = f"[icon].match('{word}(-.*)?')"
        rule = new_rule(style, f"{own} and [mapnik::geometry_type] = polygon")
        element(rule, "PolygonSymbolizer", fill=paint.fill, fill_opacity="0.22")
        if word in hatches and zoom >= _HATCH_ZOOM:
            element(rule, "PolygonPatternSymbolizer", file=hatches[word], alignment="global", opacity="0.55")
        element(rule, "LineSymbolizer", stroke=paint.text, stroke_width="1.3", stroke_linejoin="round")
        rule = new_rule(style, f"{own} and [mapnik::geometry_type] = linestring")
        ends = {"stroke_linejoin": "round", "stroke_linecap": "round"}
        element(rule, "LineSymbolizer", stroke=paint.edge, stroke_width=thin * 0.84, **ends)
        element(rule, "LineSymbolizer", stroke=paint.fill, stroke_width=wide, **ends)


def _rings(root: ElementTree.Element, theme: Theme) -> None:
    style = new_style(root, "rings")
    element(new_rule(style, "[innermost]"), "PolygonSymbolizer", fill=theme.surface.question, fill_opacity="0.05")
    rule = new_rule(style)
    element(rule, "LineSymbolizer", stroke=theme.surface.halo, stroke_width="4.2", stroke_opacity="0.8")
    element(rule, "LineSymbolizer", stroke=theme.surface.question, stroke_width="1.8")
    rule = new_rule(new_style(root, "asked-shape"))
    ends = {"stroke_linejoin": "round", "stroke_linecap": "round"}
    element(rule, "LineSymbolizer", stroke=theme.surface.halo, stroke_width="6", stroke_opacity="0.85", **ends)
    element(rule, "LineSymbolizer", stroke=theme.surface.question, stroke_width="2.8", **ends)
    rule = new_rule(new_style(root, "graticule"))
    element(rule, "LineSymbolizer", stroke=theme.surface.ink_2, stroke_width="0.6", stroke_opacity="0.45")
    rule = new_rule(new_style(root, "ring-names"))
    _text(
        rule,
        theme,
        size=14,
        fill=theme.surface.question,
        face=FONT_BOLD,
        allow_overlap="true",
        halo=4.0,
    )


def _names(root: ElementTree.Element, theme: Theme) -> None:
    """Names beside their marks, worst grade first; those that find no place are left out."""
    style = new_style(root, "names")
    red = theme.grades["red"].text
    for condition, size, fill, face in (
        ("[grade] = 'red'", 12.5, red, FONT_BOLD),
        ("[grade] != 'red'", 12.0, theme.surface.label, FONT_REGULAR),
    ):
        _text(
            new_rule(style, condition),
            theme,
            size=size,
            fill=fill,
            face=face,
            placement_type="simple",
            placements="S,N,E,W",
            dx="[size] * 19 + 3",
            dy="[size] * 19 + 3",
            wrap_width="[wrap]",
            margin=2.5,
            avoid_edges="true",
            horizontal_alignment="auto",
        )
