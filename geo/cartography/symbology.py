"""The one symbology: from a layer's declared symbol and a theme to the marks, fills and lines that every surface draws.

A grade is always three signs: colour, shape and text code. 未分级 is a grey dashed ring in a layer of risks; in a layer
of resources, whose features carry no grade, it is the family's own plate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from geo.cartography.glyphs import has_glyph
from geo.cartography.theme import GradeKey, Paint, Theme, grade_key
from geo.cartography.water import draws_water
from layers.feature import GeometryKind
from layers.layer import Family, Layer
from layers.severity import RiskGrade
from layers.text import Text

__all__ = [
    "DESIGN_PX",
    "GRADES_WORST_FIRST",
    "UNGRADED",
    "LayerSymbology",
    "Mark",
    "Shape",
    "compile_layer",
    "size_factor",
    "size_steps",
]

DESIGN_PX = 36.0
"""Edge in which a 红 mark is designed; a layer's ``size_px`` scales it."""

GRADES_WORST_FIRST: tuple[RiskGrade | None, ...] = (*RiskGrade, None)

UNGRADED = Text("未分级", "not graded")

_SIZE_BY_ZOOM = ((5.0, 0.3), (8.0, 0.4), (10.0, 0.58), (12.0, 0.85), (14.0, 1.1), (17.0, 1.4))
"""Size of a 红 mark relative to its layer's ``size_px``, by Web-Mercator zoom (512 px tiles)."""

_RECEDING: dict[RiskGrade | None, float] = {
    RiskGrade.RED: 1.0,
    RiskGrade.ORANGE: 0.88,
    RiskGrade.YELLOW: 0.62,
    RiskGrade.BLUE: 0.52,
    None: 0.46,
}
"""Further size by grade on a map of a whole city: red never recedes."""

_RECEDED_BELOW_ZOOM = 8.0
"""Where marks of lower grades are smallest; by the next but one step of ``_SIZE_BY_ZOOM`` they are full size."""

DETAIL_ZOOM = 10.5
"""From here on a mark carries its glyph; below it is too small for one and is drawn as the bare shape."""


def size_steps(grade: RiskGrade | None) -> tuple[tuple[float, float], ...]:
    """(zoom, factor) pairs between which a mark's size, relative to its layer's ``size_px``, is linear."""
    full_from = _SIZE_BY_ZOOM[3][0]
    span = full_from - _RECEDED_BELOW_ZOOM

    def share(zoom: float) -> float:
        grown = min(max((zoom - _RECEDED_BELOW_ZOOM) / span, 0.0), 1.0)
        return _RECEDING[grade] + (1 - _RECEDING[grade]) * grown

    return tuple((zoom, round(factor * share(zoom), 4)) for zoom, factor in _SIZE_BY_ZOOM)


def size_factor(zoom: float, grade: RiskGrade | None) -> float:
    """How large a mark is at ``zoom``, relative to its layer's ``size_px``."""
    steps = size_steps(grade)
    if zoom <= steps[0][0]:
        return steps[0][1]
    for (from_zoom, smaller), (to_zoom, larger) in pairwise(steps):
        if zoom < to_zoom:
            return smaller + (zoom - from_zoom) / (to_zoom - from_zoom) * (larger - smaller)
    return steps[-1][1]


class Shape(StrEnum):
    """Outlines of marks. The first five tell a grade; the others tell a family, the last a water course."""

    DIAMOND = "diamond"
    TRIANGLE = "triangle"
    SQUARE = "square"
    CIRCLE = "circle"
    RING = "ring"
    PLATE = "plate"
    DISC = "disc"
    BARE = "bare"
    WATER = "water"

    @property
    def silhouette(self) -> str:
        """The nearest of the five grade outlines, for a legend that knows only these."""
        return _SILHOUETTES.get(self, self).value


_SILHOUETTES = {Shape.PLATE: Shape.SQUARE, Shape.DISC: Shape.CIRCLE, Shape.BARE: Shape.RING, Shape.WATER: Shape.RING}

_GRADE_SHAPES: dict[RiskGrade | None, Shape] = {
    RiskGrade.RED: Shape.DIAMOND,
    RiskGrade.ORANGE: Shape.TRIANGLE,
    RiskGrade.YELLOW: Shape.SQUARE,
    RiskGrade.BLUE: Shape.CIRCLE,
    None: Shape.RING,
}
_FAMILY_SHAPES = {Family.RESOURCE: Shape.PLATE, Family.PROTECTED: Shape.DISC, Family.MONITORING: Shape.BARE}


@dataclass(frozen=True, slots=True)
class Mark:
    """One point symbol: a glyph (or none) in a shape, in the colours of a grade or a family."""

    shape: Shape
    paint: Paint
    grade: RiskGrade | None
    glyph: str | None = None

    @property
    def icon(self) -> str:
        """Its name in the sprite: ``red-hazard-landslide``, ``plate-shelter``, ``none``."""
        base = grade_key(self.grade) if self.shape in _GRADE_SHAPES.values() else self.shape.value
        return f"{base}-{self.glyph}" if self.glyph else base


@dataclass(frozen=True)
class LayerSymbology:
    """How one layer is drawn in one theme."""

    layer: Layer
    theme: Theme

    def paint(self, grade: RiskGrade | None) -> Paint:
        """The colours of a grade in this layer."""
        return self.mark(grade, None).paint

    def mark(self, grade: RiskGrade | None, glyph: str | None) -> Mark:
        """The mark of a grade with a glyph; None draws the bare shape."""
        if self.is_water:
            return Mark(Shape.WATER, self.theme.water_paint, None)
        own_shape = _FAMILY_SHAPES.get(self.layer.family)
        if grade is None and own_shape is not None:
            paint = {
                Shape.PLATE: self.theme.resource,
                Shape.DISC: self.theme.protected,
                Shape.BARE: self.theme.monitoring,
            }[own_shape]
            return Mark(own_shape, paint, None, glyph)
        return Mark(_GRADE_SHAPES[grade], self.theme.grade(grade), grade, glyph)

    @cached_property
    def glyphs(self) -> dict[str | None, str | None]:
        """Glyph by value of ``glyph_field``; under None the layer's own. A drawing that does not exist is no glyph."""
        symbol = self.layer.symbol
        own = symbol.glyph if has_glyph(symbol.glyph) else None
        found: dict[str | None, str | None] = {None: own}
        for value, glyph in sorted(symbol.glyphs.items()):
            found[value] = glyph if has_glyph(glyph) else own
        return found

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Every mark of this layer, worst grade first, the bare shapes included; each icon once."""
        wanted = [self.mark(grade, glyph) for grade in GRADES_WORST_FIRST for glyph in (None, *self.glyphs.values())]
        return tuple({mark.icon: mark for mark in wanted}.values())

    @property
    def scale(self) -> float:
        """This layer's ``size_px`` relative to the size in which marks are designed."""
        return self.layer.symbol.size_px / DESIGN_PX

    @property
    def has_marks(self) -> bool:
        """Whether its features are shown by marks; the base map's are only outlines and names."""
        return self.layer.family is not Family.BASE

    @property
    def is_water(self) -> bool:
        """Whether its features are water courses of the base map."""
        return draws_water(self.layer)

    @property
    def may_have_lines(self) -> bool:
        """Whether a feature may be a line."""
        return self.layer.geometry in (GeometryKind.LINE, GeometryKind.ANY)

    @property
    def may_have_polygons(self) -> bool:
        """Whether a feature may be a polygon."""
        return self.layer.geometry in (GeometryKind.POLYGON, GeometryKind.ANY)

    def grade_title(self, grade: RiskGrade | None) -> Text:
        """What a grade is called in this layer: 重大 … 低, 未分级; a resource without grade is just its title."""
        if grade is not None:
            return grade.label
        return self.layer.title if self.layer.family in _FAMILY_SHAPES or self.is_water else UNGRADED

    def grade_code(self, grade: RiskGrade | None) -> Text:
        """The text code beside colour and shape: 红 橙 黄 蓝, 未 for 未分级, empty for a resource without grade."""
        if grade is not None:
            return grade.code_text
        return Text("", "") if self.layer.family in _FAMILY_SHAPES or self.is_water else Text("未", "–")

    def shown_grades(self, present: frozenset[GradeKey]) -> tuple[RiskGrade | None, ...]:
        """The grades that a legend lists: all five for risks; for others the ungraded and those that are present."""
        if self.layer.family is Family.BASE:
            return (None,) if self.is_water else ()
        if self.layer.family not in _FAMILY_SHAPES:
            return GRADES_WORST_FIRST
        return tuple(grade for grade in GRADES_WORST_FIRST if grade is None or grade_key(grade) in present)


def compile_layer(layer: Layer, theme: Theme) -> LayerSymbology:
    """The symbology of ``layer`` in ``theme``."""
    return LayerSymbology(layer, theme)
