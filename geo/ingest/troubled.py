"""Which rows were refused or flagged, and by which findings: one small number per row, whatever the file's size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["Troubled"]

T = TypeVar("T")


class Troubled(Generic[T]):
    """Rows with their findings. Rows of the same findings share one tuple: a million of them cost a dict."""

    def __init__(self) -> None:
        self._findings: list[T] = []
        self._places: dict[int, int] = {}
        self._sets: list[tuple[int, ...]] = [()]
        self._known: dict[tuple[int, ...], int] = {(): 0}
        self._rows: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __contains__(self, row: object) -> bool:
        return row in self._rows

    def register(self, finding: T) -> None:
        """Take a finding whose rows will be written down."""
        self._places[id(finding)] = len(self._findings)
        self._findings.append(finding)

    def add(self, row: int, finding: T) -> None:
        """``row`` has this finding too."""
        at = self._places[id(finding)]
        before = self._sets[self._rows.get(row, 0)]
        if at in before:
            return
        after = (*before, at)
        if after not in self._known:
            self._known[after] = len(self._sets)
            self._sets.append(after)
        self._rows[row] = self._known[after]

    def of(self, row: int) -> list[T]:
        """The findings of a row; none when it is neither refused nor flagged."""
        return [self._findings[at] for at in self._sets[self._rows.get(row, 0)]]
