"""Where is asked: any shape becomes small pieces, each measured in a plane of its own.

A piece is at most about 20 km wide and carries an azimuthal equidistant plane (GRS80) centred on it. In that plane
distances from the piece to features are true within two millionths (the asked point itself: exactly, since distances
from the centre are). Edges of the asked shape are geodesics, put in as chords of at most 500 m.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geo.crs import Crs, require_lonlat
from geo.errors import CoordinateError, InputError
from geo.limits import WhereLimits
from layers.text import Text

__all__ = [
    "Piece",
    "Sector",
    "Where",
    "around_geometry",
    "around_point",
    "in_sector",
    "plane_definition",
]

_GRS80 = Geod(ellps="GRS80")
_CHORD_M = 500.0
_CELL_DEG = 0.18
_POINT_WKB = struct.Struct("<BIdd")
"""A point as WKB: little-endian, its kind, x, y."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the asked shape: in degrees, and in its own plane in metres (WKB both)."""

    plane: str
    degrees: bytes
    metres: bytes


@dataclass(frozen=True, slots=True)
class Sector:
    """Bearings in degrees clockwise from north; the sector runs clockwise from ``start`` to ``end``."""

    start_deg: float
    end_deg: float

    def wedge(self, radius_m: float) -> shapely.Polygon:
        """The sector in the plane of its centre, reaching past ``radius_m``: the distance does the cutting."""
        width = (self.end_deg - self.start_deg) % 360.0 or 360.0
        steps = max(3, int(np.ceil(width / 30.0)) + 1)
        bearings = np.radians(np.linspace(self.start_deg, self.start_deg + width, steps))
        rim = 1.2 * radius_m * np.column_stack([np.sin(bearings), np.cos(bearings)])
        return shapely.Polygon([(0.0, 0.0), *map(tuple, rim)])


@dataclass(frozen=True)
class Where:
    """The asked place: its shape in CGCS2000 degrees, and the pieces in which it is measured."""

    kind: str
    shape: BaseGeometry
    pieces: tuple[Piece, ...]
    centre: tuple[float, float]
    """Longitude and latitude of the point, or of the shape's representative point."""
    sector: Sector | None = None
    label: Text | None = None

    @property
    def is_point(self) -> bool:
        """Whether one point is asked, which is measured exactly."""
        return self.shape.geom_type == "Point"


def plane_definition(lon: float, lat: float) -> str:
    """PROJ's definition of the azimuthal equidistant plane centred on a place."""
    return f"+proj=aeqd +lat_0={lat!r} +lon_0={lon!r} +ellps=GRS80 +units=m +no_defs +type=crs"


@lru_cache(maxsize=4096)
def _to_plane(plane: str) -> pyproj.Proj:
    return pyproj.Proj(plane)


def around_point(lon: float, lat: float) -> Where:
    """One asked point.

    Raises:
        CoordinateError: not a place on earth.
    """
    require_lonlat(lon, lat)
    piece = Piece(plane_definition(lon, lat), _POINT_WKB.pack(1, 1, lon, lat), _POINT_WKB.pack(1, 1, 0.0, 0.0))
    return Where("point", shapely.Point(lon, lat), (piece,), (lon, lat))


def in_sector(lon: float, lat: float, start_deg: float, end_deg: float) -> Where:
    """A sector around a point: clockwise from one bearing to another.

    Raises:
        CoordinateError, InputError: no place, or no bearings.
    """
    if not all(np.isfinite(each) and -360.0 <= each <= 360.0 for each in (start_deg, end_deg)):
        raise InputError(
            Text("扇形的起止方位角应为 -360 到 360 度", "the bearings of a sector should be -360 to 360 degrees"),
            field="sector",
        )
    here = around_point(lon, lat)
    return Where("sector", here.shape, here.pieces, here.centre, Sector(start_deg % 360.0, end_deg % 360.0))


def around_geometry(geometry: BaseGeometry, crs: Crs, limits: WhereLimits, *, kind: str | None = None) -> Where:
    """Any shape in a declared CRS.

    Raises:
        CoordinateError: a vertex is no place in that CRS.
        InputError: empty, invalid, or over a limit.
    """
    degrees = _to_degrees(shapely.force_2d(geometry), crs, limits)
    if isinstance(degrees, shapely.Point):
        return around_point(degrees.x, degrees.y)
    if isinstance(degrees, shapely.GeometryCollection):
        raise InputError(
            Text("不支持 GeometryCollection;请用 Multi* 图形", "no GeometryCollection, please: send a Multi* geometry"),
            field="geometry",
        )
    if not degrees.is_valid:
        reason = shapely.is_valid_reason(degrees)
        raise InputError(
            Text(f"图形无效:{reason};请修正后再问", f"the shape is invalid: {reason}; mend it and ask again"),
            field="geometry",
        )
    _check_meridian(degrees)
    _check_area(degrees, limits)
    dense = _densified(degrees)
    if not dense.is_valid:
        # Two edges along one straight line, one longer than the other, bend apart when they become geodesics.
        dense = shapely.make_valid(dense, method="structure", keep_collapsed=False)
    pieces = tuple(_pieces(dense, limits))
    centre = degrees.representative_point()
    return Where(kind or degrees.geom_type.lower(), degrees, pieces, (centre.x, centre.y))


def _to_degrees(geometry: BaseGeometry, crs: Crs, limits: WhereLimits) -> BaseGeometry:
    count = shapely.get_num_coordinates(geometry)
    if count == 0:
        raise InputError(Text("图形是空的", "the shape is empty"), field="geometry")
    if count > limits.vertices:
        raise InputError(
            Text(
                f"图形有 {count:,} 个顶点,最多 {limits.vertices:,} 个;请先简化",
                f"the shape has {count:,} vertices, at most {limits.vertices:,}; simplify it first",
            ),
            field="geometry",
        )

    def convert(coordinates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lon, lat = crs.to_cgcs2000(coordinates[:, 0], coordinates[:, 1])
        if np.isnan(lon).any():
            x, y = coordinates[int(np.flatnonzero(np.isnan(lon))[0])].tolist()
            try:
                crs.point_to_cgcs2000(x, y)
            except CoordinateError as error:
                why = Text(f"图形的顶点:{error.message.zh}", f"a vertex of the shape: {error.message.en}")
                raise CoordinateError(why, field="geometry") from error
        return np.column_stack([lon, lat])

    return shapely.transform(geometry, convert)


def _check_meridian(degrees: BaseGeometry) -> None:
    """Refuse an edge that leaps over the 180th meridian: in degrees it runs all around the earth."""
    places, line = shapely.get_coordinates(shapely.get_parts(degrees), return_index=True)
    leaps = (np.abs(np.diff(places[:, 0])) > 180.0) & (np.diff(line) == 0)
    if leaps.any():
        raise InputError(
            Text(
                "图形跨过 180° 经线;请在该处切成两部分(Multi*,RFC 7946 第 3.1.9 节)",
                "the shape crosses the 180th meridian; cut it there in two (a Multi* geometry, RFC 7946 3.1.9)",
            ),
            field="geometry",
        )


def _check_area(degrees: BaseGeometry, limits: WhereLimits) -> None:
    area_km2 = abs(_GRS80.geometry_area_perimeter(degrees)[0]) / 1e6 if shapely.get_dimensions(degrees) == 2 else 0.0
    if area_km2 > limits.area_km2:
        raise InputError(
            Text(
                f"图形面积 {area_km2:,.0f} km² 超过上限 {limits.area_km2:,.0f} km²",
                f"the shape covers {area_km2:,.0f} km², at most {limits.area_km2:,.0f} km²",
            ),
            field="geometry",
        )


def _densified(geometry: BaseGeometry) -> BaseGeometry:
    """The shape with places put into every edge along its geodesic, at most ``_CHORD_M`` apart."""
    if isinstance(geometry, shapely.MultiPolygon):
        return shapely.MultiPolygon([_dense_polygon(part) for part in geometry.geoms])
    if isinstance(geometry, shapely.MultiLineString):
        return shapely.MultiLineString([_dense_line(part.coords) for part in geometry.geoms])
    if isinstance(geometry, shapely.Polygon):
        return _dense_polygon(geometry)
    if isinstance(geometry, shapely.LineString):
        return shapely.LineString(_dense_line(geometry.coords))
    return geometry


def _dense_polygon(polygon: shapely.Polygon) -> shapely.Polygon:
    return shapely.Polygon(
        _dense_line(polygon.exterior.coords), [_dense_line(ring.coords) for ring in polygon.interiors]
    )


def _dense_line(coordinates: shapely.coords.CoordinateSequence) -> list[tuple[float, float]]:
    places = np.asarray(coordinates)
    _, _, lengths = _GRS80.inv(places[:-1, 0], places[:-1, 1], places[1:, 0], places[1:, 1])
    dense: list[tuple[float, float]] = []
    for start, end, length in zip(places[:-1], places[1:], np.asarray(lengths), strict=True):
        dense.append((float(start[0]), float(start[1])))
        between = int(np.ceil(length / _CHORD_M)) - 1
        if between > 0:
            dense += _GRS80.npts(start[0], start[1], end[0], end[1], between)
    dense.append((float(places[-1][0]), float(places[-1][1])))
    return dense


def _pieces(dense: BaseGeometry, limits: WhereLimits) -> list[Piece]:
    """Cut the shape by a grid of cells about 20 km wide, each piece with its plane."""
    west, south, east, north = dense.bounds
    columns, rows = (int(np.ceil(span / _CELL_DEG)) or 1 for span in (east - west, north - south))
    if columns * rows > 50 * limits.pieces:
        raise _too_large(limits)
    found: list[Piece] = []
    shapely.prepare(dense)
    for column in range(columns):
        for row in range(rows):
            cell = shapely.box(
                west + column * _CELL_DEG,
                south + row * _CELL_DEG,
                west + (column + 1) * _CELL_DEG,
                south + (row + 1) * _CELL_DEG,
            )
            if dense.intersects(cell):
                found.append(_piece(shapely.intersection(dense, cell)))
                if len(found) > limits.pieces:
                    raise _too_large(limits)
    return found


def _too_large(limits: WhereLimits) -> InputError:
    return InputError(
        Text(
            f"图形范围太大(超过 {limits.pieces} 个 20 km 的块);请分开询问",
            f"the shape is too large (more than {limits.pieces} pieces of 20 km); ask in parts",
        ),
        field="geometry",
    )


def _piece(part: BaseGeometry) -> Piece:
    west, south, east, north = part.bounds
    plane = plane_definition((west + east) / 2.0, (south + north) / 2.0)
    project = _to_plane(plane)
    flat = shapely.transform(part, lambda c: np.column_stack(project(c[:, 0], c[:, 1])))
    return Piece(plane, shapely.to_wkb(part), shapely.to_wkb(flat))
