"""Features as files: GeoJSON, CSV, XLSX, GeoPackage, GeoParquet. Data stays data: no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from geo.errors import InputError
from layers.text import Text

__all__ = ["MEDIA_TYPES", "ExportFormat", "Feature", "Sheet", "SheetColumn", "export_features", "safe_cell"]

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


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of a sheet that is to be read: its head, and its width in characters."""

    head: str
    width: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to be read by people, before those with the data."""

    title: str
    columns: tuple[SheetColumn, ...]
    rows: Sequence[Sequence[object]]


_WIDTH_FROM_ROWS = 200
_WIDTHS = (8, 40)
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


def _xlsx(features: Sequence[Feature], beside: Tables, first: Sheet | None) -> bytes:
    if len(features) > _XLSX_ROWS:
        raise InputError(
            Text(f"XLSX 最多 {_XLSX_ROWS:,} 行,请改用 CSV", f"XLSX holds {_XLSX_ROWS:,} rows; take CSV"), field="format"
        )
    # Written row by row: a hundred thousand sites must not stand in memory as cells.
    book = Workbook(write_only=True)
    if first is not None:
        heads, rows = [each.head for each in first.columns], ([safe_cell(cell) for cell in row] for row in first.rows)
        _sheet(book, first.title, heads, rows, [each.width for each in first.columns])
    names, cells = _rows(features)
    _sheet(book, "onemap", names, cells, _widths(names, cells))
    for title, table in beside.items():
        names = list(dict.fromkeys(name for row in table for name in row))
        cells = [[safe_cell(row.get(name)) for name in names] for row in table]
        _sheet(book, title, names, cells, _widths(names, cells))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _widths(names: Sequence[str], rows: Sequence[Sequence[object]]) -> list[float]:
    """Widths in characters by what the first rows hold; a Chinese character is two wide."""
    longest = [len(name) + 1 for name in names]
    for row in rows[:_WIDTH_FROM_ROWS]:
        for at, value in enumerate(row):
            text = "" if value is None else str(value)
            longest[at] = max(longest[at], len(text) + sum(char > "\u2e80" for char in text) + 1)
    return [min(max(each, _WIDTHS[0]), _WIDTHS[1]) for each in longest]


def _sheet(
    book: Workbook, title: str, names: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[float]
) -> None:
    """One sheet: a bold head that stays in sight, then the rows."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    heads = [WriteOnlyCell(sheet, name) for name in names]
    for head in heads:
        head.font, head.alignment = Font(bold=True), Alignment(vertical="center")
    sheet.append(heads)
    for row in rows:
        sheet.append([value[:_CELL_CHARACTERS] if isinstance(value, str) else value for value in row])


def export_features(
    features: Sequence[Feature], format_: ExportFormat, beside: Tables | None = None, first: Sheet | None = None
) -> bytes:
    """GeoJSON features as the bytes of a file; coordinates are CGCS2000 longitude and latitude.

    ``beside``: further tables by name, where the format holds any: sheets, tables of a GeoPackage, members of GeoJSON.
    ``first``: a sheet for people, before those of a workbook.

    Raises:
        InputError: more rows than the format holds.
    """
    if format_ is ExportFormat.GEOJSON:
        whole = {"type": "FeatureCollection", "features": list(features), **(beside or {})}
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
    if format_ is ExportFormat.CSV:
        return _csv(features)
    if format_ is ExportFormat.XLSX:
        return _xlsx(features, beside or {}, first)
    # GeoPandas takes half a second to load: no command and no service waits for it that writes no such file.
    from geo.export_frames import to_geopackage, to_geoparquet

    return to_geopackage(features, beside or {}) if format_ is ExportFormat.GPKG else to_geoparquet(features)
