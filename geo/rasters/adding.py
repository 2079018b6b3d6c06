"""Load a bureau's GeoTIFF: check what it says, copy it as a cloud-optimised GeoTIFF, and register it."""

from __future__ import annotations

import hashlib
import math
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from pyproj import Geod
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.vrt import WarpedVRT

from geo.crs import Crs
from geo.errors import CrsUnknown, FileUnreadable, FileUnwritable, InputError
from geo.rasters.colours import ColourTable, ColourTableError, read_colours, sidecar_of
from geo.rasters.entries import RasterEntry, RasterKind, register_raster
from layers.text import Text

__all__ = ["RasterChecks", "add_raster"]

_MAKING = 2
"""Raised when copies are made in another way: part of their names."""

_RESERVED = ("hillshade",)
_GRS80 = Geod(ellps="GRS80")
_POSSIBLE = {
    RasterKind.ELEVATION: (-450.0, 9000.0),
    RasterKind.POPULATION: (0.0, math.inf),
    RasterKind.THEMATIC: (-math.inf, math.inf),
}
"""From the Dead Sea to the Himalaya, in metres; people in a cell are not negative."""


@dataclass(frozen=True, slots=True)
class RasterChecks:
    """What a file's cells hold, read once from end to end."""

    minimum: float
    maximum: float
    total: float
    known_share: float
    unlisted: bool = False
    """Whether there are values that the colour table does not list."""


def add_raster(
    dsn: str,
    directory: Path,
    path: Path,
    kind: RasterKind,
    *,
    name: str | None = None,
    nodata: float | None = None,
    data_date: date | None = None,
    demo: bool = False,
    colours: ColourTable | None = None,
) -> RasterEntry:
    """Register ``path`` under ``name`` (its stem when absent), replacing a grid of that name.

    The file is copied into ``directory`` whole or not at all; the original is not needed afterwards. ``nodata`` is
    for a file that does not say it. ``colours`` is how it is shown; a thematic grid must bring it, by itself or as
    ``NAME.colours.toml`` beside the file.

    Raises:
        InputError: a name that cannot stand in an address, or a thematic grid without a colour table.
        FileUnreadable: no raster, turned or of several bands, or values that the kind cannot have.
        CrsUnknown: the file has no CRS or one that cannot be converted.
        FileUnwritable: the copy cannot be written.
        DatabaseUnreachable: PostGIS does not answer or is not migrated.
    """
    named = _check_name(name or path.stem)
    table = colours or _beside(path, kind)
    with _opened(path) as dataset:
        crs = _check_shape(dataset, path)
        effective = dataset.nodata if nodata is None else nodata
        if effective is not None and math.isnan(effective):
            effective = None  # a cell that is NaN holds nothing, declared or not
        checks = _check_values(dataset, kind, path, effective, table)
        box = _extent(dataset, crs)
        categorical = table is not None and table.is_categorical
        file = _copy(dataset, directory, path, kind, effective, categorical=categorical)
        entry = RasterEntry(
            name=named,
            kind=kind,
            file=file,
            crs=crs.code if crs.wkt is None else crs.wkt,
            nodata=effective,
            west=box[0],
            south=box[1],
            east=box[2],
            north=box[3],
            resolution_m=_resolution_m(dataset, box),
            minimum=checks.minimum,
            maximum=checks.maximum,
            total=checks.total if kind is RasterKind.POPULATION else None,
            known_share=checks.known_share,
            data_date=data_date,
            demo=demo,
            colours=table.knowing(unlisted=checks.unlisted).text() if table else None,
        )
    register_raster(dsn, entry)
    return entry


def _check_name(name: str) -> str:
    if not re.fullmatch(r"[\w.-]{1,60}", name) or name in _RESERVED:
        raise InputError(
            Text(
                f"栅格名称 {name[:60]!r} 应为 1 到 60 个字、字母、数字或 _ - .;请用 --name 给出",
                f"a raster's name {name[:60]!r} should be 1 to 60 letters, digits or _ - . ; give one with --name",
            ),
            field="name",
        )
    return name


def _beside(path: Path, kind: RasterKind) -> ColourTable | None:
    """The colour table that lies beside the file."""
    sidecar = sidecar_of(path)
    if sidecar is not None:
        return read_colours(sidecar)
    if kind is RasterKind.THEMATIC:
        raise ColourTableError(
            Text(
                f"专题栅格要有色表:请用 --colours 给出,或放在 {path.stem}.colours.toml",
                f"a thematic raster needs a colour table: give it with --colours, or as {path.stem}.colours.toml",
            ),
            field="colours",
        )
    return None


def _unreadable(path: Path, zh: str, en: str) -> FileUnreadable:
    return FileUnreadable(Text(f"{path.name}:{zh}", f"{path.name}: {en}"), field="file")


def _opened(path: Path) -> rasterio.DatasetReader:
    if not path.is_file():
        raise _unreadable(path, "没有这个文件", "there is no such file")
    try:
        # By its one driver: a virtual dataset under this name would have other files read, or addresses asked.
        return rasterio.open(path, driver="GTiff")
    except RasterioIOError as error:
        raise _unreadable(
            path, "不是能读取的栅格;请给出 GeoTIFF", "not a raster that can be read; give a GeoTIFF"
        ) from error


def _check_shape(dataset: rasterio.DatasetReader, path: Path) -> Crs:
    if dataset.crs is None:
        raise CrsUnknown(
            Text(
                f"{path.name} 没有坐标系;请用 gdal_edit.py -a_srs EPSG:4490 写明后再载入",
                f"{path.name} has no CRS; write it with gdal_edit.py -a_srs EPSG:4490 and add it again",
            ),
            field="crs",
        )
    if dataset.count != 1:
        raise _unreadable(path, f"有 {dataset.count} 个波段,应为 1 个", f"has {dataset.count} bands, should have one")
    if dataset.transform.b or dataset.transform.d or dataset.transform.a <= 0 or dataset.transform.e >= 0:
        raise _unreadable(
            path,
            "栅格不是正北朝上;请用 gdalwarp 转正",
            "the grid is not north-up; turn it with gdalwarp",
        )
    return Crs.from_file(dataset.crs.to_wkt())


def _check_values(
    dataset: rasterio.DatasetReader, kind: RasterKind, path: Path, nodata: float | None, table: ColourTable | None
) -> RasterChecks:
    least, most, total, known, unlisted = math.inf, -math.inf, 0.0, 0, False
    for _, window in dataset.block_windows(1):
        values = dataset.read(1, window=window).astype(float)
        valid = values[np.isfinite(values) & (values != nodata if nodata is not None else True)]
        if valid.size:
            least, most = min(least, float(valid.min())), max(most, float(valid.max()))
            total, known = total + float(valid.sum()), known + valid.size
            unlisted = unlisted or (table is not None and not bool(table.listed(valid).all()))
    if not known:
        raise _unreadable(path, "没有任何有效像元", "no cell holds a value")
    lower, upper = _POSSIBLE[kind]
    if least < lower or most > upper:
        bound = f"{lower:g}…{upper:g}"
        raise _unreadable(
            path,
            f"值为 {least:g}…{most:g},{kind.label.zh}应在 {bound};若有无效值请用 --nodata 声明",
            f"values are {least:g}…{most:g}, {kind.label.en} should be {bound}; declare --nodata where there is one",
        )
    return RasterChecks(least, most, total, known / (dataset.width * dataset.height), unlisted)


def _extent(dataset: rasterio.DatasetReader, crs: Crs) -> tuple[float, float, float, float]:
    """West, south, east, north in CGCS2000 degrees, of the edge as it lies there (21 places a side)."""
    left, bottom, right, top = dataset.bounds
    across, up = np.linspace(left, right, 21), np.linspace(bottom, top, 21)
    x = np.concatenate((across, across, np.full(21, left), np.full(21, right)))
    y = np.concatenate((np.full(21, bottom), np.full(21, top), up, up))
    lon, lat = crs.to_cgcs2000(x, y)
    if np.isnan(lon).any():
        raise CrsUnknown(Text(f"范围不在坐标系 {crs.code} 之内", f"the extent does not lie in {crs.code}"), field="crs")
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def _resolution_m(dataset: rasterio.DatasetReader, box: tuple[float, float, float, float]) -> float:
    """Height of a cell in metres, in the middle of the grid."""
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    step = (box[3] - box[1]) / dataset.height
    _, _, metres = _GRS80.inv(lon, lat - step / 2, lon, lat + step / 2)
    return round(float(metres), 3)


def _declared(dataset: rasterio.DatasetReader, nodata: float | None) -> bool:
    """Whether ``nodata`` says more than the file does."""
    return nodata is not None and nodata != dataset.nodata


def _copy(
    dataset: rasterio.DatasetReader,
    directory: Path,
    path: Path,
    kind: RasterKind,
    nodata: float | None,
    *,
    categorical: bool,
) -> str:
    """Write the grid as a COG named by its content; the name. The same content is the same file."""
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256")
    digest.update(f"{nodata!r} {_MAKING} {categorical}".encode())
    file = f"{digest.hexdigest()[:16]}-{kind.value}.tif"
    part = ""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=directory, prefix=".", suffix=".tif")
        os.close(handle)
        # Overviews for far views. Codes are never averaged: an average of 1 and 3 would be a class 2 that is not there.
        options = {"compress": "deflate", "predictor": "yes", "blocksize": 512}
        options["overview_resampling"] = "mode" if categorical else "average"
        with (
            WarpedVRT(dataset, src_nodata=nodata, nodata=nodata)
            if _declared(dataset, nodata)
            else dataset as source_grid
        ):
            rasterio.shutil.copy(source_grid, part, driver="COG", **options)
        os.chmod(part, 0o644)
        os.replace(part, directory / file)
    except (OSError, RasterioError) as error:
        if part:
            Path(part).unlink(missing_ok=True)
        raise FileUnwritable(
            Text(f"无法写入 {directory}:{error}", f"{directory} cannot be written: {error}")
        ) from error
    return file
