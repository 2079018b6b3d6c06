"""The region of an exhibit: the asked division, the divisions in it that are counted by, and what it leaves free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from geo.database import StatementBuilder
from geo.errors import NotFound
from geo.exhibits.ground import Division, read_divisions
from geo.exhibits.kind import Order
from geo.exhibits.paper import Box
from geo.exhibits.request import Level
from geo.exhibits.sheet import Sheet
from geo.exhibits.wording import printable
from geo.selection import Selection, division_prefix
from layers.text import Lang, Text

__all__ = ["LEVEL_TITLES", "Region", "fetch_region", "free_corner", "level_title"]

Floats = npt.NDArray[np.float64]

_NEXT: dict[str, Level] = {"province": "county", "city": "county", "county": "township", "township": "village"}
LEVEL_TITLES = {
    "county": Text("县（市、区）", "County"),
    "township": Text("乡镇（街道）", "Township"),
    "village": Text("村（社区）", "Village"),
}
_CORNER_W_MM = 50.0
_CORNER_STEP_MM = 4.0
_LEAST_CORNER_MM = 34.0


@dataclass(frozen=True)
class Region:
    """The asked division, and those of the level ``by`` in it (none where they are not loaded), by code."""

    division: Division
    by: Level | None
    parts: tuple[Division, ...]

    @property
    def code(self) -> str:
        """Of the asked division."""
        return self.division.code

    @property
    def name(self) -> str:
        """Of the asked division, else its code."""
        return printable(self.division.name, 20) or self.division.code

    @property
    def shape(self) -> BaseGeometry:
        """Its outline, degrees."""
        return self.division.shape

    def part_of(self, code: str) -> Division | None:
        """The counted division that a code lies in."""
        if not code:
            return None
        return next((each for each in self.parts if code.startswith(division_prefix(each.code))), None)


def level_title(by: Level | None, lang: Lang) -> str:
    """What the counted divisions are called in the head of a table."""
    return LEVEL_TITLES[by].get(lang) if by else Text("区划", "Division").get(lang)


async def fetch_region(order: Order, code: str) -> Region:
    """The division of a code and what it is counted by.

    Raises:
        NotFound: no outline of that code, or not in the reader's scope. InputError: no division code.
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    layer = order.registry["divisions"]
    prefix = division_prefix(code)
    selection = Selection((layer,), None, division=code, reader=order.reader)
    sql = StatementBuilder()
    condition = f"{selection.where(layer, sql)} AND source_id LIKE {sql.value(prefix + '%', 'text')}"
    # Of a prefix the shortest codes are the highest divisions; a padded one may come after a few others.
    found = await read_divisions(order.database, sql, condition, 0.0, "rtrim(source_id, '0'), source_id", 3)
    whole = next((each for each in found if _prefix_of(each) == prefix), None)
    if whole is None:
        raise NotFound(
            Text(
                f"没有代码为 {code} 的行政区划边界;请核对代码,或先把它导入 divisions 图层",
                f"no outline of division {code} is loaded; check the code, or import it into the layer divisions",
            ),
            field="division",
        )
    by = order.request.by or _NEXT.get(whole.level)
    parts: list[Division] = []
    while by is not None and not parts:
        sql = StatementBuilder()
        condition = f"{selection.where(layer, sql)} AND level = {sql.value(by, 'text')}"
        west, south, east, north = whole.shape.bounds
        parts = await read_divisions(
            order.database, sql, condition, max(east - west, north - south) / 4000, "source_id, source"
        )
        parts = [each for each in parts if each.code != whole.code and each.code.startswith(prefix)]
        if not parts:
            by = None
    return Region(whole, by, tuple(parts))


def _prefix_of(division: Division) -> str:
    return division_prefix(division.code) if division.code.isascii() and division.code.isdigit() else ""


def free_corner(sheet: Sheet, subject: BaseGeometry, taken: Sequence[BaseGeometry] = ()) -> Box | None:
    """The tallest ground at a corner of the frame, 50 mm wide, that the subject leaves free; not below the arrow."""
    flat = shapely.transform(subject.simplify(sheet.simplify_deg * 4), lambda xy: _to_mm(sheet, xy))
    hard = shapely.union_all([flat.buffer(1.5), *taken]) if taken else flat.buffer(1.5)
    width, height = sheet.box.w, sheet.box.h
    best: Box | None = None
    for at_right, at_bottom in ((True, True), (False, True), (False, False)):
        x = width - _CORNER_W_MM if at_right else 0.0
        tall = height * 0.8
        while tall >= _LEAST_CORNER_MM:
            y = height - tall if at_bottom else 0.0
            if not hard.intersects(shapely.box(x, y, x + _CORNER_W_MM, y + tall)):
                break
            tall -= _CORNER_STEP_MM
        if tall >= _LEAST_CORNER_MM and (best is None or tall > best.h + 12):
            best = Box(x, height - tall if at_bottom else 0.0, _CORNER_W_MM, tall)
    return best


def _to_mm(sheet: Sheet, places: Floats) -> Floats:
    return np.array([sheet.mm(float(lon), float(lat)) for lon, lat in places]).reshape(-1, 2)
