"""The present revision of each layer: heard, not asked for with every tile, and never believed for long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping

from geo.database import Database, Statement

__all__ = ["Revisions"]

_BELIEVED_S = 1.0
"""A listener that died without a word misleads for no longer than this: the database is asked once a second at most."""


class Revisions:
    """``heard`` gives the revisions as notified, or None while nobody listens; then every call asks the database."""

    def __init__(self, database: Database, heard: Callable[[], Mapping[str, int] | None]) -> None:
        self._database = database
        self._heard = heard
        self._asked: dict[str, int] = {}
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    async def of(self, layers: Iterable[str]) -> dict[str, int]:
        """The revision of each layer; 0 for one that was never written.

        Raises:
            Busy, DatabaseUnreachable: see ``Database.connection``.
        """
        found = self.known()
        if found is None:
            await self._ask()
            found = self._merged()
        return {name: found.get(name, 0) for name in layers}

    def known(self) -> Mapping[str, int] | None:
        """The revisions without asking anybody; None when they must be asked for."""
        heard = self._heard()
        if heard is None or time.monotonic() - self._asked_at > _BELIEVED_S:
            return None
        return self._merged()

    def _merged(self) -> Mapping[str, int]:
        heard = self._heard() or {}
        newer = {name: revision for name, revision in self._asked.items() if revision > heard.get(name, 0)}
        return {**heard, **newer} if newer else heard

    async def _ask(self) -> None:
        if self._heard() is None:
            # A question that began before may miss what the one who asks now has just written: none is shared.
            await self._read()
            return
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._read())
        await asyncio.shield(self._asking)

    async def _read(self) -> None:
        started = time.monotonic()
        rows = await self._database.fetch(Statement("SELECT layer, revision FROM onemap_revisions"))
        self._asked = {str(row["layer"]): int(row["revision"]) for row in rows}
        self._asked_at = started
