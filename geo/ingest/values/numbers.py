"""Numbers: plain, full-width, with thousands, units and qualifiers; an estimate says so, a range is no number."""

from __future__ import annotations

import math
import re

import numpy as np
import numpy.typing as npt

from geo.ingest.units import FieldUnits
from geo.ingest.values.quantities import read_quantity
from geo.ingest.values.reading import UNKNOWN, Reading, is_missing, tidy
from layers.field import Field, FieldKind

__all__ = ["NumberReader"]

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_NUMBER = re.compile(
    r"([+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(\D.*)?", re.ASCII | re.I | re.S
)
_RANGE = re.compile(
    r"\d\D{0,3}[~～\-–—至到]\D{0,2}\d|[≥≤<>±+]|以[上下内]|超过|不足|不到|[大小多少]于|至少|最多|几|数[十百千]"
)


def _converted(value: float, factor: float) -> float:
    """11.707 × 10 000 is 117 070, not 117 069.99999999999."""
    return float(f"{value * factor:.12g}")


class NumberReader:
    """Reads the cells of one column as a field's numbers in its stored unit.

    ``factor`` turns the column's bare numbers into the stored unit; None when the header's unit is not known.
    """

    def __init__(self, target: Field, factor: float | None) -> None:
        self._units = FieldUnits(target)
        self._factor = factor
        self._whole = target.kind is FieldKind.INTEGER
        self._minimum = -math.inf if target.minimum is None else target.minimum
        self._maximum = math.inf if target.maximum is None else target.maximum

    def __call__(self, cell: object) -> Reading:
        """The cell's number, or why there is none."""
        if isinstance(cell, str):
            return self._scaled(float(cell), self._factor) if _PLAIN.fullmatch(cell) else self._from_text(cell)
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return self._scaled(float(cell), self._factor)
        return UNKNOWN if cell is None else Reading(None, "number-unreadable")

    def plain(self, numbers: npt.NDArray[np.float64]) -> list[int] | list[float] | None:
        """A whole column of bare numbers in the stored unit; None when any of them would want a reason."""
        if self._factor is None or not np.isfinite(numbers).all():
            return None
        if self._factor != 1.0:
            numbers = np.array([_converted(value, self._factor) for value in numbers.tolist()])
        if not ((numbers >= self._minimum) & (numbers <= self._maximum)).all():
            return None
        if self._whole:
            is_whole = bool(((np.floor(numbers) == numbers) & (np.abs(numbers) < 2.0**63)).all())
            return list(map(int, numbers.tolist())) if is_whole else None
        return list(numbers.tolist())

    def _from_text(self, cell: str) -> Reading:
        text = tidy(cell).replace(" ", "")
        if is_missing(text):
            return Reading(None, "missing-mark" if text else None)
        found = _NUMBER.fullmatch(text)
        if found is not None and found.group(2) is None:
            return self._scaled(float(found.group(1).replace(",", "")), self._factor)
        if found is not None and (factor := self._units.factor(found.group(2))) is not None:
            return self._scaled(float(found.group(1).replace(",", "")), factor)
        if _RANGE.search(text):
            return Reading(None, "number-range" if any(map(str.isdigit, text)) else "number-unreadable")
        return self._from_words(text)

    def _from_words(self, text: str) -> Reading:
        """约300余人, 1.2万, 12户45人, 三百."""
        quantity = read_quantity(text, self._units.own)
        if quantity is None:
            return Reading(None, "number-unreadable")
        factor = self._units.factor(quantity.unit) if quantity.unit else self._factor
        if factor is None:
            return Reading(None, "unit-unknown" if not any(map(str.isdigit, quantity.unit)) else "number-unreadable")
        read = self._scaled(quantity.value, factor)
        if read.value is None:
            return read
        return Reading(read.value, "number-approximate") if quantity.about else Reading(read.value, keep=True)

    def _scaled(self, value: float, factor: float | None) -> Reading:
        if factor is None:
            return Reading(None, "unit-unknown")
        if not math.isfinite(value):
            return Reading(None, "number-unreadable")
        if factor != 1.0:
            value = _converted(value, factor)
        if not self._minimum <= value <= self._maximum:
            return Reading(None, "out-of-bounds")
        if not self._whole:
            return Reading(value)
        return Reading(int(value)) if value.is_integer() and abs(value) < 2**63 else Reading(None, "not-whole")
