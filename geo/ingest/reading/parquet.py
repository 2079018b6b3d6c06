"""GeoParquet: record batches straight from the file, geometry as its metadata says (WKB), the CRS too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it carries no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # the same
import shapely

from geo.errors import FileUnreadable
from geo.ingest.reading.table import BATCH_ROWS, Batch, Table
from layers.text import Text

__all__ = ["read_parquet"]


@dataclass(frozen=True, slots=True)
class _Geometry:
    """Which column holds WKB, and its CRS; both None in a plain Parquet file."""

    column: str | None = None
    crs: str | None = None


def _geometry_of(metadata: dict[bytes, bytes] | None) -> _Geometry:
    """What the ``geo`` metadata say; a missing CRS means longitude and latitude (OGC:CRS84)."""
    if not metadata or b"geo" not in metadata:
        return _Geometry()
    told = json.loads(metadata[b"geo"])
    name = str(told["primary_column"])
    column = told["columns"][name]
    if str(column.get("encoding", "WKB")).upper() != "WKB":
        raise ValueError(f"geometry encoding {column['encoding']}")
    crs = column.get("crs", "OGC:CRS84")
    return _Geometry(name, json.dumps(crs) if isinstance(crs, dict) else crs)


def _unreadable(path: Path, error: Exception) -> FileUnreadable:
    return FileUnreadable(
        Text(f"{path.name} 不是可读的 GeoParquet:{error}", f"{path.name} is no GeoParquet that can be read: {error}")
    )


def _batches(path: Path, headers: tuple[str, ...], geometry: _Geometry) -> Iterator[Batch]:
    row = 0
    try:
        with pq.ParquetFile(path) as file:
            total = max(1, file.metadata.num_rows)
            for records in file.iter_batches(batch_size=BATCH_ROWS):
                size = records.num_rows
                shapes = None
                if geometry.column is not None:
                    wkb = np.array(records.column(geometry.column).to_pylist(), dtype=object)
                    shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), dtype=object)
                yield Batch(
                    rows=np.arange(row + 1, row + size + 1),
                    cells={header: records.column(header).to_pylist() for header in headers},
                    geometry=shapes,
                    fraction=min(1.0, (row + size) / total),
                )
                row += size
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from error


def read_parquet(path: Path) -> Table:
    """The features of a GeoParquet file, or the rows of a plain Parquet one.

    Raises:
        FileUnreadable: damaged, or with geometries that are not WKB.
    """
    try:
        with pq.ParquetFile(path) as file:
            names = [str(name) for name in file.schema_arrow.names]
            geometry = _geometry_of(file.schema_arrow.metadata)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from error
    headers = tuple(name for name in names if name not in (geometry.column, "bbox"))
    return Table(
        format="GeoParquet" if geometry.column else "Parquet",
        headers=headers,
        batches=lambda: _batches(path, headers, geometry),
        has_geometry=geometry.column is not None,
        crs=geometry.crs,
    )
