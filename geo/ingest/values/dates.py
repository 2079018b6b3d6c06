"""Dates in the spellings of registers, to the day, the month or the year."""

from __future__ import annotations

import datetime
import re

from geo.ingest.values.reading import UNKNOWN, Reading, is_missing, tidy

__all__ = ["read_date"]

_CLOCK = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DAY = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})[日号]?" + _CLOCK, re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?", re.ASCII)
_YEAR = re.compile(r"(\d{4})年?", re.ASCII)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_EARLIEST, _LATEST = 1800, 2200


def _made(year: str, month: str, day: str, problem: str | None = None) -> Reading:
    try:
        value = datetime.date(int(year), int(month), int(day))
    except ValueError:
        return Reading(None, "date-unreadable")
    return Reading(value, problem) if _EARLIEST <= value.year <= _LATEST else Reading(None, "out-of-bounds")


def _from_text(text: str) -> Reading:
    if found := _DAY.fullmatch(text):
        year, first, month, second, day = found.groups()
        if first == second or (first, second) == ("年", "月"):
            return _made(year, month, day)
    elif found := _PACKED.fullmatch(text):
        return _made(found[1], found[2], found[3])
    elif found := _MONTH.fullmatch(text):
        return _made(found[1], found[2], "1", "date-precision")
    elif found := _YEAR.fullmatch(text):
        return _made(found[1], "1", "1", "date-precision")
    return Reading(None, "date-unreadable")


def read_date(cell: object) -> Reading:
    """A date; one that is given to the month or year only is its first day, with the reason ``date-precision``.

    1900-01-01 and 1900-01-00 are what software writes for "no date", and are unknown.
    """
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, datetime.date):
        cell = cell.isoformat()
    if cell is None:
        return UNKNOWN
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool) or not isinstance(cell, str | int):
        return Reading(None, "date-unreadable")
    text = tidy(str(cell)).replace("年 ", "年").replace("月 ", "月")
    if is_missing(text):
        return Reading(None, "missing-mark" if text else None)
    found = _from_text(text)
    return Reading(None, "missing-mark") if found.value == datetime.date(1900, 1, 1) else found
