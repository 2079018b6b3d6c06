"""Paper: the sizes of exhibits and where on the first page everything stands, in millimetres from the top left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.errors import InputError
from layers.text import Text

__all__ = ["Box", "Grid", "Orientation", "Paper", "grid_of"]

Paper = Literal["A4", "A3"]
Orientation = Literal["portrait", "landscape"]


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
    """The first page. The side column's height and the lower block are what is left for tables and text."""

    width: float
    height: float
    left: float
    top: float
    bottom: float
    title_pt: float
    rule_y: float
    map: Box
    column: Box
    lower: Box | None
    """Table and text under the map, where there is room (portrait)."""
    footer_y: float

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
            "map": self.map.as_dict(),
            "column": self.column.as_dict(),
            "lower": self.lower.as_dict() if self.lower else None,
            "footer_y": self.footer_y,
        }


def grid_of(paper: str, orientation: str) -> Grid:
    """The grid of a paper.

    Raises:
        InputError: a paper or an orientation that there is none of.
    """
    if paper not in ("A4", "A3"):
        raise InputError(
            Text(f"没有纸张 {paper[:20]!r};可用 A4、A3", f"no paper {paper[:20]!r}; use A4 or A3"), field="paper"
        )
    if orientation == "portrait":
        return _A4_PORTRAIT if paper == "A4" else _A3_PORTRAIT
    if orientation == "landscape":
        return _A4_LANDSCAPE if paper == "A4" else _A3_LANDSCAPE
    raise InputError(
        Text(
            f"没有方向 {orientation[:20]!r};可用 portrait、landscape",
            f"no orientation {orientation[:20]!r}; use portrait or landscape",
        ),
        field="orientation",
    )


_A4_PORTRAIT = Grid(
    210, 297, 14, 11, 12, 18, 26.6, Box(18, 32.5, 128, 132), Box(150, 32.5, 46, 140), Box(14, 180, 182, 91), 275.5
)
_A4_LANDSCAPE = Grid(297, 210, 14, 9, 7, 18, 24.6, Box(18, 30.5, 188, 144), Box(211, 30.5, 72, 155), None, 189.5)
_A3_LANDSCAPE = Grid(420, 297, 16, 11, 11, 22, 26.6, Box(20, 32.5, 264, 224), Box(290, 32.5, 114, 238), None, 276)
_A3_PORTRAIT = Grid(
    297, 420, 16, 11, 12, 22, 26.6, Box(20, 32.5, 187, 196), Box(213, 32.5, 68, 205), Box(16, 246, 265, 146), 397
)
