"""Codes with a check character: 统一社会信用代码 (GB 32100-2015). A wrong one is flagged, for real ones fail too."""

from __future__ import annotations

import re
from collections.abc import Callable

from geo.ingest.values.reading import Reading
from geo.ingest.values.words import read_code

__all__ = ["CHECKED_FIELDS", "read_uscc", "uscc_check"]

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def uscc_check(code: str) -> bool:
    """Whether 18 characters are a unified social credit code with its right check character."""
    if not _FORM.fullmatch(code):
        return False
    total = sum(weight * _ALPHABET.index(char) for weight, char in zip(_WEIGHTS, code, strict=False))
    return _ALPHABET[(31 - total % 31) % 31] == code[17]


def read_uscc(cell: object) -> Reading:
    """A unified social credit code as text, without spaces and in capitals; doubted when its check fails."""
    read = read_code(cell)
    if read.value is None:
        return read
    code = "".join(str(read.value).split()).upper()
    if isinstance(cell, int | float) or (code.isdigit() and code.endswith("000")):
        # 18 digits as a number have lost their last three: never guessed (domain brief 4.4)
        return Reading(None, "code-mangled")
    return Reading(code) if uscc_check(code) else Reading(code, "code-doubtful")


CHECKED_FIELDS: dict[str, Callable[[object], Reading]] = {"uscc": read_uscc}
"""Fields of any layer that are read so, by name."""
