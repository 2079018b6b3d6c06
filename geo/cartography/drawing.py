"""Drawing: one mark or hatch as a small SVG, the same for the sprite, the rendered map and the legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil

from shapely import LineString, Polygon, box, union_all
from shapely.affinity import scale

from geo.cartography.glyphs import GLYPH_EDGE, glyph_markup
from geo.cartography.symbology import Mark, Shape
from geo.cartography.theme import GradeKey, Theme

__all__ = ["HATCHED", "Svg", "draw_dot", "draw_hatch", "draw_mark", "draw_obstacle"]

_EDGE_PX = 1.5
_GLYPH_STROKE = 2.3


@dataclass(frozen=True, slots=True)
class Svg:
    """A square drawing: its edge in design pixels and its document."""

    edge_px: float
    text: str


@dataclass(frozen=True, slots=True)
class _Outline:
    """A shape around (0, 0), its half extent, the edge of the glyph on it and how far that sits below."""

    path: Callable[[float], str]
    """The path of the shape, grown by so many px on all sides with round corners, or shrunk."""
    half: float
    glyph: float
    drop: float = 0.0


def _circle(r: float) -> str:
    return f"M{r} 0A{r} {r} 0 1 1 {-r} 0A{r} {r} 0 1 1 {r} 0z"


def _square(r: float) -> str:
    return f"M{-r} {-r}H{r}V{r}H{-r}z"


def _rounded(r: float, corner: float) -> str:
    a = r - corner
    turn = f"A{corner} {corner} 0 0 1"
    return f"M{-a} {-r}H{a}{turn} {r} {-a}V{a}{turn} {a} {r}H{-a}{turn} {-r} {a}V{-a}{turn} {-a} {-r}z"


def _disc(r: float, grown: float) -> str:
    return _circle(r + grown)


def _plate(grown: float) -> str:
    return _rounded(13.5 + grown, 4.5 + grown)


def _polygon(corners: tuple[tuple[float, float], ...], grown: float) -> str:
    shape = Polygon(corners).buffer(grown, quad_segs=4, join_style="round" if grown > 0 else "mitre")
    return "M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in shape.exterior.coords[:-1]) + "z"


# Radii are those of the design (half of 36, 36, 31, 28 and 26 px), so that the five outlines weigh alike to the eye.
_OUTLINES: dict[Shape, _Outline] = {
    Shape.DIAMOND: _Outline(partial(_polygon, ((0, -18), (18, 0), (0, 18), (-18, 0))), 18, 17.6),
    Shape.TRIANGLE: _Outline(partial(_polygon, ((0, -17.6), (18.4, 14.4), (-18.4, 14.4))), 18.4, 16.6, 3.2),
    Shape.SQUARE: _Outline(partial(_polygon, ((-12.4, -12.4), (12.4, -12.4), (12.4, 12.4), (-12.4, 12.4))), 12.4, 17),
    Shape.CIRCLE: _Outline(partial(_disc, 12.3), 12.3, 16.1),
    Shape.RING: _Outline(partial(_disc, 11.7), 11.7, 15),
    Shape.PLATE: _Outline(_plate, 13.5, 20),
    Shape.DISC: _Outline(partial(_disc, 13), 13, 17),
    Shape.BARE: _Outline(partial(_disc, 13), 13, 22),
}


_WAVE = "M-13 4C-7 -7 -4 -7 0 0S7 7 13 -4"
"""A stretch of a river, for the legend."""


def _body(mark: Mark, outline: _Outline) -> str:
    """The shape without its glyph. An edge is a larger shape below: to stroke it takes a map twice as long."""
    if mark.shape is Shape.BARE:
        return ""
    fill, edge = mark.paint.fill, mark.paint.edge
    if mark.shape is Shape.RING:
        dashes = f'stroke="{edge}" stroke-width="2.2" stroke-dasharray="4.2 3.15"'
        return f'<path d="{outline.path(0.0)}" fill="{fill}" {dashes}/>'
    outer, inner = outline.path(_EDGE_PX / 2), outline.path(-_EDGE_PX / 2)
    return f'<path d="{outer}" fill="{edge}"/><path d="{inner}" fill="{fill}"/>'


def _glyph(name: str, colour: str, edge: float, drop: float, stroke: float) -> str:
    ratio = edge / GLYPH_EDGE
    return (
        f'<g transform="translate({-edge / 2:.3f} {drop - edge / 2:.3f}) scale({ratio:.4f})" fill="none" '
        f'stroke="{colour}" stroke-width="{stroke}" stroke-linecap="round" stroke-linejoin="round">'
        f"{glyph_markup(name, colour)}</g>"
    )


def _document(edge: float, body: str) -> Svg:
    half = edge / 2
    return Svg(
        edge,
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{edge:g}" height="{edge:g}" viewBox="0 0 {edge:g} {edge:g}">'
        f'<g transform="translate({half:g} {half:g})">{body}</g></svg>',
    )


def draw_mark(mark: Mark) -> Svg:
    """A mark at the size in which it is designed, centred in its square with a pixel to spare."""
    if mark.shape is Shape.WATER:
        return _document(30.0, f'<path d="{_WAVE}" fill="none" stroke="{mark.paint.fill}" stroke-width="3.6"/>')
    outline = _OUTLINES[mark.shape]
    edge = 2.0 * ceil(outline.half + _EDGE_PX / 2 + 1)
    parts = [_body(mark, outline)]
    if mark.glyph:
        if mark.shape is Shape.BARE:
            parts.append(_glyph(mark.glyph, mark.paint.edge, outline.glyph, outline.drop, 5.0))
        parts.append(_glyph(mark.glyph, mark.paint.ink, outline.glyph, outline.drop, _GLYPH_STROKE))
    elif mark.shape is Shape.BARE:
        parts.append(f'<path d="{_circle(6.0)}" fill="{mark.paint.ink}" stroke="{mark.paint.edge}" stroke-width="2"/>')
    return _document(edge, "".join(parts))


HATCHED: dict[GradeKey, tuple[float, tuple[tuple[float, float], ...], float]] = {
    "red": (8.0, ((-1, 1), (1, -1), (-2, 0), (0, -2), (0, 2), (2, 0)), 1.6),
    "orange": (12.0, ((-1, 1), (1, -1), (-2, 0), (0, -2), (0, 2), (2, 0)), 1.4),
    "yellow": (12.0, ((-1, -1), (1, 1), (-2, 0), (0, 2), (0, -2), (2, 0)), 1.2),
    "blue": (12.0, ((-1, 0), (1, 0)), 1.0),
}
"""Hatch by grade: cell edge (px), ends of its lines in half cells, line width (px). Worse is denser."""


def draw_hatch(grade: GradeKey, theme: Theme) -> Svg:
    """The seamless cell of a grade's hatch: parallel lines in the grade's text colour on nothing.

    The lines are polygons cut at the cell's edge, so that neither a sprite nor a pattern draws beyond it.

    Raises:
        KeyError: 未分级 has no hatch.
    """
    edge, ends, width = HATCHED[grade]
    half = edge / 2
    lines = [LineString([start, end]) for start, end in zip(ends[::2], ends[1::2], strict=True)]
    strokes = union_all([scale(line, half, half, origin=(0, 0)).buffer(width / 2, cap_style="flat") for line in lines])
    inside = strokes.intersection(box(-half, -half, half, half))
    rings = [part.exterior.coords for part in getattr(inside, "geoms", [inside])]
    path = "".join("M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in ring[:-1]) + "z" for ring in map(list, rings))
    # The transparent square makes the drawing's extent the cell's, whatever the lines touch.
    cell = f'<path d="{_square(half)}" fill="#FFFFFF" fill-opacity="0"/>'
    return _document(edge, f'{cell}<path d="{path}" fill="{theme.grades[grade].text}"/>')


def draw_dot(theme: Theme) -> Svg:
    """The asked point of a query: a ring with a dot and four ticks."""
    ink, halo = theme.surface.question, theme.surface.halo
    ticks = "M0 -13V-8M0 8V13M-13 0H-8M8 0H13"
    body = "".join(
        f'<path d="{_circle(7.0)}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        f'<path d="{ticks}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round"/>'
        for colour, width in ((halo, 4.5), (ink, 2.0))
    )
    return _document(30.0, f'{body}<path d="{_circle(2.4)}" fill="{ink}"/>')


def draw_obstacle() -> Svg:
    """An invisible square: what Mapnik keeps names off without showing it."""
    return _document(10.0, f'<path d="{_square(5.0)}" fill="#FFFFFF" fill-opacity="0"/>')
