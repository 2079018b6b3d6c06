"""The drawn rings of a query. A ring is a drawing: membership is decided by distance, never by this polygon."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geo.risk.where import Piece, Sector, Where

__all__ = ["RING_VERTICES", "Ring", "ring_coordinates", "ring_shape", "rings_json"]

RING_VERTICES = 128
"""The apothem of a 128-gon is 0.03% short of its radius: 3 m at 10 km."""

_GRS80 = Geod(ellps="GRS80")
_AZIMUTHS = np.linspace(0.0, 180.0, RING_VERTICES // 2 + 1)
_POLYGON = '{"type":"Polygon","coordinates":[[' + ",".join(["[%.8f,%.8f]"] * (RING_VERTICES + 1)) + "]]}"


def ring_coordinates(lon: float, lat: float, radius_m: float) -> list[list[float]]:
    """The closed ring of ``RING_VERTICES`` places, each ``radius_m`` from the centre on the ellipsoid.

    Counter-clockwise (RFC 7946). Longitudes run on past ±180, so that the ring stays one piece.
    """
    ring: list[list[float]] = _ring(lon, lat, radius_m).round(8).tolist()
    return ring


def _ring(lon: float, lat: float, radius_m: float) -> npt.NDArray[np.float64]:
    """From the north by the west: the eastern half is computed, the western is its mirror image."""
    count = len(_AZIMUTHS)
    lons, lats, _ = _GRS80.fwd(np.full(count, lon), np.full(count, lat), _AZIMUTHS, np.full(count, radius_m))
    east = np.abs((np.asarray(lons) - lon + 180.0) % 360.0 - 180.0)
    ring = np.empty((RING_VERTICES + 1, 2))
    ring[:count, 0], ring[:count, 1] = lon - east, lats
    ring[count:, 0], ring[count:, 1] = lon + east[-2::-1], lats[-2::-1]
    ring[-1] = ring[0]
    return ring


@dataclass(frozen=True)
class Ring:
    """The drawn ring of one radius."""

    where: Where
    radius_m: float

    @cached_property
    def shape(self) -> BaseGeometry:
        """See ``ring_shape``."""
        return ring_shape(self.where, self.radius_m)

    def geojson(self) -> str:
        """The geometry as text; the common one, a 128-gon, in one formatting."""
        if _is_round(self.where):
            return _POLYGON % tuple(_ring(*self.where.centre, self.radius_m).ravel().tolist())
        text: str = shapely.to_geojson(self.shape)
        return text


def rings_json(rings: Sequence[Ring], further: Sequence[Mapping[str, object]] = ()) -> str:
    """The drawn rings as GeoJSON text, innermost first, each with its ``radius_m`` and what ``further`` says of it."""
    features = [
        f'{{"type":"Feature","geometry":{ring.geojson()},'
        f'"properties":{json.dumps({"radius_m": ring.radius_m, **(further[at] if further else {})})}}}'
        for at, ring in enumerate(rings)
    ]
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _is_round(where: Where) -> bool:
    return where.is_point and where.sector is None


def ring_shape(where: Where, radius_m: float) -> BaseGeometry:
    """The drawn ring around any asked shape: a 128-gon, a sector of one, or the union of the pieces' buffers."""
    if _is_round(where):
        return shapely.Polygon(_ring(*where.centre, radius_m))
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
