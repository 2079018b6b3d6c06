"""The workshop of whoever makes exhibits outside a request: a command, or the worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.rulebook import rules_of
from api.settings import Settings
from geo.cartography.studio import Studio
from geo.database import Database
from geo.exhibits.template import Templates
from geo.exhibits.workshop import Workshop
from geo.rasters import Grids, rasters_directory
from geo.risk import Extras
from geo.selection import Reader
from layers.registry import discover

__all__ = ["workshop_of"]


@asynccontextmanager
async def workshop_of(settings: Settings, *, threads: int = 1) -> AsyncIterator[Workshop]:
    """What exhibits are made with, for as long as it takes."""
    registry = discover()
    database = Database(settings.dsn(), pool_size=threads + 1, statement_timeout_s=settings.statement_timeout_s)
    studio = Studio(registry, threads=threads)
    grids = Grids(rasters_directory(settings.state_directory))
    extras = Extras(registry, rules_of(settings), limits=settings.risk_limits(), grids=grids)
    templates = Templates(settings.templates)
    try:
        yield Workshop(studio, database, studio.themes.get("print"), Reader(), extras, templates)
    finally:
        studio.close()
        await database.close()
