"""Placing: where the number of each symbol stands, so that no two texts touch and every symbol stays seen.

Beside the symbol first, then at the end of a leader of 5 to 20 mm, then of up to 45 mm. Symbols and placed texts are
hard obstacles, and so are leaders to one another. All lengths are millimetres from the frame's top left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import cos, radians, sin

__all__ = ["Label", "Placed", "Rect", "Taken", "along", "place_beyond", "place_labels"]

_CELL_MM = 8.0
_GAP_MM = 0.25
_LEADERS_MM = (5.0, 7.5, 10.0, 13.0, 16.0, 20.0)
_FAR_LEADERS_MM = (25.0, 31.0, 38.0, 45.0)
_BEARINGS = tuple(range(0, 360, 22))

Point = tuple[float, float]
Line = tuple[Point, Point]


@dataclass(frozen=True, slots=True)
class Rect:
    """A box: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @staticmethod
    def around(x: float, y: float, w: float, h: float) -> Rect:
        """A box of ``w`` × ``h`` around its centre."""
        return Rect(x - w / 2, y - h / 2, x + w / 2, y + h / 2)

    def touches(self, other: Rect) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Label:
    """A text of ``w`` × ``h`` that belongs to the symbol of half extent ``half`` at ``x``, ``y``.

    ``wish`` is the size of a longer text that is tried first (a number with a name), beside the symbol only.
    """

    x: float
    y: float
    half: float
    w: float
    h: float
    wish: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """The centre of a placed text, the leader from its symbol's edge when there is one, and whether it is the wish."""

    x: float
    y: float
    leader: Line | None
    is_wish: bool = False


class Taken:
    """What stands already, in cells, so that only neighbours are compared."""

    def __init__(self, boxes: Iterable[Rect] = ()) -> None:
        self._cells: dict[tuple[int, int], list[Rect]] = defaultdict(list)
        for box in boxes:
            self.add(box)

    def _keys(self, box: Rect) -> Iterator[tuple[int, int]]:
        for column in range(int(box.left // _CELL_MM), int(box.right // _CELL_MM) + 1):
            for row in range(int(box.top // _CELL_MM), int(box.bottom // _CELL_MM) + 1):
                yield column, row

    def add(self, box: Rect) -> None:
        """Let nothing else stand there."""
        for key in self._keys(box):
            self._cells[key].append(box)

    def is_free(self, box: Rect) -> bool:
        """Whether nothing stands there."""
        return not any(box.touches(other) for key in self._keys(box) for other in self._cells.get(key, ()))


def place_labels(
    labels: Iterable[Label], obstacles: Iterable[Rect], width: float, height: float, *, lines: Iterable[Line] = ()
) -> list[Placed | None]:
    """A place for each label, in the order given (the most important first); None where none is free.

    ``lines`` are leaders that stand already. What finds no place near its symbol is tried again at the end, further
    away, when all others stand.
    """
    wanted = list(labels)
    symbols = [Rect.around(each.x, each.y, 2 * each.half, 2 * each.half) for each in wanted]
    taken = Taken([*symbols, *obstacles, *(box for line in lines for box in along(line))])
    found: list[Placed | None] = [None] * len(wanted)
    for candidates in (_near, _far):
        for at, each in enumerate(wanted):
            if found[at] is None:
                found[at] = _placed(each, candidates(each), taken, (width, height), False)
    return found


def place_beyond(label: Label, taken: Taken, width: float, height: float) -> Placed | None:
    """A place for a label whose symbol stands in a crowd; at last at the end of a leader that runs under symbols."""
    for crossing in (False, True):
        placed = _placed(label, (*_near(label), *_far(label)), taken, (width, height), crossing)
        if placed is not None:
            return placed
    return None


def _placed(
    label: Label, candidates: Iterable[Placed], taken: Taken, frame: tuple[float, float], crossing: bool
) -> Placed | None:
    placed = next((it for it in candidates if _fits(it, label, taken, frame, crossing)), None)
    if placed is not None:
        taken.add(_box(placed, label))
        if placed.leader is not None:
            for box in along(placed.leader):
                taken.add(box)
    return placed


def _box(placed: Placed, label: Label) -> Rect:
    w, h = label.wish if placed.is_wish and label.wish else (label.w, label.h)
    return Rect.around(placed.x, placed.y, w, h)


def _beside(label: Label, w: float, h: float, is_wish: bool) -> Iterator[Placed]:
    out_x, out_y = label.half + _GAP_MM + w / 2, label.half + _GAP_MM + h / 2
    near = label.half * 0.72
    for dx, dy in (
        (out_x, 0),
        (-out_x, 0),
        (near + w / 2, -near - h / 2),
        (near + w / 2, near + h / 2),
        (-near - w / 2, -near - h / 2),
        (-near - w / 2, near + h / 2),
        (0, -out_y),
        (0, out_y),
    ):
        yield Placed(label.x + dx, label.y + dy, None, is_wish)


def _led(label: Label, lengths: Iterable[float], w: float, h: float, is_wish: bool = False) -> Iterator[Placed]:
    for length in lengths:
        for bearing in _BEARINGS:
            across, down = sin(radians(bearing)), -cos(radians(bearing))
            end = label.x + across * length, label.y + down * length
            start = label.x + across * (label.half + 0.1), label.y + down * (label.half + 0.1)
            # The text stands past the leader's end, on the side the leader points to.
            yield Placed(end[0] + across * (w / 2 + 0.3), end[1] + down * (h / 2 + 0.3), (start, end), is_wish)


def _near(label: Label) -> Iterator[Placed]:
    if label.wish is not None:
        yield from _beside(label, *label.wish, True)
        yield from _led(label, _LEADERS_MM[:4], *label.wish, True)
    yield from _beside(label, label.w, label.h, False)
    yield from _led(label, _LEADERS_MM, label.w, label.h)


def _far(label: Label) -> Iterator[Placed]:
    yield from _led(label, _FAR_LEADERS_MM, label.w, label.h)


def _fits(placed: Placed, label: Label, taken: Taken, frame: tuple[float, float], crossing: bool) -> bool:
    width, height = frame
    box = _box(placed, label)
    if box.left < 0.6 or box.top < 0.6 or box.right > width - 0.6 or box.bottom > height - 0.6:
        return False
    if not taken.is_free(box):
        return False
    return placed.leader is None or crossing or all(taken.is_free(step) for step in _beyond(placed.leader, label))


def along(line: Line) -> list[Rect]:
    """Small boxes along a line: what it takes of the ground."""
    return list(_steps(line))


def _steps(line: Line) -> Iterator[Rect]:
    (x0, y0), (x1, y1) = line
    steps = max(2, int(max(abs(x1 - x0), abs(y1 - y0)) / 0.5))
    for n in range(steps + 1):
        x, y = x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps
        yield Rect(x - 0.2, y - 0.2, x + 0.2, y + 0.2)


def _beyond(leader: Line, label: Label) -> Iterator[Rect]:
    """The leader past its own symbol and what that overlaps: where symbols crowd, a leader must get out."""
    reach = label.half + 1.3
    for box in _steps(leader):
        x, y = (box.left + box.right) / 2 - label.x, (box.top + box.bottom) / 2 - label.y
        if abs(x) > reach + 0.2 or abs(y) > reach + 0.2:
            yield box
