"""Opened grids: each file is opened once in a process and asked by one thread at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
from rasterio.errors import RasterioIOError

from geo.rasters.entries import RasterEntry, RasterKind

__all__ = ["Grid", "Grids", "rasters_directory"]

FloatArray = npt.NDArray[np.float64]
Coordinates = Callable[[FloatArray], FloatArray]

_log = logging.getLogger("onemap.rasters")
_CGCS2000 = pyproj.CRS.from_epsg(4490)


def rasters_directory(state_directory: Path) -> Path:
    """Where the loaded grids' files lie."""
    return state_directory / "rasters"


@dataclass
class Grid:
    """One opened grid. GDAL's handles are not safe among threads, so whoever reads holds ``reading``."""

    entry: RasterEntry
    dataset: rasterio.DatasetReader
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def reading(self) -> Iterator[rasterio.DatasetReader]:
        """The dataset, for this thread alone."""
        with self._lock:
            yield self.dataset

    @cached_property
    def _crs(self) -> pyproj.CRS:
        return pyproj.CRS.from_user_input("OGC:CRS84" if self.entry.crs == "CRS84" else self.entry.crs)

    @cached_property
    def to_own(self) -> Coordinates:
        """From CGCS2000 longitudes and latitudes (n × 2) to the grid's own coordinates."""
        crs = self._crs
        if crs.is_geographic:
            return lambda degrees: degrees  # CGCS2000 and the other modern datums agree to decimetres
        transformer = pyproj.Transformer.from_crs(_CGCS2000, crs, always_xy=True)
        return lambda degrees: np.column_stack(transformer.transform(degrees[:, 0], degrees[:, 1]))

    @cached_property
    def from_own(self) -> Coordinates:
        """From the grid's own coordinates (n × 2) to CGCS2000 longitudes and latitudes."""
        if self._crs.is_geographic:
            return lambda own: own
        transformer = pyproj.Transformer.from_crs(self._crs, _CGCS2000, always_xy=True)
        return lambda own: np.column_stack(transformer.transform(own[:, 0], own[:, 1]))

    @property
    def is_geographic(self) -> bool:
        """Whether the grid's cells are measured in degrees."""
        return bool(self._crs.is_geographic)


class Grids:
    """The grids of one directory, opened at first use. Safe among threads; nothing here touches the database."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._opened: dict[str, Grid] = {}
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def of(self, entries: Iterable[RasterEntry], kind: RasterKind) -> list[Grid]:
        """The grids of one kind, in the order of ``entries``; one whose file cannot be opened is left out.

        Each answer that leaves one out says so: ``unreadable`` names it, and it is logged once.
        """
        opened = (self._open(entry) for entry in entries if entry.kind is kind)
        return [grid for grid in opened if grid is not None]

    def unreadable(self, entries: Iterable[RasterEntry]) -> list[str]:
        """The names of the grids whose file is gone or damaged."""
        return [entry.name for entry in entries if self._open(entry) is None]

    def _open(self, entry: RasterEntry) -> Grid | None:
        with self._lock:
            grid = self._opened.get(entry.file)
            if grid is None:
                try:
                    dataset = rasterio.open(self.directory / entry.file)
                except RasterioIOError as error:
                    if entry.file not in self._told:
                        self._told.add(entry.file)
                        _log.warning("grid %s cannot be read and is left out: %s", entry.name, error)
                    return None
                grid = self._opened[entry.file] = Grid(entry, dataset)
            return grid

    def close(self) -> None:
        """Close every file; the next question opens them again."""
        with self._lock:
            for grid in self._opened.values():
                with grid.reading() as dataset:
                    dataset.close()
            self._opened.clear()
