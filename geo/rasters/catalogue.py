"""The loaded grids as the service knows them: read again only when the table of grids has changed."""

from __future__ import annotations

from geo.database import Database
from geo.rasters.entries import RasterEntry, entries_statement, read_entries
from geo.revisions import Revisions

__all__ = ["RASTERS", "RasterCatalogue"]

RASTERS = "rasters"
"""Under this name the table of grids has its revision, as a layer has its own."""


class RasterCatalogue:
    """One per service process."""

    def __init__(self, database: Database, revisions: Revisions) -> None:
        self._database = database
        self._revisions = revisions
        self._kept: tuple[int, tuple[RasterEntry, ...]] | None = None

    async def entries(self) -> tuple[RasterEntry, ...]:
        """All grids, in the order in which they are asked.

        Raises:
            Busy, DatabaseUnreachable: see ``Database.connection``.
        """
        # The revision first: then what is kept may be newer than it says, never older.
        revision = (await self._revisions.of([RASTERS]))[RASTERS]
        if self._kept is None or self._kept[0] != revision:
            self._kept = (revision, read_entries(await self._database.fetch_text(entries_statement())))
        return self._kept[1]
