"""Geometries as the layer stores them: two-dimensional, valid, of its kind, promoted to multi-geometries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from geo.crs import Crs
from geo.ingest.reading.table import Geometries
from geo.ingest.staged import Candidate
from layers.feature import GeometryKind

__all__ = ["Codes", "Judged", "judge_geometries", "unspoilt"]

Codes = npt.NDArray[np.object_]

_NO_REASON = np.array(None, dtype=object)
_POINTS = (GeometryType.POINT,)
_LINES = (GeometryType.LINESTRING, GeometryType.MULTILINESTRING)
_POLYGONS = (GeometryType.POLYGON, GeometryType.MULTIPOLYGON)
_TAKEN = {
    GeometryKind.POINT: _POINTS,
    GeometryKind.LINE: _LINES,
    GeometryKind.POLYGON: _POLYGONS,
    GeometryKind.ANY: (*_POINTS, GeometryType.MULTIPOINT, *_LINES, *_POLYGONS),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Geometries in EPSG:4490; ``problem`` is the code of the reason why a row has none, else None.

    ``flags``, ``candidates`` and ``notes`` are by position: reasons why a placed row wants a look, the places that an
    ambiguous one may mean, and how a coordinate was read (its original text, method and CRS).
    """

    geometry: Geometries
    problem: Codes
    repaired: npt.NDArray[np.bool_]
    flags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    candidates: Mapping[int, tuple[Candidate, ...]] = field(default_factory=dict)
    notes: Mapping[int, Mapping[str, object]] = field(default_factory=dict)


def unspoilt(problem: Codes) -> npt.NDArray[np.bool_]:
    """Where no reason stands."""
    return np.asarray(np.equal(problem, _NO_REASON), dtype=np.bool_)


def _types(geometry: Geometries) -> npt.NDArray[np.int64]:
    return np.asarray(shapely.get_type_id(geometry), dtype=np.int64)


def _single_points(geometry: Geometries) -> Geometries:
    """A multi-point of one point is that point."""
    lone = (_types(geometry) == GeometryType.MULTIPOINT) & (shapely.get_num_geometries(geometry) == 1)
    geometry[lone] = shapely.get_geometry(geometry[lone], 0)
    return geometry


def _mended_polygon(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """The area that an invalid polygon encloses."""
    parts = shapely.get_parts(shapely.make_valid(geometry, method="structure", keep_collapsed=False))
    areas = parts[np.isin(_types(parts), _POLYGONS)]
    whole = shapely.union_all(areas)
    return None if whole.is_empty else whole


def _mended_line(geometry: shapely.Geometry) -> shapely.Geometry | None:
    """A line without its parts of no length."""
    parts = shapely.get_parts(geometry)
    sound = parts[shapely.is_valid(parts)]
    return shapely.MultiLineString(list(sound)) if len(sound) else None


def _repair(geometry: Geometries, problem: Codes) -> npt.NDArray[np.bool_]:
    """Mend invalid lines and polygons in place; a point or what cannot be mended is refused."""
    invalid = unspoilt(problem) & ~shapely.is_missing(geometry) & ~shapely.is_valid(geometry)
    types = _types(geometry)
    repaired = np.zeros(len(geometry), dtype=bool)
    for at in np.flatnonzero(invalid):
        mend = _mended_polygon if types[at] in _POLYGONS else _mended_line if types[at] in _LINES else None
        mended = mend(geometry[at]) if mend else None
        geometry[at] = mended
        repaired[at] = mended is not None
    problem[invalid & ~repaired] = "geometry-invalid"
    return repaired


def _promote(geometry: Geometries) -> None:
    types = _types(geometry)
    lines, polygons = types == GeometryType.LINESTRING, types == GeometryType.POLYGON
    geometry[lines] = shapely.multilinestrings(geometry[lines], indices=np.arange(lines.sum()))
    geometry[polygons] = shapely.multipolygons(geometry[polygons], indices=np.arange(polygons.sum()))


def _out_of_place(geometry: Geometries, crs: Crs) -> tuple[Geometries, Codes]:
    """The geometries in CGCS2000, and the reason for those of which some coordinate is no place on earth."""
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    lon, lat = crs.to_cgcs2000(coordinates[:, 0], coordinates[:, 1])
    problem: Codes = np.full(len(geometry), None, dtype=object)
    lost = np.isnan(lon)
    problem[owner[lost]] = "coordinate-out-of-range"
    x, y = coordinates[:, 0], coordinates[:, 1]
    swapped = lost & (np.abs(x) <= 90) & (np.abs(y) > 90) & (np.abs(y) <= 180)
    problem[owner[swapped]] = "coordinate-swapped"
    zero = np.bincount(owner[(x == 0) & (y == 0)], minlength=len(geometry))
    problem[(zero == shapely.get_num_coordinates(geometry)) & (zero > 0)] = "coordinate-zero"
    moved = shapely.set_coordinates(geometry.copy(), np.column_stack((np.nan_to_num(lon), np.nan_to_num(lat))))
    return np.asarray(moved, dtype=object), problem


def judge_geometries(geometry: Geometries, kind: GeometryKind, crs: Crs) -> Judged:
    """Bring geometries of ``crs`` into EPSG:4490 and into the layer's ``kind``; say which cannot be and why."""
    flat = np.asarray(shapely.force_2d(geometry), dtype=object)
    empty = shapely.is_missing(flat) | shapely.is_empty(flat)
    flat[empty] = None
    flat = _single_points(flat)
    moved, problem = _out_of_place(flat, crs)
    problem[empty] = "geometry-missing"
    wrong_kind = ~empty & ~np.isin(_types(moved), _TAKEN[kind])
    problem[wrong_kind & unspoilt(problem)] = "geometry-kind"
    repaired = _repair(moved, problem)
    moved[~unspoilt(problem)] = None
    _promote(moved)
    return Judged(moved, problem, repaired)
