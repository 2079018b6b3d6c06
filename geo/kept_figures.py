"""The figures of everything, counted once per revision: a million rows take long to count for each wall that opens."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from functools import partial

from geo.cartography.versions import fetch_revisions, version
from geo.database import Database
from geo.selection import Selection
from geo.statistics import figures
from layers.layer import Layer

__all__ = ["KeptFigures"]

_MOST_KEPT = 32
"""So many different questions are remembered; a wall asks one of them for every choice of layers."""


class KeptFigures:
    """``geo.statistics.figures``, kept where all that is asked about is whole layers.

    All who ask for the same at the same time share one counting: fifty walls that hear of one edit ask at once.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[str]] = {}

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
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(figures(self._database, selection, divisions, counted))
            self._under_way[key] = task
            task.add_done_callback(partial(self._keep, key))
        # One who goes away does not end the counting for the others.
        return await asyncio.shield(task)

    def _keep(self, key: str, task: asyncio.Task[str]) -> None:
        self._under_way.pop(key, None)
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[key] = task.result()
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
