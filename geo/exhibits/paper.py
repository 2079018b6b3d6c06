"""Paper: the sizes of exhibits and where on the first page everything stands, in millimetres from the top left.

A4, A3 and A2 have grids of their own. A1 and A0 are A2 enlarged, type and symbols with it: they are read from further
away. ``Grid.enlarged`` is by how much; all other lengths are those before enlarging.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal, get_args

from geo.errors import InputError
from layers.text import Text

__all__ = ["Box", "Grid", "Layout", "Orientation", "Paper", "grid_of", "picture_grid"]

Paper = Literal["A4", "A3", "A2", "A1", "A0"]
Orientation = Literal["portrait", "landscape"]
Layout = Literal["side", "wide", "twin"]
"""A map with a column beside it; a map as wide as the page; two maps beside each other."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, mm."""

    x: float
    y: float
    w: float
    h: float

    def as_dict(self) -> dict[str, float]:
        """For the page's template."""
        return {"x": self.x, "y": self.y, "w": self.w, "h": self.h}


@dataclass(frozen=True, slots=True)
class Grid:
    """The first page. Beside or under the maps is what is left for legend, tables and text."""

    width: float
    height: float
    left: float
    top: float
    bottom: float
    title_pt: float
    rule_y: float
    maps: tuple[Box, ...]
    column: Box | None
    """Beside the map."""
    lower: Box | None
    """Under the maps."""
    footer_y: float
    enlarged: float = 1.0

    @property
    def map(self) -> Box:
        """The first (or only) map."""
        return self.maps[0]

    def as_dict(self) -> dict[str, object]:
        """For the page's template."""
        return {
            "width": self.width,
            "height": self.height,
            "left": self.left,
            "top": self.top,
            "bottom": self.bottom,
            "title_pt": self.title_pt,
            "rule_y": self.rule_y,
            "maps": [each.as_dict() for each in self.maps],
            "column": self.column.as_dict() if self.column else None,
            "lower": self.lower.as_dict() if self.lower else None,
            "footer_y": self.footer_y,
        }


@dataclass(frozen=True, slots=True)
class _Edges:
    """What the layouts of one page share."""

    width: float
    height: float
    left: float
    top: float
    bottom: float
    title_pt: float
    rule_y: float
    map_y: float
    column_w: float
    """Of the side column, landscape and portrait alike."""
    side_h: float
    """Height of a map with a column beside it."""
    wide_h: float
    twin_h: float
    footer_y: float


_COLLAR = 4.0
"""Between the text's edge and a map's frame: labels of the graticule."""
_STRIP = 11.0
"""Under a map: scale bar, scale, convergence."""
_GUTTER = 5.0
_CAPTION = 6.5
"""Above each of two maps."""

_EDGES: dict[tuple[str, str], _Edges] = {
    ("A4", "portrait"): _Edges(210, 297, 14, 11, 12, 18, 26.6, 32.5, 46, 132, 152, 118, 275.5),
    ("A4", "landscape"): _Edges(297, 210, 14, 9, 7, 18, 24.6, 30.5, 74, 144, 144, 102, 189.5),
    ("A3", "portrait"): _Edges(297, 420, 16, 11, 12, 22, 26.6, 32.5, 74, 196, 224, 170, 397),
    ("A3", "landscape"): _Edges(420, 297, 16, 11, 11, 22, 26.6, 32.5, 120, 224, 224, 160, 276),
    ("A2", "portrait"): _Edges(420, 594, 20, 13, 14, 28, 32.0, 38.5, 110, 300, 330, 240, 566),
    ("A2", "landscape"): _Edges(594, 420, 20, 13, 13, 28, 32.0, 38.5, 170, 338, 338, 236, 394),
}
_ENLARGED = {"A1": sqrt(2), "A0": 2.0}


def _layout(edges: _Edges, orientation: Orientation, layout: Layout) -> Grid:
    text_w = edges.width - 2 * edges.left
    x = edges.left + _COLLAR
    room = edges.footer_y - edges.map_y
    column: Box | None = None
    maps: tuple[Box, ...]
    if layout == "twin":
        each_w = float(int((text_w - 2 * _COLLAR - 2 * _GUTTER) / 2))
        second_x = edges.left + text_w - each_w
        y, high = edges.map_y + _CAPTION, edges.twin_h - _CAPTION
        maps, under = (Box(x, y, each_w, high), Box(second_x, y, each_w, high)), edges.twin_h
    elif layout == "wide" and orientation == "portrait":
        maps, under = (Box(x, edges.map_y, text_w - _COLLAR, edges.wide_h),), edges.wide_h
    else:
        map_w = float(int(text_w - _COLLAR - edges.column_w - _GUTTER + 1))
        maps, under = (Box(x, edges.map_y, map_w, edges.side_h),), edges.side_h
        column_x = x + map_w + _GUTTER - 1
        high = room - 4 if orientation == "landscape" else edges.side_h + 9
        column = Box(column_x, edges.map_y, edges.width - edges.left - column_x, high)
    lower: Box | None = None
    if orientation == "portrait" or layout == "twin":
        lower_y = edges.map_y + under + _STRIP + 2
        lower = Box(edges.left, lower_y, text_w, edges.footer_y - lower_y - 3)
    return Grid(
        edges.width,
        edges.height,
        edges.left,
        edges.top,
        edges.bottom,
        edges.title_pt,
        edges.rule_y,
        maps,
        column,
        lower,
        edges.footer_y,
    )


def grid_of(paper: Paper, orientation: Orientation, layout: Layout = "side") -> Grid:
    """The grid of a paper.

    Raises:
        InputError: a paper or an orientation that there is none of.
    """
    if paper not in get_args(Paper):
        known = "、".join(get_args(Paper))
        raise InputError(
            Text(f"没有纸张 {paper[:20]!r};可用 {known}", f"no paper {paper[:20]!r}; use A4, A3, A2, A1 or A0"),
            field="paper",
        )
    if orientation not in ("portrait", "landscape"):
        raise InputError(
            Text(
                f"没有方向 {orientation[:20]!r};可用 portrait、landscape",
                f"no orientation {orientation[:20]!r}; use portrait or landscape",
            ),
            field="orientation",
        )
    found = _layout(_EDGES["A2" if paper in _ENLARGED else paper, orientation], orientation, layout)
    return replace(found, enlarged=_ENLARGED.get(paper, 1.0))


def picture_grid(box: Box) -> Grid:
    """A page that is nothing but a map of ``box``'s size with its collar and the strip under it."""
    width, height = box.w + _COLLAR + 4, box.h + _COLLAR + _STRIP + 3
    return Grid(width, height, 1, 1, 1, 0, 0, (Box(_COLLAR + 1, _COLLAR + 1, box.w, box.h),), None, None, height)
