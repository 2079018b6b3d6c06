"""Values: one reader per kind of field, from a cell to a typed value in the stored unit, or to a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from geo.ingest.values.checked import CHECKED_FIELDS
from geo.ingest.values.dates import read_date
from geo.ingest.values.numbers import NumberReader
from geo.ingest.values.plain import ColumnReading, plain_decimals, read_column
from geo.ingest.values.reading import UNKNOWN, Reading, is_missing, tidy
from geo.ingest.values.words import ChoiceReader, ChoicesReader, TextReader, read_boolean, read_code
from layers.feature import SHARED_COLUMNS
from layers.field import Field, FieldKind

__all__ = [
    "UNKNOWN",
    "ColumnReading",
    "Reading",
    "cell_reader",
    "is_missing",
    "plain_decimals",
    "read_cells",
    "read_column",
    "tidy",
]

CellReader = Callable[[object], Reading]


def cell_reader(target: Field, factor: float | None = 1.0) -> CellReader:
    """The reader of a column that fills ``target``; ``factor`` turns its bare numbers into the stored unit."""
    match target.kind:
        case FieldKind.INTEGER | FieldKind.NUMBER:
            return NumberReader(target, factor)
        case FieldKind.CHOICE:
            return ChoiceReader(target)
        case FieldKind.CHOICES:
            return ChoicesReader(target)
        case FieldKind.TEXT:
            return TextReader(words=target.name in SHARED_COLUMNS)
        case FieldKind.CODE:
            return CHECKED_FIELDS.get(target.name, read_code)
        case FieldKind.DATE:
            return read_date
        case FieldKind.BOOLEAN:
            return read_boolean


def read_cells(cells: Sequence[object], reader: CellReader) -> list[Reading]:
    """Every cell read."""
    return read_column(cells, reader).readings()
