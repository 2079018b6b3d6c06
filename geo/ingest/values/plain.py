"""Columns read at once: what every cell's own reader would say, at a fraction of the time.

A column of texts without trouble is read as a whole; in any other each text is read once, however often it comes. What
is said must not depend on the way: tests hold the ways against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType

import numpy as np
import numpy.typing as npt

from geo.ingest.values.numbers import NumberReader
from geo.ingest.values.reading import UNKNOWN, Reading
from geo.ingest.values.words import PLAIN_CODE, TextReader, read_code

__all__ = ["ColumnReading", "plain_decimals", "read_column"]

_DECIMAL_SIGNS = b"0123456789.-"
_TEXTS = frozenset((str, NoneType))


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """One column's values, and by position the readings that say more than a value: a problem, or an original."""

    values: list[object]
    troubled: Mapping[int, Reading] = field(default_factory=dict)

    def readings(self) -> list[Reading]:
        """Every cell's own."""
        troubled = self.troubled
        return [troubled.get(at) or Reading(value) for at, value in enumerate(self.values)]


def plain_decimals(texts: Sequence[object]) -> npt.NDArray[np.float64] | None:
    """Decimals of digits, one point and a minus as numbers; None when anything is anything else."""
    try:
        whole = "".join(texts)  # type: ignore[arg-type]  # what is no text raises
        if whole.encode("ascii").translate(None, _DECIMAL_SIGNS):
            return None
        return np.fromiter(map(float, texts), np.float64, len(texts))  # type: ignore[arg-type]  # texts, by the above
    except (TypeError, ValueError):
        return None


def _plain(texts: list[str], reader: Callable[[object], Reading]) -> Sequence[object] | None:
    """The values of a column of texts, none of which is any trouble; else None."""
    if isinstance(reader, NumberReader):
        numbers = plain_decimals(texts)
        return None if numbers is None else reader.plain(numbers)
    if isinstance(reader, TextReader):
        return reader.plain(texts)
    if reader is read_code:
        return texts if all(map(PLAIN_CODE.fullmatch, texts)) else None
    return None


def _each_text_once(cells: Sequence[object], reader: Callable[[object], Reading]) -> ColumnReading:
    """A column of texts and empty cells."""
    read = {cell: UNKNOWN if cell is None else reader(cell) for cell in set(cells)}
    values = {cell: reading.value for cell, reading in read.items()}
    troubled = {cell for cell, reading in read.items() if reading.problem is not None or reading.keep}
    return ColumnReading(
        [values[cell] for cell in cells],
        {at: read[cell] for at, cell in enumerate(cells) if cell in troubled} if troubled else {},
    )


def _each_cell(cells: Sequence[object], reader: Callable[[object], Reading]) -> ColumnReading:
    """A column of anything; a spreadsheet's, of numbers and texts."""
    read: dict[str, Reading] = {}
    values, troubled = [], {}
    for at, cell in enumerate(cells):
        reading = read.get(cell) if isinstance(cell, str) else None
        if reading is None:
            reading = reader(cell)
            if isinstance(cell, str):
                read[cell] = reading
        values.append(reading.value)
        if reading.problem is not None or reading.keep:
            troubled[at] = reading
    return ColumnReading(values, troubled)


def read_column(cells: Sequence[object], reader: Callable[[object], Reading]) -> ColumnReading:
    """What ``reader`` says of every cell."""
    kinds = set(map(type, cells))
    if not kinds <= _TEXTS:
        return _each_cell(cells, reader)
    has_gaps = NoneType in kinds
    texts = [cell for cell in cells if isinstance(cell, str)] if has_gaps else list(cells)
    if (plain := _plain(texts, reader)) is None:  # type: ignore[arg-type]  # texts, by their kinds
        return _each_text_once(cells, reader)
    if not has_gaps:
        return ColumnReading(list(plain))
    told = iter(plain)
    return ColumnReading([None if cell is None else next(told) for cell in cells])
