"""Placing: where the number of each symbol stands, so that no two texts touch and every symbol stays seen.

Beside the symbol first, then at the end of a leader of 5 to 20 mm. Symbols and placed texts are hard obstacles, and
so are leaders to one another. All lengths are millimetres from the frame's top left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import cos, radians, sin

__all__ = ["Label", "Placed", "Rect", "place_labels"]

_CELL_MM = 8.0
_GAP_MM = 0.25
_LEADERS_MM = (5.0, 7.5, 10.0, 13.0, 16.0, 20.0)
_BEARINGS = tuple(range(0, 360, 22))


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
    """A text of ``w`` × ``h`` that belongs to the symbol of half extent ``half`` at ``x``, ``y``."""

    x: float
    y: float
    half: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Placed:
    """The centre of a placed text, and the leader from its symbol's edge when there is one."""

    x: float
    y: float
    leader: tuple[tuple[float, float], tuple[float, float]] | None


class _Taken:
    """What stands already, in cells, so that only neighbours are compared."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[Rect]] = defaultdict(list)

    def _keys(self, box: Rect) -> Iterator[tuple[int, int]]:
        for column in range(int(box.left // _CELL_MM), int(box.right // _CELL_MM) + 1):
            for row in range(int(box.top // _CELL_MM), int(box.bottom // _CELL_MM) + 1):
                yield column, row

    def add(self, box: Rect) -> None:
        for key in self._keys(box):
            self._cells[key].append(box)

    def is_free(self, box: Rect) -> bool:
        return not any(box.touches(other) for key in self._keys(box) for other in self._cells.get(key, ()))


def place_labels(
    labels: Iterable[Label], obstacles: Iterable[Rect], width: float, height: float
) -> list[Placed | None]:
    """A place for each label, in the order given (the most important first); None where none is free."""
    wanted = list(labels)
    taken, leaders = _Taken(), _Taken()
    symbols = [Rect.around(each.x, each.y, 2 * each.half, 2 * each.half) for each in wanted]
    for box in [*symbols, *obstacles]:
        taken.add(box)
    found: list[Placed | None] = []
    for each in wanted:
        placed = next((it for it in _candidates(each) if _fits(it, each, taken, leaders, width, height)), None)
        if placed is not None:
            taken.add(Rect.around(placed.x, placed.y, each.w, each.h))
            if placed.leader is not None:
                for box in _along(placed.leader):
                    taken.add(box)
                    leaders.add(box)
        found.append(placed)
    return found


def _candidates(label: Label) -> Iterator[Placed]:
    out_x, out_y = label.half + _GAP_MM + label.w / 2, label.half + _GAP_MM + label.h / 2
    near = label.half * 0.72
    for dx, dy in (
        (out_x, 0),
        (-out_x, 0),
        (near + label.w / 2, -near - label.h / 2),
        (near + label.w / 2, near + label.h / 2),
        (-near - label.w / 2, -near - label.h / 2),
        (-near - label.w / 2, near + label.h / 2),
        (0, -out_y),
        (0, out_y),
    ):
        yield Placed(label.x + dx, label.y + dy, None)
    for length in _LEADERS_MM:
        for bearing in _BEARINGS:
            across, down = sin(radians(bearing)), -cos(radians(bearing))
            end = label.x + across * length, label.y + down * length
            start = label.x + across * (label.half + 0.1), label.y + down * (label.half + 0.1)
            # The text stands past the leader's end, on the side the leader points to.
            text = end[0] + across * (label.w / 2 + 0.3), end[1] + down * (label.h / 2 + 0.3)
            yield Placed(*text, (start, end))


def _fits(placed: Placed, label: Label, taken: _Taken, leaders: _Taken, width: float, height: float) -> bool:
    box = Rect.around(placed.x, placed.y, label.w, label.h)
    if box.left < 0.6 or box.top < 0.6 or box.right > width - 0.6 or box.bottom > height - 0.6:
        return False
    if not taken.is_free(box):
        return False
    return placed.leader is None or all(taken.is_free(step) for step in _beyond(placed.leader, label))


def _along(leader: tuple[tuple[float, float], tuple[float, float]]) -> list[Rect]:
    (x0, y0), (x1, y1) = leader
    steps = max(2, int(max(abs(x1 - x0), abs(y1 - y0)) / 0.5))
    return [Rect.around(x0 + (x1 - x0) * n / steps, y0 + (y1 - y0) * n / steps, 0.4, 0.4) for n in range(steps + 1)]


def _beyond(leader: tuple[tuple[float, float], tuple[float, float]], label: Label) -> list[Rect]:
    """The leader past its own symbol and what that overlaps: where symbols crowd, a leader must get out."""
    reach = 2 * label.half + 2.6
    own = Rect.around(label.x, label.y, reach, reach)
    return [box for box in _along(leader) if not box.touches(own)]
