"""Exhibits for tests: a workshop over a database, requests with what every page needs, and what came of them."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from geo.cartography.studio import Studio
from geo.database import Database
from geo.exhibits.content import Content
from geo.exhibits.exhibit import compose, make_exhibit
from geo.exhibits.manuscript import prepare
from geo.exhibits.page import pages_of
from geo.exhibits.request import ExhibitRequest, read_request
from geo.exhibits.template import Templates
from geo.exhibits.workshop import Workshop
from geo.rasters import Grids
from geo.risk import Extras, default_rules
from geo.selection import Reader
from layers.registry import discover

__all__ = ["STATE", "composed_of", "made_of", "pdf_of", "request_of", "with_workshop"]

T = TypeVar("T")

STATE = Path(tempfile.gettempdir()) / f"onemap-exhibit-state-{os.getuid()}"
"""Shared by the runs of this machine, for the fonts that take seconds to make."""


def request_of(**values: object) -> ExhibitRequest:
    return read_request({"kind": "surroundings", "made_on": "2026-11-22", **values})


def with_workshop(
    dsn: str, work: Callable[[Workshop], Awaitable[T]], *, grids: Grids | None = None, templates: Path | None = None
) -> T:
    async def run() -> T:
        registry = discover()
        studio, database = Studio(registry), Database(dsn)
        extras = Extras(registry, default_rules(), grids=grids)
        workshop = Workshop(studio, database, studio.themes.get("print"), Reader(), extras, Templates(templates))
        try:
            return await work(workshop)
        finally:
            studio.close()
            await database.close()

    return asyncio.run(run())


def pdf_of(dsn: str, **values: object) -> bytes:
    return with_workshop(dsn, lambda shop: make_exhibit(shop, request_of(**values), STATE)).pages[0]


def composed_of(dsn: str, **values: object) -> Content:
    return with_workshop(dsn, lambda shop: compose(shop, request_of(**values)))


def made_of(dsn: str, wanted: Iterable[Mapping[str, object]], **more: object) -> list[tuple[Content, bytes]]:
    """Content and PDF of each request, in one workshop."""

    async def all_of(shop: Workshop) -> list[tuple[Content, bytes]]:
        made = []
        for values in wanted:
            manuscript = await prepare(shop, request_of(**values), STATE)
            made.append((manuscript.content, pages_of(manuscript, "pdf")[0]))
        return made

    return with_workshop(dsn, all_of, **more)  # type: ignore[arg-type]  # the same keywords
