"""Rows ready to be loaded: typed columns of one length, with the spreadsheet rows they come from."""

from __future__ import annotations

from dataclasses import dataclass

from geo.ingest.reading.table import Geometries

__all__ = ["STAGED_COLUMNS", "Staged"]

STAGED_COLUMNS = ("source_id", "geom", "grade", "grade_basis", "division_code", "data_date", "extra")
"""Columns that every staged row has; mapped fields follow."""


@dataclass(slots=True)
class Staged:
    """Accepted rows of one batch. ``columns`` holds typed values by the table's column names, ``geom`` aside."""

    rows: list[int]
    geometry: Geometries
    columns: dict[str, list[object]]

    def __len__(self) -> int:
        return len(self.rows)
