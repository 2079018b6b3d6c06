"""Reading: any file that can be imported, as one table of typed or textual cells in batches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from geo.errors import FileUnreadable
from geo.ingest.reading.table import BATCH_ROWS, Batch, Cell, Geometries, Table
from geo.ingest.reading.text import read_text_table
from geo.ingest.reading.workbook import read_workbook
from layers.text import Text

__all__ = ["BATCH_ROWS", "Batch", "Cell", "Geometries", "Table", "open_table"]

_TEXT = (".csv", ".tsv", ".txt")
_WORKBOOK = (".xlsx", ".xlsm", ".xls")
_VECTOR = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml", ".kmz", ".fgb")
_PARQUET = (".parquet", ".geoparquet")


def open_table(path: Path, *, encoding: str | None, sheet: str | None, is_known: Callable[[str], bool]) -> Table:
    """The table in ``path``. ``is_known`` tells headers of the layer: by them the header row and the sheet are found.

    Raises:
        FileUnreadable: there is no such file, it is empty or damaged, or its kind cannot be imported.
    """
    if not path.is_file():
        raise FileUnreadable(Text(f"没有文件 {path}", f"there is no file {path}"))
    if path.stat().st_size == 0:
        raise FileUnreadable(Text(f"{path.name} 是空文件", f"{path.name} is empty"))
    ending = path.suffix.lower()
    # The last two load GDAL and GeoPandas: 100 MB that a service need not hold, whose files are read in processes.
    try:
        if ending in _TEXT:
            return read_text_table(path, encoding, is_known)
        if ending in _WORKBOOK:
            return read_workbook(path, sheet, is_known)
        if ending in _VECTOR:
            from geo.ingest.reading.vector import read_vector

            return read_vector(path, encoding, sheet)
        if ending in _PARQUET:
            from geo.ingest.reading.parquet import read_parquet

            return read_parquet(path)
    except PermissionError as error:
        raise FileUnreadable(Text(f"无权读取 {path.name}", f"{path.name} may not be read")) from error
    known = " ".join((*_TEXT, *_WORKBOOK, *_VECTOR, *_PARQUET))
    raise FileUnreadable(
        Text(
            f"不能导入 {ending or '无后缀'} 文件;可导入:{known}",
            f"{ending or 'no ending'}: not a kind that can be imported; these can: {known}",
        )
    )
