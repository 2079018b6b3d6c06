"""Rows ready to be loaded, and rows that are not: typed columns of one length beside the refused rows as they stood."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.ingest.reading.table import Cell, Geometries

__all__ = ["STAGED_COLUMNS", "Candidate", "Refused", "Staged"]

STAGED_COLUMNS = ("source_id", "geom", "grade", "grade_basis", "division_code", "data_date", "extra")
"""Columns that every staged row has; mapped fields follow."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place that an ambiguous coordinate may mean: CGCS2000 degrees, and the reading that leads there."""

    lon: float
    lat: float
    method: str
    crs: str

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        return {"lon": round(self.lon, 8), "lat": round(self.lat, 8), "method": self.method, "crs": self.crs}


@dataclass(frozen=True, slots=True)
class Refused:
    """A row in quarantine: the reason's code, where it was found, what stood there, and the row verbatim."""

    row: int
    code: str
    field: str
    column: str | None
    text: str
    candidates: tuple[Candidate, ...]
    cells: dict[str, Cell]
    """Header → cell of the whole row, personal columns included: never for a log."""


@dataclass(slots=True)
class Staged:
    """Accepted rows of one batch. ``columns`` holds typed values by the table's column names, ``geom`` aside."""

    rows: list[int]
    geometry: Geometries
    columns: dict[str, list[object]]
    refused: list[Refused] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows)
