"""What the parts of the MapLibre style are made of: expressions by grade, fonts, and the frame of a style layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from geo.cartography.style_sources import source_of
from geo.cartography.symbology import LayerSymbology
from geo.cartography.theme import Paint, Theme
from layers.severity import RiskGrade

__all__ = ["FONTS", "GRADE", "Json", "by_grade", "mark_label", "sort_key", "style_layer"]

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "sans-serif")
"""Looked for on the client's machine, first found first."""

GRADE: Json = ["coalesce", ["get", "grade"], "none"]
"""A feature's grade; it is absent from a tile when the feature is 未分级."""


def by_grade(symbology: LayerSymbology, part: str) -> Json:
    """A match expression from a feature's grade to one part of its paint."""

    def colour(paint: Paint) -> str:
        return str(getattr(paint, part))

    pairs: list[Json] = []
    for grade in RiskGrade:
        pairs += [grade.value, colour(symbology.paint(grade))]
    return ["match", GRADE, *pairs, colour(symbology.paint(None))]


def sort_key(worst_on_top: bool) -> Json:
    """Icons: the worst is drawn last, on top. Labels: the worst is placed first."""
    pairs: list[Json] = []
    for grade in RiskGrade:
        pairs += [grade.value, 5 - grade.rank if worst_on_top else grade.rank]
    return ["match", GRADE, *pairs, 0 if worst_on_top else 5]


def mark_label(theme: Theme, offset_em: float) -> tuple[dict[str, Json], dict[str, Json]]:
    """Layout and paint of names that stand ``offset_em`` under the middle of their marks, the worst placed first."""
    layout: dict[str, Json] = {
        "text-field": ["coalesce", ["get", "name"], ""],
        "text-font": list(FONTS),
        "text-size": 12,
        "text-max-width": 9,
        "text-anchor": "top",
        "text-offset": [0, offset_em],
        "text-padding": 3,
        "symbol-sort-key": sort_key(worst_on_top=False),
    }
    paint: dict[str, Json] = {
        "text-color": theme.surface.label,
        "text-halo-color": theme.surface.halo,
        "text-halo-width": 1.6,
    }
    return layout, paint


def style_layer(
    symbology: LayerSymbology,
    part: str,
    kind: str,
    condition: Json,
    paint: dict[str, Json],
    layout: dict[str, Json] | None = None,
    minzoom: float | None = None,
) -> dict[str, Json]:
    """A layer of the style, ``{layer}-{part}``, over the tiles of its catalogue layer."""
    name = symbology.layer.name
    made: dict[str, Json] = {
        "id": f"{name}-{part}",
        "type": kind,
        "source": source_of(symbology.layer),
        "source-layer": name,
        "metadata": {"onemap:layer": name},
        "filter": condition,
        "paint": paint,
    }
    if layout:
        made["layout"] = layout
    least = max(minzoom or 0, symbology.layer.zooms.features)
    if least:
        made["minzoom"] = least
    return made
