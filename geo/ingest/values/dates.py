"""Dates in the spellings of registers, to the day, the month or the year."""

from __future__ import annotations

import datetime
import re

from geo.ingest.values.quantities import chinese_number
from geo.ingest.values.reading import UNKNOWN, Reading, is_missing, tidy

__all__ = ["read_date"]

_CLOCK = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DAY = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})[日号]?" + _CLOCK, re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?", re.ASCII)
_YEAR = re.compile(r"(\d{4})年?", re.ASCII)
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_EARLIEST, _LATEST = 1800, 2200
_AROUND = re.compile(r"\s*([年月日])\s*(?=\S|$)")
_NUMERALS = re.compile("[零〇一二三四五六七八九十]+")
_NONE_DATES = ("1900-01-00", "1900/1/0", "0000-00-00", "0")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)
_SERIALS = range(20_000, 60_000)
"""Days of the 1900 date system between 1954 and 2064: what a spreadsheet's date becomes when its format is lost."""
_SERIAL_ZERO = datetime.date(1899, 12, 30)


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
    elif _SERIAL.fullmatch(text) and int(float(text)) in _SERIALS:
        return Reading(_SERIAL_ZERO + datetime.timedelta(days=int(float(text))), "date-serial")
    elif found := _PACKED.fullmatch(text):
        return _made(found[1], found[2], found[3])
    elif found := _MONTH.fullmatch(text):
        return _made(found[1], found[2], "1", "date-precision")
    elif found := _YEAR.fullmatch(text):
        return _made(found[1], "1", "1", "date-precision")
    return Reading(None, "date-unreadable")


def _in_digits(text: str) -> str:
    """二〇二四年五月一日 in digits."""
    if not text or text[0] in "0123456789" or "年" not in text:
        return text
    return _NUMERALS.sub(lambda found: str(chinese_number(found.group())), text)


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
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return Reading(None, "date-unreadable")
    text = _in_digits(_AROUND.sub(r"\1", tidy(str(cell))).replace("、", "."))
    if is_missing(text) or text in _NONE_DATES:
        return Reading(None, "missing-mark" if text else None)
    found = _from_text(text)
    return Reading(None, "missing-mark") if found.value == datetime.date(1900, 1, 1) else found
