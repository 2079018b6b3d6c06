"""Which rows of a file may share a name or a place with another: told while it is read, by one number for each.

Whether they do is for SQL to say, which then has a handful of rows to look at instead of all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely import GeometryType

from geo.ingest.staged import Staged

__all__ = ["Repeats"]

Rows = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_PLACELESS = (GeometryType.MULTIPOINT, GeometryType.GEOMETRYCOLLECTION)
"""Shapes that are points to PostGIS, perhaps, but have no x and y of their own."""


def _repeated(rows: list[Rows], hashes: list[Hashes]) -> list[int]:
    """Rows whose hash comes again."""
    if not rows:
        return []
    every = np.concatenate(hashes)
    found, counts = np.unique(every, return_counts=True)
    twice = found[counts > 1]
    again = np.concatenate(rows)[np.isin(every, twice)] if len(twice) else np.empty(0, np.int64)
    return sorted(again.tolist())


class Repeats:
    """Hashes of a file's names and places: sixteen bytes a row each. Equal ones have equal hashes; others rarely."""

    def __init__(self) -> None:
        self._named: list[Rows] = []
        self._names: list[Hashes] = []
        self._placed: list[Rows] = []
        self._places: list[Hashes] = []
        self._is_sure = True

    def see(self, staged: Staged) -> None:
        """Take note of a batch."""
        rows = np.array(staged.rows, dtype=np.int64)
        if (names := staged.columns.get("name")) is not None:
            known = np.fromiter((name is not None for name in names), np.bool_, len(names))
            hashes = np.fromiter(map(hash, names), np.int64, len(names)).view(np.uint64)
            self._named.append(rows[known])
            self._names.append(hashes[known])
        self._is_sure &= not bool(np.isin(shapely.get_type_id(staged.geometry), _PLACELESS).any())
        x, y = (get(staged.geometry) + 0.0 for get in (shapely.get_x, shapely.get_y))  # -0.0 is no place of its own
        point = ~np.isnan(x)
        with np.errstate(over="ignore"):
            self._places.append(x[point].view(np.uint64) * _MULTIPLIER + y[point].view(np.uint64))
        self._placed.append(rows[point])

    def of_names(self) -> list[int]:
        """Rows whose name may be another row's, too."""
        return _repeated(self._named, self._names)

    def of_places(self) -> list[int] | None:
        """Rows that may lie where another one lies; None: any may."""
        return _repeated(self._placed, self._places) if self._is_sure else None
