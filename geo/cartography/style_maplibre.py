"""The MapLibre style: the one symbology as a style document (version 8) for the wall and any MapLibre client.

The document names no ``glyphs``: text is drawn with fonts of the client's own machine, so no font is ever fetched.
A grade is absent from a tile's feature when it is 未分级. Layer ids are ``{layer}-…`` and each carries
``{"onemap:layer": name}``; those of the cells of all risks are ``cells-…`` with ``{"onemap:cells": part}``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.cartography.boundaries import BOUNDARIES
from geo.cartography.drawing import HATCHED
from geo.cartography.icons import hatch_icon
from geo.cartography.style_cells import risk_cell_layers, spread_layer
from geo.cartography.style_parts import FONTS, GRADE, Json, by_grade, mark_label, sort_key, style_layer
from geo.cartography.symbology import DETAIL_ZOOM, GRADES_WORST_FIRST, LayerSymbology, size_steps
from geo.cartography.theme import Theme
from geo.cartography.tile_address import SOURCE_MAX_ZOOM
from geo.cartography.water import WIDTH_STEPS, water_field, water_width_px
from layers.layer import Family
from layers.severity import RiskGrade
from layers.text import Lang

__all__ = ["FONTS", "Json", "maplibre_style"]

_POINTS: Json = ["match", ["geometry-type"], ["Point", "MultiPoint"], True, False]
_LINES: Json = ["match", ["geometry-type"], ["LineString", "MultiLineString"], True, False]
_POLYGONS: Json = ["match", ["geometry-type"], ["Polygon", "MultiPolygon"], True, False]
_LINE_WIDTH: Json = ["interpolate", ["linear"], ["zoom"], 6, 0.8, 10, 1.6, 14, 3]


def _icon(symbology: LayerSymbology) -> Json:
    """The icon's name: the bare shape below ``DETAIL_ZOOM``, the shape with the feature's glyph from there on."""
    bare_of_none = symbology.mark(None, None).icon
    base: Json = GRADE if bare_of_none == "none" else ["coalesce", ["get", "grade"], bare_of_none]
    glyphs = symbology.glyphs
    own = glyphs[None]
    if own is None:
        return base
    glyph: Json = own
    field = symbology.layer.symbol.glyph_field
    values = {value: name for value, name in glyphs.items() if value is not None and name is not None}
    if field and values:
        pairs: list[Json] = []
        for value, name in values.items():
            pairs += [value, name]
        glyph = ["match", ["get", field], *pairs, own]
    return ["step", ["zoom"], base, DETAIL_ZOOM, ["concat", base, "-", glyph]]


def _size(symbology: LayerSymbology) -> Json:
    """By zoom and grade; ``zoom`` may only stand outermost, so each step holds a match by grade."""
    by_grade = {grade: dict(size_steps(grade)) for grade in GRADES_WORST_FIRST}
    steps: list[Json] = []
    for zoom in by_grade[None]:
        sizes = {grade: round(factors[zoom] * symbology.scale, 4) for grade, factors in by_grade.items()}
        pairs: list[Json] = []
        for grade in RiskGrade:
            pairs += [grade.value, sizes[grade]]
        steps += [zoom, ["match", GRADE, *pairs, sizes[None]]]
    return ["interpolate", ["linear"], ["zoom"], *steps]


_Layers = list[dict[str, Json]]


def _area_layers(symbology: LayerSymbology) -> _Layers:
    """Areas in their grade's tint, hatched by grade, with an outline."""
    hatch: list[Json] = []
    for grade in HATCHED:
        hatch += [grade, hatch_icon(grade)]
    tint: dict[str, Json] = {"fill-color": by_grade(symbology, "fill"), "fill-opacity": 0.22}
    pattern: dict[str, Json] = {
        "fill-pattern": ["match", GRADE, *hatch, hatch_icon("blue")],
        "fill-opacity": 0.5,
    }
    outline: dict[str, Json] = {"line-color": by_grade(symbology, "text"), "line-width": _LINE_WIDTH}
    return [
        style_layer(symbology, "fill", "fill", _POLYGONS, tint),
        style_layer(symbology, "hatch", "fill", ["all", _POLYGONS, ["has", "grade"]], pattern, minzoom=8),
        style_layer(symbology, "outline", "line", _POLYGONS, outline),
    ]


def _line_layers(symbology: LayerSymbology) -> _Layers:
    """Lines in their grade's colour, in a casing that tells them from the ground."""
    widths: list[Json] = [6, 1.8, 10, 3.4, 14, 5.6]
    casing: dict[str, Json] = {
        "line-color": by_grade(symbology, "edge"),
        "line-width": ["interpolate", ["linear"], ["zoom"], *widths],
    }
    line: dict[str, Json] = {"line-color": by_grade(symbology, "fill"), "line-width": _LINE_WIDTH}
    round_ends: dict[str, Json] = {"line-cap": "round", "line-join": "round"}
    return [
        style_layer(symbology, "casing", "line", _LINES, casing, round_ends),
        style_layer(symbology, "line", "line", _LINES, line, round_ends),
    ]


def _symbol_layer(symbology: LayerSymbology) -> dict[str, Json]:
    """Marks, the worst on top; none makes room for another."""
    symbol: dict[str, Json] = {
        "icon-image": _icon(symbology),
        "icon-size": _size(symbology),
        "icon-allow-overlap": True,
        "icon-ignore-placement": True,
        "symbol-sort-key": sort_key(worst_on_top=True),
    }
    return style_layer(symbology, "symbol", "symbol", _POINTS, {}, symbol)


def _label_layer(symbology: LayerSymbology) -> dict[str, Json]:
    """Names under their marks, the worst first."""
    layout, paint = mark_label(symbology.theme, round(0.55 + symbology.scale * 0.9, 2))
    return style_layer(symbology, "label", "symbol", _POINTS, paint, layout, minzoom=symbology.layer.zooms.labels)


def _water_layers(symbology: LayerSymbology) -> tuple[_Layers, _Layers]:
    """Rivers as wide as their class says, and their names."""
    field, theme = water_field(symbology.layer), symbology.theme
    steps: list[Json] = []
    for zoom, _ in WIDTH_STEPS:
        widths = water_width_px(symbology.layer, zoom)
        pairs: list[Json] = []
        for code, px in widths.items():
            pairs += [code, px] if code is not None else []
        steps += [zoom, ["match", ["coalesce", ["get", field], ""], *pairs, widths.get(None, 1.0)]]
    paint: dict[str, Json] = {
        "line-color": theme.rivers.color,
        "line-width": ["interpolate", ["linear"], ["zoom"], *steps],
    }
    ends: dict[str, Json] = {"line-join": "round", "line-cap": "round"}
    name = _name_layer(symbology, "all", True, 12, symbology.layer.zooms.labels)
    told, laid = name["paint"], name["layout"]
    assert isinstance(told, dict)
    assert isinstance(laid, dict)
    told["text-color"] = theme.rivers.label
    # A river comes in reaches, each of its name: they keep well apart.
    laid["text-padding"] = 28
    return [style_layer(symbology, "line", "line", _LINES, paint, ends)], [name]


def _base_layers(symbology: LayerSymbology) -> tuple[_Layers, _Layers, _Layers]:
    """Land, the boundaries of the base map, and the names that stand above the boundaries."""
    theme = symbology.theme
    land: _Layers = []
    lines: _Layers = []
    names: _Layers = []
    if symbology.is_water:
        return land, *_water_layers(symbology)
    if symbology.may_have_polygons:
        land.append(style_layer(symbology, "land", "fill", _POLYGONS, {"fill-color": theme.surface.land}))
    by_level = "level" in symbology.layer.table.columns
    for each in reversed(BOUNDARIES) if by_level else ():
        condition: Json = ["==", ["get", "level"], each.level]
        casing: dict[str, Json] = {
            "line-color": theme.boundary.casing,
            "line-width": each.casing_px,
            "line-opacity": 0.8,
        }
        dashes: list[Json] = [round(dash / each.width_px, 3) for dash in each.dash_px]
        line: dict[str, Json] = {
            "line-color": theme.boundary.color,
            "line-width": each.width_px,
            "line-dasharray": dashes,
        }
        lines += [
            style_layer(symbology, f"casing-{each.level}", "line", condition, casing, minzoom=each.line_zoom),
            style_layer(symbology, f"line-{each.level}", "line", condition, line, minzoom=each.line_zoom),
        ]
        name = _name_layer(symbology, each.level, condition, each.text_px, each.label_zoom)
        names.append({**name, "maxzoom": each.label_until})
    if not by_level:
        lines.append(
            style_layer(
                symbology, "line", "line", ["!", _POINTS], {"line-color": theme.boundary.color, "line-width": 1}
            )
        )
        names.append(_name_layer(symbology, "all", True, 12, symbology.layer.zooms.labels))
    return land, lines, names


_NAME_STEPS: Sequence[Json] = (
    "center", [0, 0], "top", [0, 1.3], "bottom", [0, -1.3], "left", [1.6, 0], "right", [-1.6, 0],
    "top", [0, 2.6], "bottom", [0, -2.6],
)  # fmt: skip
"""Where the name of a division goes when plates leave it no room at its place, in its letters' height."""


def _name_layer(
    symbology: LayerSymbology, part: str, condition: Json, text_px: float, minzoom: float
) -> dict[str, Json]:
    theme = symbology.theme
    layout: dict[str, Json] = {
        "text-field": ["coalesce", ["get", "name"], ""],
        "text-font": list(FONTS),
        "text-size": text_px,
        "text-letter-spacing": 0.12,
        "text-padding": 4,
        "text-variable-anchor-offset": list(_NAME_STEPS),
        "text-justify": "center",
    }
    paint: dict[str, Json] = {
        "text-color": theme.boundary.label,
        "text-halo-color": theme.surface.halo,
        "text-halo-width": 1.6,
    }
    return style_layer(symbology, f"name-{part}", "symbol", ["all", _POINTS, condition], paint, layout, minzoom)


_DRAWN_LAST = (Family.RISK, Family.RESOURCE, Family.PROTECTED, Family.MONITORING, Family.BASE)
"""Red never recedes: risks stand on top of everything else."""


def maplibre_style(
    symbologies: Sequence[LayerSymbology], theme: Theme, lang: Lang, tile_urls: Mapping[str, str], sprite_url: str
) -> dict[str, Json]:
    """The style document. ``tile_urls`` gives each source's tile address (``style_sources``) with ``{z}/{x}/{y}``."""
    ground: list[dict[str, Json]] = [
        {"id": "background", "type": "background", "paint": {"background-color": theme.surface.outside}}
    ]
    lines: list[dict[str, Json]] = []
    middle: list[dict[str, Json]] = []
    marks: list[dict[str, Json]] = []
    labels: list[dict[str, Json]] = []
    names: list[dict[str, Json]] = []
    # Within a family the catalogue's first stands on top, so it is drawn last.
    ordered = sorted(symbologies, key=lambda each: _DRAWN_LAST.index(each.layer.family))[::-1]
    for symbology in ordered:
        if not symbology.has_marks:
            land, own_lines, own_names = _base_layers(symbology)
            ground += land
            lines += own_lines
            names += own_names
            continue
        middle += _area_layers(symbology) if symbology.may_have_polygons else []
        middle += _line_layers(symbology) if symbology.may_have_lines else []
        marks += [] if symbology.layer.graded else [spread_layer(symbology)]
        marks.append(_symbol_layer(symbology))
        labels.append(_label_layer(symbology))
    risks = [symbology for symbology in symbologies if symbology.layer.graded]
    plates = risk_cell_layers(risks[0], _size(risks[0])) if risks else []
    sources: dict[str, Json] = {
        name: {"type": "vector", "tiles": [url], "minzoom": 0, "maxzoom": SOURCE_MAX_ZOOM}
        for name, url in tile_urls.items()
    }
    return {
        "version": 8,
        "name": f"onemap {theme.name}",
        "metadata": {"onemap:theme": theme.name, "onemap:lang": lang},
        "sprite": sprite_url,
        "sources": sources,
        # Names of divisions stand on the marks: on a map of a city the marks leave them no room.
        # Plates stand on everything: names step aside for them.
        "layers": [*ground, *lines, *middle, *marks, *names, *labels, *plates],
    }
