"""What every reader gives: a table's headers, what is known of it, and its cells batch by batch."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from layers.text import Text

__all__ = ["BATCH_ROWS", "Batch", "Cell", "Geometries", "RowNumbers", "Table", "unique_headers"]

Cell = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | list[object] | None
"""One cell as the file has it; text formats bring only ``str``. An empty cell is None."""

RowNumbers = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]
"""Shapely geometries, None where there is none or it cannot be read."""

BATCH_ROWS = 20_000
"""Rows per batch: some tens of megabytes, whatever the file's size."""


@dataclass(slots=True)
class Batch:
    """Some rows, as columns of one length. ``rows`` are the numbers that the user sees (a spreadsheet's)."""

    rows: RowNumbers
    cells: dict[str, list[Cell]]
    geometry: Geometries | None = None
    beyond: dict[int, list[Cell]] = field(default_factory=dict)
    """Position in the batch → cells to the right of the last header."""
    fraction: float = 1.0
    """How much of the file is read after this batch, 0 … 1."""
    skipped: dict[str, list[int]] = field(default_factory=dict)
    """Code of a reason → rows that are none of the table: totals, notes, repeated headers."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Table:
    """A table in a file. ``batches()`` may be called again: each call reads the file from its beginning."""

    format: str
    headers: tuple[str, ...]
    batches: Callable[[], Iterator[Batch]]
    has_geometry: bool = False
    crs: str | None = None
    """The CRS that the file declares of itself: an EPSG code or WKT."""
    header_row: int | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    warnings: tuple[Text, ...] = ()


def _column_letters(index: int) -> str:
    """The spreadsheet's name of a column: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def unique_headers(cells: Sequence[Cell], first_column: int = 0) -> tuple[str, ...]:
    """Headers as keys: trimmed, an empty one named by its column's letters, a repeated one numbered."""
    seen: dict[str, int] = {}
    headers = []
    for index, cell in enumerate(cells, start=first_column):
        name = "" if cell is None else str(cell).replace("\0", "").strip()
        name = name or f"({_column_letters(index)})"
        seen[name] = seen.get(name, 0) + 1
        headers.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(headers)
