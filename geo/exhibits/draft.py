"""Drafting: what most kinds of exhibits do alike: room for the north arrow, grades in tables."""

from __future__ import annotations

from geo.cartography.drawing import draw_mark
from geo.exhibits.content import SignCell
from geo.exhibits.marks import Item
from geo.exhibits.panel import Panel, feature
from geo.exhibits.placing import Rect
from geo.exhibits.sheet import Sheet
from layers.text import Lang

__all__ = ["add_arrow_room", "arrow_room", "grade_cell"]

_ARROW_MM = (12.0, 18.0)


def arrow_room(sheet: Sheet) -> Rect:
    """What the north arrow takes of the frame."""
    return Rect(sheet.box.w - _ARROW_MM[0], 0, sheet.box.w, _ARROW_MM[1])


def add_arrow_room(panel: Panel) -> None:
    """Keep the names of the ground off the north arrow."""
    across, down = _ARROW_MM
    corner = panel.place_mm(panel.sheet.box.w - across / 2, down / 2)
    panel.add("obstacles", [feature(corner, across=across, down=down)])


def grade_cell(item: Item, lang: Lang, signs: dict[str, str]) -> SignCell | str:
    """The grade as sign and word; a dash for what has none by nature."""
    if item.grade is None and not item.symbology.layer.graded:
        return "—"
    bare = item.symbology.mark(item.grade, None)
    signs.setdefault(bare.icon, draw_mark(bare).text)
    return SignCell(bare.icon, item.symbology.grade_title(item.grade).get(lang))
