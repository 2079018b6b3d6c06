"""Parting: symbols that hide each other move apart, each with a line to its place, so that every one is seen.

A relaxation: overlapping symbols push each other away and are drawn back to where they belong, until they stand free.
Everything is computed in a fixed order, so that the same symbols always part in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.exhibits.placing import Line, Point, Rect

__all__ = ["Parted", "part_symbols"]

Floats = npt.NDArray[np.float64]

_APART = 0.92
"""Of the mean of two symbols' sizes: nearer than this they push each other."""
_ROUNDS = 160
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
    width: float,
    height: float,
    room: Sequence[float] | None = None,
) -> list[Parted]:
    """A stand for each symbol (mm from the frame's top left); those that hide no other stay where they are.

    With ``room`` (mm) each symbol that hides another has so much room on its right, for its number. Symbols off the
    frame neither move nor push.
    """
    own: Floats = np.array(places, dtype=float).reshape(-1, 2)
    size: Floats = np.array(sizes, dtype=float)
    inside = (own[:, 0] >= 0) & (own[:, 0] <= width) & (own[:, 1] >= 0) & (own[:, 1] <= height)
    at = np.flatnonzero(inside)
    moved = own.copy()
    if len(at) > 1:
        moved[at] = _relaxed(own[at], size[at], obstacles, (width, height))
        if room is not None:
            right = np.array(room, dtype=float)[at]
            moved[at] = _boxed(own[at], moved[at], size[at], right, obstacles, (width, height))
    stands = []
    for (x, y), (new_x, new_y) in zip(own.tolist(), moved.round(3).tolist(), strict=True):
        far = ((new_x - x) ** 2 + (new_y - y) ** 2) ** 0.5
        stands.append(Parted(new_x, new_y, ((x, y), (new_x, new_y))) if far > _UNMOVED_MM else Parted(x, y))
    return stands


def _relaxed(own: Floats, size: Floats, obstacles: Sequence[Rect], frame: tuple[float, float]) -> Floats:
    """The places after pushing; symbols of one place start on a spiral around it."""
    count = len(own)
    order = np.arange(count)
    now = own + 1e-3 * np.column_stack((np.cos(order * _GOLDEN), np.sin(order * _GOLDEN))) * np.sqrt(order + 1)[:, None]
    least = _APART * (size[:, None] + size[None, :]) / 2
    for turn in range(_ROUNDS):
        apart = now[:, None, :] - now[None, :, :]
        far = np.hypot(apart[..., 0], apart[..., 1])
        np.fill_diagonal(far, np.inf)
        short = np.clip(least - far, 0.0, None)
        if turn and not short.any() and not obstacles:
            break
        weight = np.where(short > 0, short / np.maximum(far, 1e-6), 0.0)
        push = 0.5 * (apart * weight[..., None]).sum(axis=1)
        # In a crowd the pushes of many add up: a step is never longer than half a symbol.
        length = np.hypot(push[:, 0], push[:, 1])
        push *= (np.minimum(length, size / 2) / np.maximum(length, 1e-9))[:, None]
        free = short.max(axis=1) == 0
        pull = _PULL * max(0.0, 1 - 1.4 * turn / _ROUNDS)
        now = now + push + np.where(free, 1.0, 0.3)[:, None] * pull * (own - now)
        for box in obstacles:
            now = _out_of(now, size, box)
        now = _kept(now, own, size / 2, frame)
    return now


def _kept(now: Floats, own: Floats, half: Floats, frame: tuple[float, float]) -> Floats:
    """Not too far from where they belong, and in the frame if they belong there whole."""
    offset = now - own
    reach = np.hypot(offset[:, 0], offset[:, 1])
    now = own + offset * (np.minimum(reach, _FURTHEST_MM) / np.maximum(reach, 1e-9))[:, None]
    for axis, edge in enumerate(frame):
        least, most = np.minimum(half, own[:, axis]), np.maximum(edge - half, own[:, axis])
        now[:, axis] = np.clip(now[:, axis], least, most)
    return now


def _boxed(
    own: Floats, start: Floats, size: Floats, right: Floats, obstacles: Sequence[Rect], frame: tuple[float, float]
) -> Floats:
    """Go on from ``start`` with boxes: a symbol with room on its right; boxes that overlap leave by the shorter way."""
    apart = np.hypot(start[:, None, 0] - start[None, :, 0], start[:, None, 1] - start[None, :, 1])
    np.fill_diagonal(apart, np.inf)
    crowded = apart.min(axis=1) < 1.5 * size
    wide = size + np.where(crowded, right, 0.0)
    offset = np.column_stack((np.where(crowded, right, 0.0) / 2, np.zeros(len(size))))
    half_x, half_y = _APART * wide / 2, _APART * size / 2
    fixed = np.array([((box.left + box.right) / 2, (box.top + box.bottom) / 2) for box in obstacles]).reshape(-1, 2)
    fixed_x = np.array([(box.right - box.left) / 2 for box in obstacles])
    fixed_y = np.array([(box.bottom - box.top) / 2 for box in obstacles])
    now = start.copy()
    for _ in range(_ROUNDS):
        middle = now + offset
        push, overlaps = _pushes(middle, half_x, half_y, middle, half_x, half_y, 0.5)
        held, others = _pushes(middle, half_x, half_y, fixed, fixed_x, fixed_y, 1.0)
        if not overlaps and not others:
            break
        push = push + held
        length = np.hypot(push[:, 0], push[:, 1])
        push *= (np.minimum(length, size / 2) / np.maximum(length, 1e-9))[:, None]
        now = _kept(now + push, own, size / 2, frame)
    return now


def _pushes(
    places: Floats, half_x: Floats, half_y: Floats, others: Floats, other_x: Floats, other_y: Floats, share: float
) -> tuple[Floats, bool]:
    """How boxes are pushed by others that they overlap, along the axis of the lesser overlap; whether any does."""
    if not len(others):
        return np.zeros_like(places), False
    apart = places[:, None, :] - others[None, :, :]
    over_x = half_x[:, None] + other_x[None, :] - np.abs(apart[..., 0])
    over_y = half_y[:, None] + other_y[None, :] - np.abs(apart[..., 1])
    touching = (over_x > 1e-3) & (over_y > 1e-3)
    if others is places:
        np.fill_diagonal(touching, False)
    by_x = touching & (over_x < over_y)
    by_y = touching & ~by_x
    side = np.where(apart >= 0, 1.0, -1.0)
    push_x = np.where(by_x, over_x * side[..., 0], 0.0).sum(axis=1) * share
    push_y = np.where(by_y, over_y * side[..., 1], 0.0).sum(axis=1) * share
    return np.column_stack((push_x, push_y)), bool(touching.any())


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
