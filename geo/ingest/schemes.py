"""Whether a column of levels speaks the declared scheme at all: one word may mean two things in two schemes.

高/中/低 holds the 低 of 重大/较大/一般/低, and 特别重大 beside 重大 makes that 重大 orange. So the whole column is
looked at before one cell of it is taken (domain brief 2.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from geo.ingest.columns import ColumnMap
from geo.ingest.reading import Table
from geo.ingest.values import is_missing, tidy
from layers.field import Field
from layers.severity import (
    FOREST_FIRE_DANGER,
    GEOHAZARD_DANGER,
    MAJOR_HAZARD,
    RESERVOIR_SCALE,
    RISK_GRADE,
    WARNING,
    Choice,
    Choices,
    Level,
)

__all__ = ["foreign_columns", "is_foreign"]

_SCHEMES = (RISK_GRADE, WARNING, GEOHAZARD_DANGER, MAJOR_HAZARD, FOREST_FIRE_DANGER, RESERVOIR_SCALE)
_UNREADABLE_SHARE = 0.05
"""Some words may be typing errors; when more than this share of the cells is not of the scheme, none is taken."""


def is_foreign(words: Mapping[str, int], choices: Choices[Choice] | Choices[Level]) -> bool:
    """Whether a column with these words (and how often each stands) is of another scheme than ``choices``."""
    unread = {word for word in words if choices.read(word) is None}
    if not unread:
        return False
    if sum(words[word] for word in unread) > _UNREADABLE_SHARE * sum(words.values()):
        return True
    read = set(words) - unread
    others = (scheme for scheme in _SCHEMES if scheme.name != choices.name)
    return any(any(other.read(word) for word in unread) and any(other.read(word) for word in read) for other in others)


def foreign_columns(table: Table, columns: ColumnMap, fields: Mapping[str, Field]) -> frozenset[str]:
    """Headers of level columns that are of another scheme; the file is read once for it, if it has any."""
    levels: dict[str, Choices[Choice] | Choices[Level]] = {}
    for name, sources in columns.fields.items():
        choices = fields[name].choices
        if choices is not None and any(isinstance(value, Level) for value in choices.values):
            levels.update({source.header: choices for source in sources})
    if not levels:
        return frozenset()
    words: dict[str, Counter[str]] = {header: Counter() for header in levels}
    for batch in table.batches():
        for header, counter in words.items():
            counter.update(tidy(str(cell)) for cell in batch.cells[header] if cell is not None)
    told = {header: {w: n for w, n in each.items() if not is_missing(w)} for header, each in words.items()}
    return frozenset(header for header, choices in levels.items() if is_foreign(told[header], choices))
