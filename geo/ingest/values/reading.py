"""What the reading of one cell gives, and which cells say that nothing is known."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

__all__ = ["LONGEST_MARK", "UNKNOWN", "Reading", "begins_like_a_mark", "is_missing", "tidy"]

_SIGNS = frozenset(
    ("", "/", "//", "\\", "-", "--", "—", "——", "_", ".", "*", "null", "#n/a", "n/a", "na", "nan", "none", "nil")
)
_WORDS = frozenset(("无", "無", "暂无", "暫無", "空", "不详", "不詳", "未知", "待定", "待查", "unknown"))


class Reading(NamedTuple):
    """A cell's value, None when unknown; ``problem`` is a reason's code; ``keep``: the original says more."""

    value: object
    problem: str | None = None
    keep: bool = False


UNKNOWN = Reading(None)
"""An empty cell."""


def tidy(text: str) -> str:
    """NFKC without spaces of any kind at the ends, zero-width characters or NULs."""
    if text.isascii():
        return text.strip() if "\0" not in text else text.replace("\0", "").strip()
    folded = unicodedata.normalize("NFKC", text)
    for invisible in ("\u200b", "\ufeff", "\u2060", "\0"):
        folded = folded.replace(invisible, "")
    return folded.strip()


_MARKED = frozenset("".join(_SIGNS | _WORDS))
LONGEST_MARK = 8
"""Longer texts are no marks of absence."""


def begins_like_a_mark(text: str) -> bool:
    """False where a first glance tells that a text is no mark of absence: a digit, or a character of none of them."""
    first = text[:1]
    return not ("0" <= first <= "9" or ("\u4e00" <= first <= "\u9fff" and first not in _MARKED))


def is_missing(text: str, words: bool = True) -> bool:
    """Whether a tidied cell is one of the marks for "not known"; ``words`` also takes 无, 暂无, 不详 for one."""
    folded = text.casefold()
    return folded in _SIGNS or (words and folded in _WORDS)
