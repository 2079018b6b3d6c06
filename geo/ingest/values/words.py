"""Words: text, codes, yes or no, and the values of closed vocabularies."""

from __future__ import annotations

import re

from geo.ingest.values.reading import LONGEST_MARK, UNKNOWN, Reading, begins_like_a_mark, is_missing, tidy
from layers.field import Field
from layers.severity import Choice, Choices, Level, fold

__all__ = ["PLAIN_CODE", "ChoiceReader", "ChoicesReader", "TextReader", "read_boolean", "read_code"]

_YES = frozenset(("是", "有", "true", "yes", "y", "t", "1", "√", "✓", "对"))
_NO = frozenset(("否", "没有", "false", "no", "n", "f", "0", "×", "x", "不是", "非"))
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E[+]?\d+", re.ASCII | re.IGNORECASE)
PLAIN_CODE = re.compile(r"[A-DF-Z]{0,4}\d{2,}", re.ASCII)
"""What no software takes for a number in scientific notation."""
_TRAILING_ZERO = re.compile(r"(\d+)\.0+", re.ASCII)
_SEPARATORS = re.compile(r"[、,;;,/|\s]+")

_Vocabulary = Choices[Choice] | Choices[Level]


def _plain(cell: object) -> str:
    """The cell as it would be written."""
    return cell if isinstance(cell, str) else str(cell)


class TextReader:
    """Text as written, without spaces at its ends; ``words``: 无 and the like mean that nothing is known."""

    def __init__(self, words: bool) -> None:
        self._words = words

    def __call__(self, cell: object) -> Reading:
        """The text, or None for an empty cell or a mark of absence."""
        if cell is None:
            return UNKNOWN
        text = _plain(cell).replace("\0", "").strip()
        if self._is_missing(text):
            return Reading(None, "missing-mark" if text else None)
        return Reading(text)

    def _is_missing(self, text: str) -> bool:
        return len(text) <= LONGEST_MARK and begins_like_a_mark(text) and is_missing(tidy(text), self._words)

    def plain(self, texts: list[str]) -> list[str] | None:
        """What a whole column of texts says; None when any of them is a mark of absence or holds a NUL."""
        if "\0" in "".join(texts):
            return None
        stripped = list(map(str.strip, texts))
        short = {text for text in stripped if len(text) <= LONGEST_MARK}
        return None if any(map(self._is_missing, short)) else stripped


def read_code(cell: object) -> Reading:
    """A code or id as text. What a spreadsheet has turned into a rounded number is refused, never guessed."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, int) and not isinstance(cell, bool):
        return Reading(str(cell))
    if isinstance(cell, float):
        if abs(cell) >= 1e15:
            return Reading(None, "code-mangled")
        return Reading(str(int(cell))) if cell.is_integer() else Reading(None, "code-unreadable")
    if not isinstance(cell, str):
        return Reading(None, "code-unreadable")
    if PLAIN_CODE.fullmatch(cell):
        return Reading(cell)
    text = tidy(cell)
    if is_missing(text):
        return Reading(None, "missing-mark" if text else None)
    if _SCIENTIFIC.fullmatch(text):
        return Reading(None, "code-mangled")
    whole = _TRAILING_ZERO.fullmatch(text)
    return Reading(whole.group(1), keep=True) if whole else Reading(text)


def read_boolean(cell: object) -> Reading:
    """Yes or no, in Chinese or English."""
    if cell is None:
        return UNKNOWN
    if isinstance(cell, bool):
        return Reading(cell)
    text = tidy(_plain(cell)).casefold()
    if text in _YES or text in _NO:
        return Reading(text in _YES)
    return Reading(None, "missing-mark" if text else None) if is_missing(text) else Reading(None, "boolean-unreadable")


class ChoiceReader:
    """One value of a closed vocabulary, stored as its code; a word that is not in it is not guessed."""

    def __init__(self, target: Field) -> None:
        self._choices = _vocabulary(target)

    def __call__(self, cell: object) -> Reading:
        """The code; ``keep`` when the source's word is another than the vocabulary's own."""
        if cell is None:
            return UNKNOWN
        text = tidy(_plain(cell))
        found = self._choices.read(text)
        if found is None:
            return Reading(None, ("missing-mark" if text else None) if is_missing(text) else "choice-unknown")
        return Reading(found.code, keep=_says_more(text, found))


class ChoicesReader:
    """A list of values of a closed vocabulary, written with 、 , ; or spaces between them."""

    def __init__(self, target: Field) -> None:
        self._choices = _vocabulary(target)

    def __call__(self, cell: object) -> Reading:
        """The known codes in the cell's order; with an unknown word among them the reason is ``choice-unknown``."""
        if cell is None:
            return UNKNOWN
        parts = cell if isinstance(cell, list) else _SEPARATORS.split(tidy(_plain(cell)))
        words = [tidy(_plain(part)) for part in parts if part is not None]
        words = [word for word in words if word]
        told = [word for word in words if not is_missing(word)]
        if not told:
            return Reading(None, "missing-mark" if words else None)
        found = [self._choices.read(word) for word in told]
        codes = list(dict.fromkeys(each.code for each in found if each is not None))
        if None in found:
            return Reading(codes or None, "choice-unknown")
        return Reading(codes, keep=any(_says_more(word, each) for word, each in zip(told, found, strict=True) if each))


def _vocabulary(target: Field) -> _Vocabulary:
    if target.choices is None:
        raise ValueError(f"field {target.name} declares no choices")
    return target.choices


def _says_more(word: str, found: Choice) -> bool:
    return fold(word) not in {fold(found.code), fold(found.title.zh), fold(found.title.en)}
