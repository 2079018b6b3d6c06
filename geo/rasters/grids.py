"""Opened grids: each file is opened once in a process and asked by one thread at a time."""

from __future__ import annotations

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

from geo.errors import FileUnreadable
from geo.rasters.entries import RasterEntry, RasterKind
from layers.text import Text

__all__ = ["Grid", "Grids", "rasters_directory"]

FloatArray = npt.NDArray[np.float64]
Coordinates = Callable[[FloatArray], FloatArray]

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

    @property
    def is_geographic(self) -> bool:
        """Whether the grid's cells are measured in degrees."""
        return bool(self._crs.is_geographic)


class Grids:
    """The grids of one directory, opened at first use. Safe among threads; nothing here touches the database."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._opened: dict[str, Grid] = {}
        self._lock = threading.Lock()

    def of(self, entries: Iterable[RasterEntry], kind: RasterKind) -> list[Grid]:
        """The grids of one kind, in the order of ``entries``.

        Raises:
            FileUnreadable: a registered file is not there.
        """
        return [self._open(entry) for entry in entries if entry.kind is kind]

    def _open(self, entry: RasterEntry) -> Grid:
        with self._lock:
            grid = self._opened.get(entry.file)
            if grid is None:
                try:
                    dataset = rasterio.open(self.directory / entry.file)
                except RasterioIOError as error:
                    raise FileUnreadable(
                        Text(
                            f"栅格 {entry.name} 的文件 {entry.file} 打不开;请重新运行 onemap rasters add,或用 onemap "
                            f"rasters remove {entry.name} 除去",
                            f"the file {entry.file} of raster {entry.name} cannot be opened; add it again or remove it "
                            f"with onemap rasters remove {entry.name}",
                        )
                    ) from error
                grid = self._opened[entry.file] = Grid(entry, dataset)
            return grid

    def close(self) -> None:
        """Close every file; the next question opens them again."""
        with self._lock:
            for grid in self._opened.values():
                with grid.reading() as dataset:
                    dataset.close()
            self._opened.clear()
