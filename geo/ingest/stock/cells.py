"""Cells that only a table of stock has: quantities with their unit (120顶), codes of GB/T 38565."""

from __future__ import annotations

import re
from typing import NamedTuple

from geo.ingest.values import Reading, cell_reader, tidy
from geo.ingest.values.words import read_code
from layers.field import Field
from layers.supply_stock import SUPPLY_CLASSES

__all__ = ["Amount", "AmountReader", "read_supply_code"]

_CODE = re.compile(r"[1-9]\d{6}", re.ASCII)
_WITH_UNIT = re.compile(r"(?P<amount>.*\d[\d,.]*\s*[百千万亿余多]*)\s*(?P<unit>[^\d\s,.~\-百千万亿余多][^\d,.~]{0,9})")


class Amount(NamedTuple):
    """A quantity and the unit that stands in its cell, if any does."""

    reading: Reading
    unit: str | None = None


class AmountReader:
    """Reads the cells of a column of quantities: 120, 1.2万, 约300, 120顶."""

    def __init__(self, target: Field) -> None:
        self._number = cell_reader(target)

    def __call__(self, cell: object) -> Amount:
        """The cell's quantity with its unit, which may be whatever word stands behind the number."""
        if not isinstance(cell, str):
            return Amount(self._number(cell))
        text = tidy(cell)
        whole = self._number(text)
        found = _WITH_UNIT.fullmatch(text)
        if found is None or whole.value is not None:
            return Amount(whole)
        read = self._number(found["amount"])
        return Amount(read, found["unit"].strip("() ")) if read.value is not None else Amount(whole)


def read_supply_code(cell: object) -> Reading:
    """A code of GB/T 38565-2020 as text: 7 digits, the first of them its class."""
    read = read_code(cell)
    if read.value is None:
        return read
    code = re.sub(r"[\s.\-]", "", str(read.value))
    if not _CODE.fullmatch(code):
        return Reading(None, "supply-code-wrong")
    return Reading(code, None if code[0] in SUPPLY_CLASSES else "supply-class-unknown")
