"""How far an import is, for a progress bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Progress", "ProgressCallback", "Stage"]


class Stage(StrEnum):
    """The stations of an import, in order."""

    READING = "reading"
    LOADING = "loading"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """``fraction`` of the file read so far (0 … 1) and the rows that it held."""

    stage: Stage
    rows: int
    fraction: float


ProgressCallback = Callable[[Progress], None]
"""Called after every batch, in the importing thread."""
