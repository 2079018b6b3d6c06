"""Features as files: GeoJSON, CSV, XLSX, GeoPackage, GeoParquet. Data stays data: no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from geo.errors import InputError
from layers.text import Text

__all__ = ["MEDIA_TYPES", "ExportFormat", "export_features", "safe_cell"]

Feature = Mapping[str, object]
Tables = Mapping[str, Sequence[Mapping[str, object]]]


class ExportFormat(StrEnum):
    """The files that an answer can be taken away as."""

    GEOJSON = "geojson"
    CSV = "csv"
    XLSX = "xlsx"
    GPKG = "gpkg"
    PARQUET = "parquet"


MEDIA_TYPES: Mapping[ExportFormat, str] = {
    ExportFormat.GEOJSON: "application/geo+json",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.GPKG: "application/geopackage+sqlite3",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}

_XLSX_ROWS = 1_048_575
_CELL_CHARACTERS = 32_767
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))


def safe_cell(value: object) -> object:
    """A value for a spreadsheet's cell: text that would be run as a formula gets a leading apostrophe."""
    if isinstance(value, Mapping | list):
        value = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, str):
        return value
    clean = value.translate(_CONTROL)
    return f"'{clean}" if clean[:1] in ("=", "+", "-", "@", "\t", "\r") else clean


def _rows(features: Sequence[Feature]) -> tuple[list[str], list[list[object]]]:
    """Columns in the order they first appear, with longitude and latitude of a place in the shape at the end."""
    names: dict[str, None] = {}
    for feature in features:
        properties = feature["properties"]
        assert isinstance(properties, Mapping)
        names.update(dict.fromkeys(properties))
    rows = []
    for feature in features:
        properties = feature["properties"]
        assert isinstance(properties, Mapping)
        rows.append([*(safe_cell(properties.get(name)) for name in names), *_place(feature["geometry"])])
    return [*names, "lon", "lat"], rows


def _place(geometry: object) -> tuple[float | None, float | None]:
    """Longitude and latitude of a place in the shape; nothing of no shape."""
    if geometry is None:
        return None, None
    place = shapely.from_geojson(json.dumps(geometry)).representative_point()
    return place.x, place.y


def _csv(features: Sequence[Feature]) -> bytes:
    names, rows = _rows(features)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(rows)
    # With the mark Excel reads UTF-8; without it, mojibake.
    return text.getvalue().encode("utf-8-sig")


def _xlsx(features: Sequence[Feature], beside: Tables) -> bytes:
    if len(features) > _XLSX_ROWS:
        raise InputError(
            Text(f"XLSX 最多 {_XLSX_ROWS:,} 行,请改用 CSV", f"XLSX holds {_XLSX_ROWS:,} rows; take CSV"), field="format"
        )
    # Written row by row: a hundred thousand sites must not stand in memory as cells.
    book = Workbook(write_only=True)
    _sheet(book, "onemap", *_rows(features))
    for title, table in beside.items():
        names = list(dict.fromkeys(name for row in table for name in row))
        _sheet(book, title, names, [[safe_cell(row.get(name)) for name in names] for row in table])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _sheet(book: Workbook, title: str, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One sheet: a bold head that stays in sight, then the rows."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    heads = [WriteOnlyCell(sheet, name) for name in names]
    for head in heads:
        head.font = Font(bold=True)
    sheet.append(heads)
    for row in rows:
        sheet.append([value[:_CELL_CHARACTERS] if isinstance(value, str) else value for value in row])


def _frame(features: Sequence[Feature]) -> gpd.GeoDataFrame:
    shapes = shapely.from_geojson([json.dumps(each["geometry"]) if each["geometry"] else None for each in features])
    table = []
    for feature in features:
        properties = feature["properties"]
        assert isinstance(properties, Mapping)
        flat = {
            k: json.dumps(v, ensure_ascii=False) if isinstance(v, Mapping | list) else v for k, v in properties.items()
        }
        table.append({"id": feature.get("id"), **flat})
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4490")


def export_features(features: Sequence[Feature], format_: ExportFormat, beside: Tables | None = None) -> bytes:
    """GeoJSON features as the bytes of a file; coordinates are CGCS2000 longitude and latitude.

    ``beside``: further tables by name, where the format holds any: sheets, tables of a GeoPackage, members of GeoJSON.

    Raises:
        InputError: more rows than the format holds.
    """
    if format_ is ExportFormat.GEOJSON:
        whole = {"type": "FeatureCollection", "features": list(features), **(beside or {})}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    if format_ is ExportFormat.CSV:
        return _csv(features)
    if format_ is ExportFormat.XLSX:
        return _xlsx(features, beside or {})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"onemap.{format_.value}"
        frame = _frame(features)
        if format_ is ExportFormat.GPKG:
            frame.to_file(path, layer="onemap", driver="GPKG", engine="pyogrio")
            for title, table in (beside or {}).items():
                if table:
                    pyogrio.write_dataframe(pd.DataFrame(table), path, layer=title, driver="GPKG", append=True)
        else:
            frame.to_parquet(path, index=False)
        return path.read_bytes()
