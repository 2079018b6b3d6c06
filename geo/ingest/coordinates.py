"""Points from columns: two cells or one per row, in any notation, brought to the one place that they can mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import Crs
from geo.ingest.geometry import Judged, unspoilt
from geo.ingest.named import Area, NamedAreas
from geo.ingest.notation import Written, read_number, read_pair
from geo.ingest.placing import Habits, Placing
from geo.ingest.values import plain_decimals

__all__ = ["Numbers", "read_numbers", "read_points"]

_AS_IS = ("decimal", None)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Two columns as numbers. ``odd`` holds, by position, what was not written as plain decimals."""

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    odd: Mapping[int, tuple[Written, Written]]


def _read_row(x_cell: object, y_cell: object) -> tuple[tuple[Written, Written], bool]:
    """The two numbers of a row, and whether they are anything but plain decimals in cells of their own.

    A pair that stands in one cell is taken when the other is empty or says the same.
    """
    x, y = read_number(x_cell), read_number(y_cell)
    if math.isfinite(x.value) and math.isfinite(y.value):
        return (x, y), x[1:] != _AS_IS or y[1:] != _AS_IS
    pairs = [pair for pair in (read_pair(x_cell), read_pair(y_cell)) if pair is not None]
    if len(pairs) == 2 and pairs[0] == pairs[1]:
        return pairs[0], True
    if len(pairs) == 1 and (math.isnan(x.value) or math.isnan(y.value)):
        return pairs[0], True
    return (x, y), False


def read_numbers(x_cells: Sequence[object], y_cells: Sequence[object]) -> Numbers:
    """Read two columns; ``y_cells`` may be empty where one column holds pairs."""
    if not y_cells:
        y_cells = [None] * len(x_cells)
    x, y = plain_decimals(x_cells), plain_decimals(y_cells)
    if x is not None and y is not None:
        return Numbers(x, y, {})
    rows = [_read_row(*cells) for cells in zip(x_cells, y_cells, strict=True)]
    odd = {at: pair for at, (pair, is_odd) in enumerate(rows) if is_odd}
    return Numbers(
        np.fromiter((pair[0].value for pair, _ in rows), np.float64, len(rows)),
        np.fromiter((pair[1].value for pair, _ in rows), np.float64, len(rows)),
        odd,
    )


def _text(x_cell: object, y_cell: object) -> str:
    return ", ".join(str(cell) for cell in (x_cell, y_cell) if cell is not None)


def read_points(
    x_cells: Sequence[object],
    y_cells: Sequence[object],
    crs: Crs,
    habits: Habits | None = None,
    areas: Sequence[Area | None] | None = None,
    known: NamedAreas | None = None,
) -> Judged:
    """Points of two columns (or of one, with ``y_cells`` empty) in EPSG:4490; else the reason, row by row.

    ``crs`` is declared: its own numbers are read as they stand (x east, y north). Numbers that cannot be of it are
    read as what they can be, flagged; where they can be several places, the area that the row names decides
    (``areas``), then whether just one lies in the divisions that are ``known`` at all; else the row is ambiguous and
    its candidates are given. A place outside the named area is kept and flagged.
    """
    numbers = read_numbers(x_cells, y_cells)
    placing = Placing(numbers.x, numbers.y, numbers.odd, crs, habits or Habits())
    placing.place()
    placing.settle(areas or (), known)
    problem = placing.problem
    good = unspoilt(problem)
    geometry = np.full(len(problem), None, dtype=object)
    geometry[good] = shapely.points(placing.lon[good], placing.lat[good])
    y_all = y_cells or [None] * len(x_cells)
    notes = {
        at: {"text": _text(x_cells[at], y_all[at]), **note}
        for at, note in placing.notes().items()
        if problem[at] is None
    }
    return Judged(geometry, problem, np.zeros(len(problem), dtype=bool), placing.flags, placing.candidates, notes)
