"""What a file does with its coordinates as a whole, seen in its first rows: packed degrees, or decimals that may be."""

from __future__ import annotations

import math
from collections.abc import Sequence

from geo.ingest.angles import is_chinese, sexagesimal, unpacked
from geo.ingest.columns import ColumnMap
from geo.ingest.notation import read_number
from geo.ingest.options import ImportOptions
from geo.ingest.place_cells import place_cells
from geo.ingest.placing import Habits
from geo.ingest.reading import Table
from geo.ingest.values import plain_decimals

__all__ = ["habits_of"]

_PACKED_ROWS = 8
"""By chance, decimals that lost their point have minutes and seconds below 60 once in 0.13 ** 8, 1 : 12 million."""
_SEXAGESIMAL_ROWS, _SECONDS_SEEN = 30, 20
"""So many rows, with so many different seconds: a small village's decimals may all lie within one minute."""
_LEAST_PACKED = 20_000.0


def _plain(cells: Sequence[object]) -> list[float]:
    """The cells' numbers where they are plain decimals, else NaN."""
    if (numbers := plain_decimals(cells)) is not None:
        return [float(each) for each in numbers]
    read = (read_number(cell) for cell in cells)
    return [each.value if each.method == "decimal" and math.isfinite(each.value) else math.nan for each in read]


def _is_packed(x: Sequence[float], y: Sequence[float]) -> bool:
    """Whether every pair of numbers that is large enough, and no metres, is packed degrees of China."""
    pairs = [
        (max(a, b), min(a, b))
        for a, b in zip(x, y, strict=True)
        if _LEAST_PACKED <= min(a, b) < 600_000 and 600_000 <= max(a, b) < 1_400_000
    ]
    read = [(unpacked(a), unpacked(b)) for a, b in pairs]
    fits = [lon is not None and lat is not None and is_chinese(lon, lat) for lon, lat in read]
    return len(fits) >= _PACKED_ROWS and all(fits)


def _is_sexagesimal(x: Sequence[float], y: Sequence[float]) -> bool:
    """Whether every decimal of both columns could be ddd.mmss, with seconds that vary."""
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if abs(a) <= 180 and abs(b) <= 90]
    if len(set(pairs)) < _SEXAGESIMAL_ROWS:
        return False
    for axis in zip(*pairs, strict=True):
        if any(sexagesimal(value) is None for value in axis):
            return False
        if len({round(abs(value) % 1 * 1e4) % 100 for value in axis}) < _SECONDS_SEEN:
            return False
    return True


def habits_of(table: Table, columns: ColumnMap, options: ImportOptions) -> Habits:
    """Look at the file's first batch. Columns of pairs show no packed numbers: those are looked at one by one."""
    either, dms = columns.places.either_order, options.notation == "dms"
    if columns.longitude is None or columns.latitude is None:
        return Habits(either_order=either, dms=dms)
    first = next(iter(table.batches()), None)
    if first is None:
        return Habits(either_order=either, dms=dms)
    x, y = (_plain(cells) for cells in place_cells(columns.places, first))
    return Habits(either, dms, _is_packed(x, y), not dms and _is_sexagesimal(x, y))
