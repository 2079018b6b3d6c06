"""The drawn rings of a query. A ring is a drawing: membership is decided by distance, never by this polygon."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geo.risk.where import Piece, Sector, Where

__all__ = ["RING_VERTICES", "ring_coordinates", "ring_shape", "rings_json"]

RING_VERTICES = 128
"""The apothem of a 128-gon is 0.03% short of its radius: 3 m at 10 km."""

_GRS80 = Geod(ellps="GRS80")
_AZIMUTHS = -np.append(np.linspace(0.0, 360.0, RING_VERTICES, endpoint=False), 0.0)
_POLYGON = '{"type":"Polygon","coordinates":[[' + ",".join(["[%.8f,%.8f]"] * (RING_VERTICES + 1)) + "]]}"


def ring_coordinates(lon: float, lat: float, radius_m: float) -> list[list[float]]:
    """The closed ring of ``RING_VERTICES`` places, each ``radius_m`` from the centre on the ellipsoid.

    Counter-clockwise (RFC 7946). Longitudes run on past ±180, so that the ring stays one piece.
    """
    ring: list[list[float]] = _ring(lon, lat, radius_m).round(8).tolist()
    return ring


def _ring(lon: float, lat: float, radius_m: float) -> npt.NDArray[np.float64]:
    count = len(_AZIMUTHS)
    lons, lats, _ = _GRS80.fwd(np.full(count, lon), np.full(count, lat), _AZIMUTHS, np.full(count, radius_m))
    lons = lon + (np.asarray(lons) - lon + 180.0) % 360.0 - 180.0
    return np.column_stack([lons, lats])


def rings_json(
    shapes: Sequence[BaseGeometry], radii_m: Sequence[float], further: Sequence[Mapping[str, object]] = ()
) -> str:
    """The drawn rings as GeoJSON text, innermost first, each with its ``radius_m`` and what ``further`` says of it."""
    features = [
        f'{{"type":"Feature","geometry":{_geometry(shape)},'
        f'"properties":{json.dumps({"radius_m": radius_m, **(further[at] if further else {})})}}}'
        for at, (shape, radius_m) in enumerate(zip(shapes, radii_m, strict=True))
    ]
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _geometry(shape: BaseGeometry) -> str:
    """A ring as GeoJSON; the common one, a 128-gon, in one formatting."""
    if isinstance(shape, shapely.Polygon) and not shape.interiors:
        places = shapely.get_coordinates(shape)
        if len(places) == len(_AZIMUTHS):
            return _POLYGON % tuple(places.ravel().tolist())
    text: str = shapely.to_geojson(shape)
    return text


def ring_shape(where: Where, radius_m: float) -> BaseGeometry:
    """The drawn ring around any asked shape: a 128-gon, a sector of one, or the union of the pieces' buffers."""
    lon, lat = where.centre
    if where.is_point and where.sector is None:
        return shapely.Polygon(_ring(lon, lat, radius_m))
    # A common grid of a centimetre lets the union close the seams between neighbouring pieces.
    return shapely.union_all([_buffer(piece, where.sector, radius_m) for piece in where.pieces], grid_size=1e-7)


def _buffer(piece: Piece, sector: Sector | None, radius_m: float) -> BaseGeometry:
    """The ring around one piece, drawn in its plane and brought back to degrees."""
    flat: BaseGeometry = shapely.from_wkb(piece.metres).buffer(radius_m, quad_segs=RING_VERTICES // 4)
    if sector is not None:
        flat = flat.intersection(sector.wedge(radius_m))
    plane = pyproj.Proj(piece.plane)

    def to_degrees(metres: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(plane(metres[:, 0], metres[:, 1], inverse=True))

    return shapely.transform(flat, to_degrees)
