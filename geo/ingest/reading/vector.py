"""GeoJSON, Shapefile, GeoPackage, FlatGeobuf and KML: streamed through GDAL, geometry as it stands."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypedDict

import numpy as np
import numpy.typing as npt
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from geo.errors import FileUnreadable
from geo.ingest.reading.drivers import check_driver
from geo.ingest.reading.encoding import canonical_encoding
from geo.ingest.reading.shapefile import find_shapefile
from geo.ingest.reading.table import BATCH_ROWS, Batch, Cell, Geometries, Table
from layers.text import Text

__all__ = ["read_vector"]

_FAILURES = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError, ValueError)
"""A wrong encoding and a broken Arrow stream are both ValueErrors."""

_DRIVERS = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gpkg": "GeoPackage",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
    ".kmz": "KML",
}


class _Column(Protocol):
    """What is used of an Arrow column; pyarrow carries no types."""

    def to_pylist(self) -> list[Cell]: ...

    def to_numpy(self, zero_copy_only: bool) -> npt.NDArray[np.object_]: ...


class _Schema(Protocol):
    names: list[str]


class _Records(Protocol):
    num_rows: int
    schema: _Schema

    def column(self, name: str) -> _Column: ...


class _Stream(Protocol):
    schema: _Schema

    def __iter__(self) -> Iterator[_Records]: ...


class _Description(TypedDict):
    """What GDAL says of a layer."""

    fields: npt.NDArray[np.object_]
    crs: str | None
    geometry_name: str


def _why(error: Exception, path: str, shown: str) -> str:
    """What GDAL says, without its advice for programmers and without where the file lies."""
    return str(error).partition("; It might help")[0].replace(path, shown)


@dataclass(frozen=True, slots=True)
class _Source:
    """How GDAL is asked for one layer of a file."""

    path: str
    shown: str
    driver: str
    layer: str | None
    encoding: str | None

    @contextmanager
    def stream(self) -> Iterator[tuple[_Description, _Stream]]:
        """GDAL's description of the layer and its record batches."""
        options = {"DATE_AS_STRING": "YES"} if self.driver == "GeoJSON" else {}  # a date is read by us, not guessed
        try:
            with (
                warnings.catch_warnings(),
                pyogrio.raw.open_arrow(
                    self.path,
                    layer=self.layer,
                    encoding=self.encoding,
                    batch_size=BATCH_ROWS,
                    use_pyarrow=True,
                    **options,
                ) as (meta, reader),
            ):
                warnings.simplefilter("ignore")  # of measured or curved geometries: each is judged row by row
                yield meta, reader
        except _FAILURES as error:
            raise FileUnreadable(
                Text(
                    f"{self.shown} 无法读取:{_why(error, self.path, self.shown)};文字编码可用 --encoding 声明",
                    f"{self.shown} cannot be read: {_why(error, self.path, self.shown)}; "
                    "an encoding may be declared with --encoding",
                )
            ) from error


def _layer_of(path: str, shown: str, wanted: str | None) -> tuple[str, tuple[Text, ...]]:
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except _FAILURES as error:
        why = _why(error, path, shown)
        raise FileUnreadable(Text(f"{shown} 无法读取:{why}", f"{shown} cannot be read: {why}")) from error
    listed = "、".join(names)
    if not names or (wanted is not None and wanted not in names):
        raise FileUnreadable(
            Text(
                f"{shown} 中没有图层 {wanted or ''};有:{listed}",
                f"{shown} has no layer {wanted or ''}; there are: {listed}",
            ),
            field="sheet",
        )
    if wanted is None and len(names) > 1:
        return names[0], (
            Text(
                f"文件有 {len(names)} 个图层({listed}),只导入了 {names[0]}(用 --sheet 选择)",
                f"the file has {len(names)} layers ({listed}); only {names[0]} was imported (choose with --sheet)",
            ),
        )
    return wanted or names[0], ()


def _geometries(column: _Column) -> Geometries:
    """Geometries of WKB; one that shapely does not know (a curve) is None, as is a missing one."""
    return np.asarray(shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore"), dtype=object)


def _batches(source: _Source, headers: tuple[str, ...]) -> Iterator[Batch]:
    row = 0
    with source.stream() as (meta, reader):
        info = pyogrio.read_info(source.path, layer=source.layer, encoding=source.encoding)
        check_driver(source.shown, source.driver, info["driver"])
        count = info["features"]
        geometry_name = meta["geometry_name"] or "wkb_geometry"
        for records in reader:
            size = records.num_rows
            has_geometry = geometry_name in records.schema.names
            yield Batch(
                rows=np.arange(row + 1, row + size + 1),
                cells={header: records.column(header).to_pylist() for header in headers},
                geometry=_geometries(records.column(geometry_name)) if has_geometry else None,
                fraction=min(1.0, (row + size) / max(1, count)),
            )
            row += size


def _filled(source: _Source, headers: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that hold anything: GDAL gives every KML an id, a begin and an end, whether it has them or not."""
    seen: set[str] = set()
    for batch in _batches(source, headers):
        seen.update(
            name for name, cells in batch.cells.items() if name not in seen and any(c is not None for c in cells)
        )
    return tuple(name for name in headers if name in seen)


def read_vector(path: Path, encoding: str | None, layer: str | None) -> Table:
    """The features of a GeoJSON, Shapefile (also zipped), GeoPackage, FlatGeobuf, KML or KMZ.

    Row numbers count features from 1.

    Raises:
        FileUnreadable: damaged, empty, or of an encoding that does not fit.
    """
    name, shown_encoding = str(path), encoding and canonical_encoding(encoding)
    if path.suffix.lower() in (".shp", ".zip"):
        name, found = find_shapefile(path)
        shown_encoding = shown_encoding or found
    driver = _DRIVERS.get(path.suffix.lower(), "Shapefile")
    source = _Source(name, path.name, driver, None, shown_encoding)
    chosen, warned = _layer_of(name, path.name, layer)
    source = replace(source, layer=chosen)
    with source.stream() as (meta, reader):
        headers = tuple(str(each) for each in meta["fields"])
        crs = meta["crs"]
        has_geometry = (meta["geometry_name"] or "wkb_geometry") in reader.schema.names
    if driver == "KML":
        headers = _filled(source, headers)
    return Table(
        format=driver,
        headers=headers,
        batches=lambda: _batches(source, headers),
        has_geometry=has_geometry,
        crs=crs,
        encoding=shown_encoding if driver == "Shapefile" else "utf-8",
        sheet=chosen if driver == "GeoPackage" else None,
        warnings=warned,
    )
