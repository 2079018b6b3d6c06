"""Down a river: along a network of lines from a place on it, as far as asked, by no direction that is not known.

Lines are in a plane, in metres. Two lines join where an end of one lies within ``JOIN_M`` of the other: at its end, or
beside it where a tributary was drawn up to a river that was not cut there. Lines that only cross do not join.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import shapely
from shapely import ops

__all__ = ["JOIN_M", "Course", "Flow", "Reach", "follow", "nearest_reach"]

JOIN_M = 2.0
"""How far the ends of two reaches that meet may lie apart: what drawing leaves."""

_SAME_M = 1e-6


class Flow(StrEnum):
    """Which way the water runs along a line as it was drawn."""

    FORWARD = "forward"
    BACKWARD = "backward"
    UNKNOWN = "unknown"
    """Nobody says: both ways are followed."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One line of the network, and what it belongs to."""

    key: str
    name: str | None
    line: shapely.LineString
    flow: Flow


@dataclass(frozen=True, slots=True)
class Course:
    """What was followed: its lines, the reaches in the order in which they were come to, and the longest way."""

    shape: shapely.MultiLineString
    reaches: tuple[Reach, ...]
    longest_m: float


_Place = tuple[int, float, bool]
"""A reach by its number, metres along its line, and whether the way goes on along it as it was drawn."""


def nearest_reach(reaches: Sequence[Reach], shape: shapely.Geometry) -> tuple[int, float, float] | None:
    """Number of the nearest reach, metres along it to its nearest place, and how far that lies from ``shape``."""
    if not reaches:
        return None
    away = shapely.distance([reach.line for reach in reaches], shape)
    number = int(away.argmin())
    line = reaches[number].line
    foot = shapely.Point(shapely.get_coordinates(shapely.shortest_line(line, shape))[0])
    return number, float(line.project(foot)), float(away[number])


def _ways(reach: Reach) -> tuple[bool, ...]:
    return {Flow.FORWARD: (True,), Flow.BACKWARD: (False,), Flow.UNKNOWN: (True, False)}[reach.flow]


def _entered(reaches: Sequence[Reach], place: _Place, step_m: float) -> Iterator[tuple[float, _Place]]:
    """Where the way of ``step_m`` from a place may go over into others: metres gone till there, and the new place.

    At the end of the reach, onto whatever passes there; beside it, onto what begins there.
    """
    number, start_m, onward = place
    line = reaches[number].line
    end_m = start_m + step_m if onward else start_m - step_m
    low_m, high_m = min(start_m, end_m), max(start_m, end_m)
    passed, end = ops.substring(line, low_m, high_m), line.interpolate(end_m)
    is_end = abs(end_m - (line.length if onward else 0.0)) < _SAME_M
    for other, reach in enumerate(reaches):
        if other == number or reach.line.distance(passed) > JOIN_M:
            continue
        for along in _ways(reach):
            if is_end and reach.line.distance(end) <= JOIN_M:
                yield step_m, (other, float(reach.line.project(end)), along)
            begins_m = 0.0 if along else reach.line.length
            begins = reach.line.interpolate(begins_m)
            if passed.distance(begins) <= JOIN_M:
                left_m = min(max(float(line.project(begins)), low_m), high_m)
                yield abs(left_m - start_m), (other, begins_m, along)


def follow(reaches: Sequence[Reach], number: int, along_m: float, length_m: float) -> Course:
    """From ``along_m`` on a reach ``length_m`` down the network; where it parts, down every branch."""
    waiting: list[tuple[float, _Place]] = [(0.0, (number, along_m, onward)) for onward in _ways(reaches[number])]
    heapq.heapify(waiting)
    gone: dict[_Place, float] = {}
    parts: list[shapely.Geometry] = []
    order: dict[int, None] = {}
    longest_m = 0.0
    while waiting:
        done_m, place = heapq.heappop(waiting)
        at, start_m, onward = place
        key = (at, round(start_m, 2), onward)
        if done_m > length_m or key in gone:
            continue
        gone[key] = done_m
        line = reaches[at].line
        step_m = min(length_m - done_m, line.length - start_m if onward else start_m)
        if step_m > _SAME_M or not order:
            order[at] = None
            low_m = start_m if onward else start_m - step_m
            parts.append(ops.substring(line, low_m, low_m + step_m))
            longest_m = max(longest_m, done_m + step_m)
        for left_m, entered in _entered(reaches, place, step_m):
            heapq.heappush(waiting, (done_m + left_m, entered))
    merged = shapely.union_all(parts)
    lines = [part for part in shapely.get_parts(merged) if part.geom_type == "LineString"]
    return Course(shapely.MultiLineString(lines), tuple(reaches[each] for each in order), longest_m)
