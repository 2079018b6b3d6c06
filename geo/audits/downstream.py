"""Which way water takes below a pond: along the rivers that are loaded, else down the ground; how sure that is.

A river is taken where one lies within the snapping distance of the pond and not above it. Its direction is the one that
its source declares; where none is, the fall between the heights of its ends; where that is not clear, both ways are
followed and that is told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import Crs
from geo.limits import WhereLimits
from geo.rasters import Grids, RasterEntry, elevations_at, flow_path
from geo.risk.rings import ring_shape
from geo.risk.where import around_geometry, plane_definition
from geo.rivers import Flow, Reach, follow, nearest_reach

__all__ = ["CLEAR_FALL_M", "DISTANCE_M", "Direction", "Way", "corridor", "ground_way", "reached", "river_way"]

DISTANCE_M = 1000.0
CLEAR_FALL_M = 5.0
"""A fall less than this between the ends of a reach is no proof: elevation grids are wrong by metres. Ours."""

_DECLARED = {"digitised": Flow.FORWARD, "reversed": Flow.BACKWARD, "both": Flow.UNKNOWN}
Heights = npt.NDArray[np.float64]


class Direction(StrEnum):
    """How it is known which way the water runs; the worst of all the reaches that were followed."""

    DECLARED = "declared"
    HEIGHTS = "heights"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Way:
    """The way of the water below one pond, in degrees. ``whole``: it is as long as asked."""

    shape: shapely.LineString | shapely.MultiLineString
    length_m: float
    whole: bool
    direction: Direction = Direction.HEIGHTS
    rivers: tuple[str, ...] | None = None
    """Names of the rivers that were followed; None where it runs over the ground."""
    river_m: float | None = None
    """How far the pond lies from the river."""
    doubtful: tuple[str, ...] = ()
    """Reaches whose declared direction runs uphill by the heights of their ends."""


@dataclass(frozen=True)
class _Plane:
    """The azimuthal equidistant plane of a pond."""

    to_metres: pyproj.Proj

    @staticmethod
    def of(shape: BaseGeometry) -> _Plane:
        middle = shapely.point_on_surface(shape)
        return _Plane(pyproj.Proj(plane_definition(float(shapely.get_x(middle)), float(shapely.get_y(middle)))))

    def flat(self, shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, lambda c: np.column_stack(self.to_metres(c[:, 0], c[:, 1])))

    def degrees(self, shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(shape, lambda c: np.column_stack(self.to_metres(c[:, 0], c[:, 1], inverse=True)))


def corridor(way: Way, breadth_m: float) -> BaseGeometry:
    """The ground within ``breadth_m`` of the way, in degrees."""
    return ring_shape(around_geometry(way.shape, Crs("EPSG:4490"), WhereLimits()), breadth_m)


def reached(way: Way, pond: BaseGeometry, shapes: Sequence[BaseGeometry], breadth_m: float) -> list[bool]:
    """Which of these lie within ``breadth_m`` of the way."""
    plane = _Plane.of(pond)
    line = plane.flat(way.shape)
    return [bool(shapely.distance(plane.flat(shape), line) <= breadth_m) for shape in shapes]


def ground_way(grids: Grids, entries: tuple[RasterEntry, ...], pond: BaseGeometry) -> Way | None:
    """Down the steepest slope from the pond's middle to ``DISTANCE_M`` beyond its edge; None where no height is known.

    Blocking: call it in a thread.
    """
    plane, middle = _Plane.of(pond), shapely.point_on_surface(pond)
    across_m = float(shapely.minimum_bounding_radius(plane.flat(pond))) * 2.0
    path = flow_path(grids, entries, float(middle.x), float(middle.y), DISTANCE_M + across_m)
    if path is None or len(path.places) < 2:
        return None
    inside = np.flatnonzero(shapely.intersects_xy(pond, path.places[:, 0], path.places[:, 1]))
    leaves = int(inside[-1]) if len(inside) else 0
    flat = shapely.get_coordinates(plane.flat(shapely.LineString(path.places)))
    gone_m = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(flat[leaves:], axis=0).T))))
    kept = gone_m <= DISTANCE_M
    if kept.sum() < 2:
        return None
    whole = path.whole or float(gone_m[-1]) >= DISTANCE_M
    return Way(shapely.LineString(path.places[leaves:][kept]), float(gone_m[kept][-1]), whole)


def _reaches(rivers: Sequence[Mapping[str, object]], plane: _Plane) -> tuple[list[Reach], list[shapely.LineString]]:
    """The lines of these rivers in the plane and in degrees, as declared; a multi-line is several."""
    flat, degrees = [], []
    for river in rivers:
        flow = _DECLARED.get(str(river["flow"]), Flow.UNKNOWN)
        name = None if river["name"] is None else str(river["name"])
        for part in shapely.get_parts(shapely.from_geojson(json.dumps(river["geometry"]))):
            flat.append(
                Reach(str(river["id"]), name, shapely.LineString(shapely.get_coordinates(plane.flat(part))), flow)
            )
            degrees.append(part)
    return flat, degrees


def _heights(grids: Grids | None, entries: tuple[RasterEntry, ...], places: Sequence[Sequence[float]]) -> Heights:
    if grids is None:
        return np.full(len(places), np.nan)
    return elevations_at(grids, entries, np.array(places, dtype=float).reshape(-1, 2))


def river_way(
    grids: Grids | None,
    entries: tuple[RasterEntry, ...],
    pond: BaseGeometry,
    rivers: Sequence[Mapping[str, object]],
    snap_m: float,
) -> Way | None:
    """Along the rivers from their nearest place to the pond, ``DISTANCE_M`` down; None where none is near or below it.

    ``rivers``: ``id``, ``name``, ``flow`` (as declared, or None) and ``geometry`` (GeoJSON). Blocking: call it in a
    thread.
    """
    plane = _Plane.of(pond)
    reaches, lines = _reaches(rivers, plane)
    flat_pond = plane.flat(pond)
    nearest = nearest_reach(reaches, flat_pond)
    if nearest is None or nearest[2] > snap_m:
        return None
    number, along_m, river_m = nearest
    foot = reaches[number].line.interpolate(along_m)
    ends = [line.coords[at] for line in lines for at in (0, -1)]
    middle = shapely.point_on_surface(pond).coords[0]
    heights = _heights(grids, entries, [middle, plane.degrees(foot).coords[0], *ends])
    if heights[1] > heights[0] + CLEAR_FALL_M:
        # Behind a rise: no water of the pond gets there by itself.
        return None
    falls = (heights[2::2] - heights[3::2]).tolist()
    declared = [_DECLARED.get(str(river["flow"])) for river in rivers for _ in _parts_of(river)]
    directed = [_directed(*each) for each in zip(reaches, declared, falls, strict=True)]
    course = follow([reach for reach, _ in directed], number, along_m, DISTANCE_M)
    if course.longest_m <= 0:
        return None
    taken = [(reach, how, fall) for (reach, how), fall in zip(directed, falls, strict=True) if reach in course.reaches]
    doubtful = (reach.name or reach.key for reach, how, fall in taken if _is_uphill(reach, fall, how))
    return Way(
        _drawn(plane, shapely.shortest_line(flat_pond, foot), course.shape),
        course.longest_m,
        course.longest_m >= DISTANCE_M - 0.01,
        max((how for _, how, _ in taken), key=list(Direction).index),
        tuple(dict.fromkeys(reach.name or reach.key for reach in course.reaches)),
        river_m,
        tuple(dict.fromkeys(doubtful)),
    )


def _drawn(plane: _Plane, link: BaseGeometry, course: shapely.MultiLineString) -> shapely.MultiLineString:
    """The course with the way from the pond to it, in degrees."""
    lines = [*([link] if link.length > 0.01 else []), *course.geoms]
    return shapely.MultiLineString([shapely.get_coordinates(plane.degrees(line)) for line in lines])


def _parts_of(river: Mapping[str, object]) -> Sequence[object]:
    geometry = river["geometry"]
    assert isinstance(geometry, Mapping)
    parts: Sequence[object] = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry]
    return parts


def _directed(reach: Reach, declared: Flow | None, fall_m: float) -> tuple[Reach, Direction]:
    """The reach with its direction, and how that is known."""
    if declared in (Flow.FORWARD, Flow.BACKWARD):
        return reach, Direction.DECLARED
    if declared is None and abs(fall_m) >= CLEAR_FALL_M:
        return replace(reach, flow=Flow.FORWARD if fall_m > 0 else Flow.BACKWARD), Direction.HEIGHTS
    return reach, Direction.UNKNOWN


def _is_uphill(reach: Reach, fall_m: float, how: Direction) -> bool:
    runs_m = fall_m if reach.flow is Flow.FORWARD else -fall_m
    return how is Direction.DECLARED and runs_m <= -CLEAR_FALL_M
