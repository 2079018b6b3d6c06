"""Quantities in words: 约300余人, 1.2万, 12户45人, 三百二十, and what can be told from them and what cannot."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Quantity", "chinese_number", "read_quantity"]

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_DIGITS |= {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_GROUPS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_CHINESE = re.compile("[" + "".join({*_DIGITS, *_TENS, *_GROUPS}) + "]+")

_BEFORE = re.compile(r"^(?:大约|大约有|约为|约有|约计|约|近|将近|大概|估计|~|≈|上下|左右|合计|共计|共有|共|计|有)+")
_BEHIND = re.compile(r"(?:余|多|来|左右|上下|以上)$")
_JOINTS = re.compile(r"(?<=[^\d])[,、;；，]")
_ABOUT = re.compile(r"(?:约|近|大概|估计|余|多|来|左右|上下|~|≈)")
_LARGER = {"万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "千": 1e3, "百": 1e2, "百万": 1e6, "千万": 1e7}
_AMOUNT = re.compile(
    r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(余|多|来)?\s*(百万|千万|万|萬|亿|億|千|百)?(余|多|来)?\s*"
    r"([^\d,.]*)",
    re.ASCII,
)


class Quantity(NamedTuple):
    """A number with what stands behind it (a unit, or nothing); ``about``: the source says that it is an estimate."""

    value: float
    unit: str
    about: bool


def chinese_number(text: str) -> int | None:
    """三百二十 as 320, 一万二千 as 12 000, 二〇二四 as 2024; None for anything else."""
    if not _CHINESE.fullmatch(text):
        return None
    if all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, group, digit = 0, 0, None
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _TENS:
            group += (1 if digit is None else digit) * _TENS[char]
            digit = None
        else:
            total = (total + group + (digit or 0)) * _GROUPS[char]
            group, digit = 0, None
    return total + group + (digit or 0)


def _as_digits(text: str) -> str:
    """``text`` with its Chinese numerals in digits; a lone 万 or 百 behind digits stays a multiplier."""

    def digits(found: re.Match[str]) -> str:
        if found.start() and (
            found.string[found.start() - 1].isdigit() or found.string[found.start() - 1] in ".余多来"
        ):
            return found.group()
        value = chinese_number(found.group()) if found.group()[0] not in _GROUPS else None
        return found.group() if value is None else str(value)

    return _CHINESE.sub(digits, text)


def read_quantity(text: str, units: frozenset[str]) -> Quantity | None:
    """The quantity that a tidied text without spaces states; None when it states none, or more than can be told.

    Of several, as 12户45人, the one whose unit is among ``units`` (folded) counts.
    """
    about = _ABOUT.search(text) is not None
    bare = _JOINTS.sub("", _BEHIND.sub("", _BEFORE.sub("", _as_digits(text))))
    parts = [found for found in _AMOUNT.finditer(bare) if found.group()]
    if not parts or "".join(found.group() for found in parts) != bare:
        return None
    read = []
    for found in parts:
        number, _, larger, _, unit = found.groups()
        value = float(number.replace(",", "")) * _LARGER.get(larger or "", 1.0)
        read.append(Quantity(float(f"{value:.12g}"), _bare_unit(unit), about))
    if len(read) == 1:
        return read[0]
    own = [each for each in read if each.unit in units]
    return own[0] if len(own) == 1 and len({each.unit for each in read}) == len(read) else None


def _bare_unit(unit: str) -> str:
    """A unit without what qualifies or joins it: 45人左右, 12户,45人."""
    return re.sub(r"(?:左右|上下|以上|余|多|[,、;；，()（）/])+$", "", unit.strip()).strip("、,;；，()（）/")
