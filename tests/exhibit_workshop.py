"""A workshop for tests of exhibits, and what is made in it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from geo.cartography.studio import Studio
from geo.database import Database
from geo.exhibits.request import ExhibitRequest, read_request
from geo.exhibits.template import Templates
from geo.exhibits.workshop import Workshop
from geo.rasters import Grids
from geo.risk import Extras, default_rules
from geo.selection import Reader
from layers.registry import discover

__all__ = ["STATE", "asked", "in_workshop"]

STATE = Path(tempfile.gettempdir()) / f"onemap-exhibit-state-{os.getuid()}"
"""Shared by the runs of this machine, for the fonts that take seconds to make."""

T = TypeVar("T")


def asked(kind: str, **values: object) -> ExhibitRequest:
    """A request of the day on which all tests are made."""
    return read_request({"kind": kind, "made_on": "2026-11-22", "maker": "××市应急管理局", **values})


def in_workshop(
    dsn: str,
    work: Callable[[Workshop], Awaitable[T]],
    *,
    threads: int = 1,
    grids: Grids | None = None,
    templates: Path | None = None,
) -> T:
    """Do ``work`` with a workshop on this database."""

    async def run() -> T:
        registry = discover()
        studio, database = Studio(registry, threads=threads), Database(dsn)
        extras = Extras(registry, default_rules(), grids=grids)
        workshop = Workshop(studio, database, studio.themes.get("print"), Reader(), extras, Templates(templates))
        try:
            return await work(workshop)
        finally:
            studio.close()
            await database.close()

    return asyncio.run(run())
