"""One written coordinate: a number, degrees-minutes-seconds in every costume, or a pair of them in one cell.

What a text says of itself is read here (its number, its notation, the axis that E or 北纬 names), never what it means:
whether 396653.945 is an easting is decided from the pair, the declared CRS and the county (domain brief 4.3).
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from geo.ingest.values import is_missing, tidy

__all__ = ["MISSING", "UNREADABLE", "Written", "read_number", "read_pair"]


class Written(NamedTuple):
    """A number as it was written: ``value`` is NaN when nothing stands there, infinite when it cannot be read.

    ``method`` is ``decimal``, ``dms`` (degrees, minutes and perhaps seconds) or ``dotted`` (115.56.38.4: degrees,
    minutes, seconds if anything, but nothing says so). ``axis`` is "E" or "N" where the text itself names its axis.
    """

    value: float
    method: str = "decimal"
    axis: str | None = None


MISSING = Written(math.nan)
UNREADABLE = Written(math.inf)

_SIGNS = str.maketrans(
    {
        "º": "°",
        "˚": "°",
        "。": ".",
        "．": ".",
        "·": ".",
        "´": "′",
        "‘": "′",
        "’": "′",
        "`": "′",
        "‵": "′",
        "ˊ": "′",
        "“": "″",
        "”": "″",
        "〃": "″",
        "˝": "″",
        "∘": "°",
        "ˮ": "″",
        "，": ",",
        "、": ",",
        "−": "-",
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "﹣": "-",
    }
)
_PLAIN = re.compile(r"[+-]?\d{1,12}(?:\.\d*)?", re.ASCII)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?|\d{1,3},\d{3}\.\d+", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d{1,3},(?:\d{4,})", re.ASCII)
_DMS = re.compile(
    r"(?P<sign>[+-])?(?P<d>\d{1,3})\s*(?:[°度d:\-]|\s)\s*(?P<m>\d{1,2}(?:\.\d+)?)\s*"
    r"(?:(?:['′分m:\-]|\s)\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:[\"″秒s]|''|′′)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_DOTTED = re.compile(r"(\d{1,3})\.(\d{1,2})\.(\d{1,2}(?:\.\d+)?)", re.ASCII)
_EAST, _NORTH = "E", "N"
_BEFORE = re.compile(
    r"(?:(?P<east>东经|東經|经度|經度|longitude|long|lon|lng|east|e)|(?P<west>西经|西經|west|w)"
    r"|(?P<north>北纬|北緯|纬度|緯度|维度|latitude|lat|north|n)|(?P<south>南纬|南緯|south|s)"
    r"|(?P<grid>[xy]坐标|[xy]))\s*[:=]?\s*(?=[\d+-])",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\s*(?:(?P<east>e)|(?P<west>w)|(?P<north>n)|(?P<south>s))$", re.IGNORECASE)
_AROUND_POINT = re.compile(r"(?<=\d)\s*\.\s+(?=\d)|(?<=\d)\s+\.(?=\d)", re.ASCII)
_WRAPPING = "".join(("()[]", "\"'", " \t,;"))
_LETTERED = re.compile(r"\d\s*[dm]", re.IGNORECASE)
_UNIT = re.compile(r"(?<=\d)\s*(?:米|公尺|m)$", re.IGNORECASE)
_POINT = re.compile(r"(?:SRID=\d+;)?\s*POINT\s*Z?\s*\(\s*(\S+)\s+(\S+?)(?:\s+\S+)?\s*\)", re.IGNORECASE)
_NEXT_AXIS = re.compile(r"(?<=\S)\s*(?=东经|東經|北纬|北緯|西经|南纬|经度|纬度|[ENXYenxy]\s*[:=]?\s*\d)")
_WORDS_MISSING = ("无坐标", "未测", "未测量", "缺", "缺失", "待补", "待测", "#ref!", "#value!", "#div/0!", "#name?")


def _folded(text: str) -> str:
    """``text`` with one form of each sign: degrees, minutes, seconds, minus, comma, point."""
    folded = tidy(text.translate(_SIGNS)).translate(_SIGNS)
    return _AROUND_POINT.sub(".", folded).strip(_WRAPPING)


def _named(text: str) -> tuple[str, str | None, float]:
    """What is left of a text without the name of its axis; the axis; the sign that 西经 and S mean."""
    axis, sign = None, 1.0
    for pattern in (_BEFORE, _AFTER):
        found = pattern.match(text) if pattern is _BEFORE else pattern.search(text)
        if found is None or (found["south"] and _LETTERED.search(text)):  # 28d32m42s: seconds, not south
            continue
        words = found.groupdict()
        if words.get("east") or words.get("west"):
            axis = _EAST
        elif words.get("north") or words.get("south"):
            axis = _NORTH
        sign = -1.0 if words.get("west") or words.get("south") else sign
        text = text[found.end() :] if pattern is _BEFORE else text[: found.start()]
    return text.strip(), axis, sign


def _sexagesimal(text: str) -> Written | None:
    found = _DMS.fullmatch(text)
    if found is None:
        return None
    minutes, seconds = float(found["m"]), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60 or (found["s"] is not None and "." in found["m"]):
        return UNREADABLE
    value = int(found["d"]) + minutes / 60 + seconds / 3600
    return Written(-value if found["sign"] == "-" else value, "dms")


def _unnamed(text: str) -> Written:
    bare = text.removesuffix("°").removesuffix("度").strip()
    if _PLAIN.fullmatch(bare):
        return Written(float(bare))
    if _THOUSANDS.fullmatch(text):
        return Written(float(text.replace(",", "")))
    if _DECIMAL_COMMA.fullmatch(text):
        return Written(float(text.replace(",", ".")), "decimal-comma")
    if (angle := _sexagesimal(text)) is not None:
        return angle
    if found := _DOTTED.fullmatch(text):
        minutes, seconds = int(found[2]), float(found[3])
        if minutes < 60 and seconds < 60:
            return Written(int(found[1]) + minutes / 60 + seconds / 3600, "dotted")
    if (metres := _UNIT.sub("", text)) != text and _PLAIN.fullmatch(metres):
        return Written(float(metres))
    return UNREADABLE


def read_number(cell: object) -> Written:
    """The number that a cell holds, in whatever notation; never a guess from half a text."""
    if cell is None or isinstance(cell, bool):
        return MISSING if cell is None else UNREADABLE
    if isinstance(cell, int | float):
        return Written(float(cell))  # NaN is missing, an infinity cannot be read
    if not isinstance(cell, str):
        return UNREADABLE
    if len(cell) > 120:
        return UNREADABLE
    text = _folded(cell)
    if is_missing(text) or text.casefold() in _WORDS_MISSING:
        return MISSING
    bare, axis, sign = _named(text)
    written = _unnamed(bare)
    if sign < 0 and written.value < 0:
        return UNREADABLE
    return Written(sign * written.value, written.method, axis) if math.isfinite(written.value) else written


def _halves(text: str) -> list[tuple[str, str]]:
    """The ways in which a text can be cut in two, the likeliest first."""
    cuts = []
    for mark in (",", ";", "/", "|", "\n", "\t"):
        parts = [part for part in text.split(mark) if part.strip()]
        if len(parts) == 2:
            cuts.append((parts[0], parts[1]))
    words = text.split()
    if len(words) == 2:
        cuts.append((words[0], words[1]))
    named = [part for part in _NEXT_AXIS.split(text) if part.strip(" ,;/")]
    if len(named) == 2:
        cuts.append((named[0], named[1]))
    return cuts


def read_pair(cell: object) -> tuple[Written, Written] | None:
    """The two numbers of a cell that holds both, in the order in which they stand; None when it holds no pair."""
    if not isinstance(cell, str) or len(cell) > 200:
        return None
    text = tidy(cell.translate(_SIGNS)).translate(_SIGNS)
    if found := _POINT.fullmatch(text):
        x, y = read_number(found[1]), read_number(found[2])
        return (x, y) if math.isfinite(x.value) and math.isfinite(y.value) else None
    if _THOUSANDS.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text):
        return None
    for first, second in _halves(text.strip(_WRAPPING)):
        x, y = read_number(first), read_number(second)
        if math.isfinite(x.value) and math.isfinite(y.value) and not (x.axis is not None and x.axis == y.axis):
            return x, y
    return None
