"""Numbers: plain, full-width, with thousands and with a unit behind them; never a guess from anything else."""

from __future__ import annotations

import math
import re

from geo.ingest.units import FieldUnits
from geo.ingest.values.reading import UNKNOWN, Reading, is_missing, tidy
from layers.field import Field, FieldKind

__all__ = ["NumberReader"]

_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_NUMBER = re.compile(
    r"([+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(\D.*)?", re.ASCII | re.I | re.S
)
_SEVERAL = re.compile(r"\d.*[~~～\-–—至到].*\d|[约近余多几上下≥≤<>大小于以\+±]")


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

    def _from_text(self, cell: str) -> Reading:
        text = tidy(cell).replace(" ", "")
        if is_missing(text):
            return Reading(None, "missing-mark" if text else None)
        found = _NUMBER.fullmatch(text)
        if found is None:
            return Reading(
                None,
                "number-range" if any(c.isdigit() for c in text) and _SEVERAL.search(text) else "number-unreadable",
            )
        value, unit = float(found.group(1).replace(",", "")), found.group(2)
        if unit is None:
            return self._scaled(value, self._factor)
        if _SEVERAL.search(text):
            return Reading(None, "number-range")
        factor = self._units.factor(unit)
        if factor is None:
            return Reading(None, "number-unreadable" if any(char.isdigit() for char in unit) else "unit-unknown")
        return self._scaled(value, factor)

    def _scaled(self, value: float, factor: float | None) -> Reading:
        if factor is None:
            return Reading(None, "unit-unknown")
        if not math.isfinite(value):
            return Reading(None, "number-unreadable")
        if factor != 1.0:
            value = float(f"{value * factor:.12g}")  # 11.707 × 10 000 is 117 070, not 117 069.99999999999
        if not self._minimum <= value <= self._maximum:
            return Reading(None, "out-of-bounds")
        if not self._whole:
            return Reading(value)
        return Reading(int(value)) if value.is_integer() and abs(value) < 2**63 else Reading(None, "not-whole")
