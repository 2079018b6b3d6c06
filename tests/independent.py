"""Distances without PostGIS: pyproj.Geod on the GRS80 ellipsoid, edges as geodesics, shapely for containment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

GRS80 = Geod(ellps="GRS80")
Floats = npt.NDArray[np.float64]
_GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class Measured:
    """One feature: its key and its true distance in metres."""

    key: str
    distance_m: float


class Ground:
    """Features by key, measured from any place."""

    def __init__(self, keys: list[str], geometries: list[shapely.Geometry]) -> None:
        self.keys = np.array(keys, dtype=object)
        self.geometries = np.array(geometries, dtype=object)
        self._tree = shapely.STRtree(self.geometries)
        self._edges = [_edges(geometry) for geometry in geometries]

    def within(self, lon: float, lat: float, radius_m: float) -> list[Measured]:
        """Every feature whose distance is at most ``radius_m`` + 2 m, with its distance (the caller cuts exactly)."""
        reach_deg = (radius_m + 2.0) / 110_000.0
        east_deg = reach_deg / max(np.cos(np.radians(abs(lat) + reach_deg)), 0.01)
        box = shapely.box(lon - east_deg, lat - reach_deg, lon + east_deg, lat + reach_deg)
        found = []
        for index in sorted(self._tree.query(box)):
            distance_m = self._distance(int(index), lon, lat)
            if distance_m <= radius_m + 2.0:
                found.append(Measured(str(self.keys[index]), distance_m))
        return found

    def _distance(self, index: int, lon: float, lat: float) -> float:
        geometry = self.geometries[index]
        if shapely.get_dimensions(geometry) == 2 and shapely.intersects_xy(geometry, lon, lat):
            return 0.0
        starts, ends = self._edges[index]
        from_start = _distances(lon, lat, starts)
        if len(ends) == 0:
            return float(from_start.min())
        from_end = _distances(lon, lat, ends)
        _, _, length = GRS80.inv(starts[:, 0], starts[:, 1], ends[:, 0], ends[:, 1])
        best = min(from_start.min(), from_end.min())
        # No place of an edge is nearer than (d1 + d2 - length) / 2: only edges that could beat a vertex are searched.
        near = (from_start + from_end - np.asarray(length)) / 2.0 < best
        return float(min(best, _nearest_on(lon, lat, starts[near], ends[near]).min(initial=np.inf)))


def _edges(geometry: shapely.Geometry) -> tuple[Floats, Floats]:
    """Starts and ends of every edge; a point is a start without an end."""
    if shapely.get_dimensions(geometry) == 0:
        return shapely.get_coordinates(geometry), np.empty((0, 2))
    lines = geometry.boundary if shapely.get_dimensions(geometry) == 2 else geometry
    coordinates, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    same = part[1:] == part[:-1]
    return coordinates[:-1][same], coordinates[1:][same]


def _distances(lon: float, lat: float, places: Floats) -> Floats:
    count = len(places)
    _, _, distance = GRS80.inv(np.full(count, lon), np.full(count, lat), places[:, 0], places[:, 1])
    return np.asarray(distance)


def _nearest_on(lon: float, lat: float, starts: Floats, ends: Floats) -> Floats:
    """The distance to each geodesic edge, by golden-section search to a tenth of a millimetre."""
    azimuth, _, length = GRS80.inv(starts[:, 0], starts[:, 1], ends[:, 0], ends[:, 1])
    azimuth, length = np.asarray(azimuth), np.asarray(length)

    def at(along: Floats) -> Floats:
        lons, lats, _ = GRS80.fwd(starts[:, 0], starts[:, 1], azimuth, along)
        return _distances(lon, lat, np.column_stack([lons, lats]))

    low, high = np.zeros_like(length), length.copy()
    steps = (
        int(np.ceil(np.log(1e-4 / max(float(length.max(initial=1.0)), 1e-3)) / np.log(_GOLDEN))) if len(length) else 0
    )
    for _ in range(max(steps, 0)):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        nearer_left = at(left) < at(right)
        low, high = np.where(nearer_left, low, left), np.where(nearer_left, right, high)
    return at((low + high) / 2.0)


class Shape:
    """An asked line or polygon with geodesic edges, measured to features without PostGIS."""

    def __init__(self, geometry: shapely.Geometry) -> None:
        self.geometry = geometry
        self.dense = shapely.transform(shapely.segmentize(geometry, 1e-3), _on_geodesics(geometry))
        self.edges = _edges(geometry)

    def distance_m(self, feature: shapely.Geometry) -> float:
        """0 where they touch or one holds the other, else the least distance of a vertex of one to an edge of another.

        Two geodesic edges that do not cross are nearest at an end of one of them.
        """
        if self.dense.intersects(feature):
            return 0.0
        starts, ends = _edges(feature)
        vertices = shapely.get_coordinates(feature)
        best = _vertices_to_edges(vertices, *self.edges)
        return min(best, _vertices_to_edges(shapely.get_coordinates(self.geometry), starts, ends, best))


def _on_geodesics(geometry: shapely.Geometry) -> Callable[[Floats], Floats]:
    """Move the places that were put into straight edges (in degrees) onto the geodesics between the true vertices."""
    true = {tuple(place) for place in shapely.get_coordinates(geometry)}

    def move(places: Floats) -> Floats:
        moved, corner = places.copy(), 0
        for end in range(1, len(places)):
            if tuple(places[end]) in true:
                between = end - corner - 1
                if between > 0:
                    moved[corner + 1 : end] = GRS80.npts(*places[corner], *places[end], between)
                corner = end
        return moved

    return move


def _vertices_to_edges(vertices: Floats, starts: Floats, ends: Floats, best: float = np.inf) -> float:
    for lon, lat in vertices:
        from_start = _distances(lon, lat, starts)
        best = min(best, float(from_start.min()))
        if len(ends) == 0:
            continue
        from_end = _distances(lon, lat, ends)
        best = min(best, float(from_end.min()))
        _, _, length = GRS80.inv(starts[:, 0], starts[:, 1], ends[:, 0], ends[:, 1])
        near = (from_start + from_end - np.asarray(length)) / 2.0 < best
        if near.any():
            best = min(best, float(_nearest_on(lon, lat, starts[near], ends[near]).min()))
    return best
