"""The figures of everything, counted once per revision: a million rows take long to count for each wall that opens."""

from __future__ import annotations

from dataclasses import dataclass

from geo.cartography.drawn_cache import DrawnCache
from geo.cartography.versions import fetch_revisions, version
from geo.database import Database
from geo.selection import Selection
from geo.statistics import figures
from layers.layer import Layer

__all__ = ["KeptFigures"]

_MOST_KEPT_BYTES = 2_000_000
"""Some dozens of different questions; a wall asks one of them for every choice of layers."""


@dataclass(frozen=True, slots=True)
class _Counted:
    text: str

    @property
    def weight_bytes(self) -> int:
        return len(self.text)


class KeptFigures:
    """``geo.statistics.figures``, kept where all that is asked about is whole layers.

    All who ask for the same at the same time share one counting: fifty walls that hear of one edit ask at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = DrawnCache(_MOST_KEPT_BYTES)

    async def read(self, selection: Selection, divisions: Layer | None, counted: frozenset[str] | None) -> str:
        """The figures as JSON text, never older than the newest revision at the time of asking.

        Raises:
            Busy, DatabaseUnreachable: see ``Database.connection``.
        """
        if selection.area is not None:
            return await figures(self._database, selection, divisions, counted)
        names = [layer.name for layer in (*selection.layers, *([divisions] if divisions else []))]
        # From the database itself: the answer must hold what another process has just told of.
        revisions = await fetch_revisions(self._database, names)
        further = (revisions.get(divisions.name) if divisions else None, sorted(counted) if counted else counted)
        key = version(selection, revisions, further)

        async def count() -> _Counted:
            return _Counted(await figures(self._database, selection, divisions, counted))

        return (await self._kept.get(key, _Counted, count)).text
