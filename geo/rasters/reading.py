"""Grids as they are seen in a map's frame: reprojected to its pixels, NaN where nothing is known."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.crs import CRS
from rasterio.errors import RasterioError
from rio_tiler.errors import RioTilerError
from rio_tiler.reader import part

from geo.errors import RenderError
from geo.rasters.entries import RasterEntry, RasterKind
from layers.text import Text

__all__ = ["Extent", "FloatArray", "Resampling", "read_elevations", "read_framed"]

FloatArray = npt.NDArray[np.float64]
Extent = tuple[float, float, float, float]
Resampling = Literal["nearest", "bilinear", "cubic", "average", "mode"]


def read_framed(
    directory: Path,
    entry: RasterEntry,
    srs: str,
    extent: Extent,
    size: tuple[int, int],
    resampling: Resampling = "nearest",
) -> FloatArray:
    """The grid's values at the pixels (width, height) of a frame in ``srs``; NaN where it holds none.

    Far out it is read from the file's own overviews. Blocking: call it in a thread.

    Raises:
        RenderError: the file is gone or damaged. Never an empty picture instead.
    """
    crs = CRS.from_string(srs)
    width, height = size
    try:
        with rasterio.open(directory / entry.file) as dataset:
            found = part(
                dataset,
                extent,
                dst_crs=crs,
                bounds_crs=crs,
                width=width,
                height=height,
                indexes=1,
                nodata=entry.nodata,
                resampling_method=resampling,
                reproject_method=resampling,
            ).array[0]
    except (RasterioError, RioTilerError, OSError, ValueError) as error:
        raise RenderError(
            Text(
                f"栅格 {entry.name} 读不出来:{error};请重新载入",
                f"the raster {entry.name} cannot be read: {error}; load it again",
            )
        ) from error
    values: FloatArray = np.ma.filled(found.astype(np.float64), np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def read_elevations(
    directory: Path, entries: Iterable[RasterEntry], srs: str, extent: Extent, size: tuple[int, int]
) -> FloatArray:
    """Heights in metres at a frame's pixels: of the first grid that knows each. Blocking.

    Raises:
        RenderError: see ``read_framed``.
    """
    found: FloatArray = np.full((size[1], size[0]), np.nan)
    for entry in entries:
        if entry.kind is not RasterKind.ELEVATION:
            continue
        heights = read_framed(directory, entry, srs, extent, size, "cubic")
        found = np.where(np.isnan(found), heights, found)
        if not np.isnan(found).any():
            break
    return found
