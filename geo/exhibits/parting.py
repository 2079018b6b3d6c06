"""Parting: symbols that hide each other move apart, each with a line to its place, so that every one is seen.

A relaxation: overlapping symbols push each other away and are drawn back to where they belong, until they stand free.
Everything is computed in a fixed order, so that the same symbols always part in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.exhibits.placing import Line, Point, Rect

__all__ = ["Parted", "part_symbols"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

_ROUNDS = 160
_ASKED_EVERY = 8
"""Rounds between two looks at which symbols are neighbours."""
_MARGIN_MM = 1.5
_PULL = 0.03
_UNMOVED_MM = 0.35
"""A symbol that moved less than this is left where its place is."""
_FURTHEST_MM = 22.0
_GOLDEN = 2.399963229728653


@dataclass(frozen=True, slots=True)
class Parted:
    """Where a symbol stands, and the line from its place to there when it was moved."""

    x: float
    y: float
    line: Line | None = None


def part_symbols(
    places: Sequence[Point],
    sizes: Sequence[float],
    obstacles: Sequence[Rect],
    frame: tuple[float, float],
    *,
    apart: float = 0.92,
    room: Sequence[float] | None = None,
) -> list[Parted]:
    """A stand for each symbol (mm from the frame's top left); those that hide no other stay where they are.

    Two symbols nearer than ``apart`` times their mean size push each other. With ``room`` (mm) each symbol of a crowd
    has so much room on its right, for its number. Symbols off the frame neither move nor push.
    """
    own: Floats = np.array(places, dtype=float).reshape(-1, 2)
    size: Floats = np.array(sizes, dtype=float)
    inside = np.all((own >= 0) & (own <= np.array(frame)), axis=1)
    at = np.flatnonzero(inside)
    moved = own.copy()
    if len(at) > 1:
        moved[at] = _relaxed(own[at], size[at] * apart, obstacles, frame)
        if room is not None:
            right = np.array(room, dtype=float)[at]
            moved[at] = _boxed(own[at], moved[at], size[at], right, obstacles, frame)
    stands = []
    for (x, y), (new_x, new_y) in zip(own.tolist(), moved.round(3).tolist(), strict=True):
        far = ((new_x - x) ** 2 + (new_y - y) ** 2) ** 0.5
        stands.append(Parted(new_x, new_y, ((x, y), (new_x, new_y))) if far > _UNMOVED_MM else Parted(x, y))
    return stands


def _pairs(now: Floats, half_x: Floats, half_y: Floats) -> tuple[Indices, Indices]:
    """The pairs whose boxes, grown by what they may move until asked again, touch; each once, in a fixed order."""
    boxes = shapely.box(
        now[:, 0] - half_x - _MARGIN_MM,
        now[:, 1] - half_y - _MARGIN_MM,
        now[:, 0] + half_x + _MARGIN_MM,
        now[:, 1] + half_y + _MARGIN_MM,
    )
    one, two = shapely.STRtree(boxes).query(boxes)
    kept = one < two
    order = np.lexsort((two[kept], one[kept]))
    return one[kept][order], two[kept][order]


def _relaxed(own: Floats, size: Floats, obstacles: Sequence[Rect], frame: tuple[float, float]) -> Floats:
    """The places after pushing; symbols of one place start on a spiral around it."""
    order = np.arange(len(own))
    now = own + 1e-3 * np.column_stack((np.cos(order * _GOLDEN), np.sin(order * _GOLDEN))) * np.sqrt(order + 1)[:, None]
    for turn in range(_ROUNDS):
        if turn % _ASKED_EVERY == 0:
            one, two = _pairs(now, size / 2, size / 2)
        apart = now[one] - now[two]
        far = np.maximum(np.hypot(apart[:, 0], apart[:, 1]), 1e-6)
        short = np.clip((size[one] + size[two]) / 2 - far, 0.0, None)
        if turn and not short.any() and not obstacles:
            break
        step = 0.5 * apart * (short / far)[:, None]
        push = np.zeros_like(now)
        np.add.at(push, one, step)
        np.add.at(push, two, -step)
        crowded = np.zeros(len(now), dtype=bool)
        crowded[one[short > 0]] = crowded[two[short > 0]] = True
        pull = _PULL * max(0.0, 1 - 1.4 * turn / _ROUNDS)
        now = now + _bounded(push, size / 2) + np.where(crowded, 0.3, 1.0)[:, None] * pull * (own - now)
        for box in obstacles:
            now = _out_of(now, size, box)
        now = _kept(now, own, size / 2, frame)
    return now


def _bounded(push: Floats, most: Floats) -> Floats:
    """In a crowd the pushes of many add up: a step is never longer than ``most``."""
    length = np.hypot(push[:, 0], push[:, 1])
    return np.asarray(push * (np.minimum(length, most) / np.maximum(length, 1e-9))[:, None])


def _kept(now: Floats, own: Floats, half: Floats, frame: tuple[float, float]) -> Floats:
    """Not too far from where they belong, and in the frame if they belong there whole."""
    now = own + _bounded(now - own, np.full(len(own), _FURTHEST_MM))
    for axis, edge in enumerate(frame):
        least, most = np.minimum(half, own[:, axis]), np.maximum(edge - half, own[:, axis])
        now[:, axis] = np.clip(now[:, axis], least, most)
    return now


def _boxed(
    own: Floats, start: Floats, size: Floats, right: Floats, obstacles: Sequence[Rect], frame: tuple[float, float]
) -> Floats:
    """Go on from ``start`` with boxes: a symbol with room on its right; boxes that overlap leave by the shorter way."""
    crowded = np.zeros(len(own), dtype=bool)
    one, two = _pairs(start, size * 0.75 - _MARGIN_MM, size * 0.75 - _MARGIN_MM)
    crowded[one] = crowded[two] = True
    right = np.where(crowded, right, 0.0)
    offset = np.column_stack((right / 2, np.zeros(len(size))))
    half = np.column_stack((0.92 * (size + right) / 2, 0.92 * size / 2))
    fixed = np.array([((box.left + box.right) / 2, (box.top + box.bottom) / 2) for box in obstacles]).reshape(-1, 2)
    fixed_half = np.array([((box.right - box.left) / 2, (box.bottom - box.top) / 2) for box in obstacles]).reshape(
        -1, 2
    )
    at, other = (grid.ravel() for grid in np.meshgrid(np.arange(len(own)), np.arange(len(fixed)), indexing="ij"))
    now = start.copy()
    for turn in range(_ROUNDS):
        middle = now + offset
        if turn % _ASKED_EVERY == 0:
            one, two = _pairs(middle, half[:, 0], half[:, 1])
        step = _box_steps(middle[one] - middle[two], half[one] + half[two])
        held = _box_steps(middle[at] - fixed[other], half[at] + fixed_half[other])
        if not step.any() and not held.any():
            break
        push = np.zeros_like(now)
        np.add.at(push, one, step / 2)
        np.add.at(push, two, -step / 2)
        np.add.at(push, at, held)
        now = _kept(now + _bounded(push, size / 2), own, size / 2, frame)
    return now


def _box_steps(apart: Floats, room: Floats) -> Floats:
    """By how much boxes that are ``apart`` must move to have ``room``: along the axis of the lesser overlap."""
    over = room - np.abs(apart)
    touching = np.all(over > 1e-3, axis=1)
    by_x = over[:, 0] < over[:, 1]
    side = np.where(apart >= 0, 1.0, -1.0)
    x = np.where(touching & by_x, over[:, 0] * side[:, 0], 0.0)
    y = np.where(touching & ~by_x, over[:, 1] * side[:, 1], 0.0)
    return np.column_stack((x, y))


def _out_of(now: Floats, size: Floats, box: Rect) -> Floats:
    """Symbols on a box leave it over its nearest edge."""
    half = size * 0.42
    left, right = now[:, 0] + half - box.left, box.right - (now[:, 0] - half)
    up, down = now[:, 1] + half - box.top, box.bottom - (now[:, 1] - half)
    on = (left > 0) & (right > 0) & (up > 0) & (down > 0)
    if not on.any():
        return now
    ways = np.column_stack((left, right, up, down))
    nearest = ways.argmin(axis=1)
    step = ways[np.arange(len(now)), nearest]
    moves = np.array([(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)])[nearest] * step[:, None]
    return now + np.where(on[:, None], moves * 0.5, 0.0)
