"""The two shapes that the demo's rows carry: multipolygons, and lists of points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["multipolygon", "points"]


def multipolygon(geom: shapely.Geometry) -> shapely.MultiPolygon:
    """The polygons of ``geom`` as one multipolygon, which is what polygon layers store."""
    return shapely.MultiPolygon(shapely.get_parts(geom).tolist())


def points(lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> list[shapely.Geometry]:
    """One point for each pair of degrees."""
    return [shapely.Point(x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
