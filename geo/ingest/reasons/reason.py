"""What a reason is: a stable code, what it does to its row, what it means, and what the user can do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from layers.text import Text

__all__ = ["Effect", "F", "N", "R", "Reason", "reason"]


class Effect(StrEnum):
    """What a reason does to its row."""

    REJECTED = "rejected"
    """The row is not loaded."""
    FLAGGED = "flagged"
    """The row is loaded; something in it is unknown or was mended."""
    NOTED = "noted"
    """The row is loaded and whole; the source merely left something open."""


R, F, N = Effect.REJECTED, Effect.FLAGGED, Effect.NOTED
"""For the tables of reasons, which have one of them in every entry."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. ``code`` is stable: programs and re-imports rely on it."""

    code: str
    effect: Effect
    what: Text
    todo: Text


def reason(effect: Effect, code: str, zh: str, en: str, todo_zh: str, todo_en: str) -> Reason:
    """One entry of a table of reasons."""
    return Reason(code, effect, Text(zh, en), Text(todo_zh, todo_en))
