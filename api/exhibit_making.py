"""Making exhibits for a command: the workshop for its time, files written whole, what has changed since a recipe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import typer

from api.cli import write_atomically
from api.rulebook import rules_of
from api.settings import Settings
from geo.cartography.studio import Studio
from geo.database import Database
from geo.errors import FileUnreadable
from geo.exhibits.atlas import AtlasProgress, make_atlas
from geo.exhibits.atlas_request import AtlasRequest
from geo.exhibits.formats.recipes import read_recipe_of
from geo.exhibits.formats.writing import Format, write
from geo.exhibits.manuscript import prepare
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.template import Templates
from geo.exhibits.workshop import Workshop
from geo.rasters import Grids, rasters_directory
from geo.risk import Extras
from geo.selection import Reader
from layers.registry import discover
from layers.text import Lang, Text

__all__ = ["make_atlas_file", "make_files", "recipe_of", "tell_changes", "workshop_of"]

_ATLAS_THREADS = 2


@asynccontextmanager
async def workshop_of(settings: Settings, *, threads: int = 1) -> AsyncIterator[Workshop]:
    """What exhibits are made with, for the time of a command."""
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


def make_files(
    settings: Settings, request: ExhibitRequest, form: Format, out: Path, dpi: float
) -> Mapping[str, object]:
    """Write the exhibit: one file, or one a page, the further as ``name-2.png`` …; returns its recipe.

    Raises:
        OnemapError: whatever ``prepare``, the format's writer or the disk raises; then nothing is written.
    """
    files, recipe = asyncio.run(_files(settings, request, form, dpi))
    for number, content in enumerate(files, start=1):
        write_atomically(out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}"), content)
    return recipe


async def _files(
    settings: Settings, request: ExhibitRequest, form: Format, dpi: float
) -> tuple[list[bytes], Mapping[str, object]]:
    async with workshop_of(settings) as workshop:
        manuscript = await prepare(workshop, request, settings.state_directory)
        return await workshop.studio.queue.run(lambda: write(manuscript, form, dpi)), manuscript.recipe


def make_atlas_file(
    settings: Settings, order: AtlasRequest, out: Path, told: Callable[[AtlasProgress], None]
) -> Mapping[str, object]:
    """Write an atlas; what is done of it stands beside ``out`` until it is whole. Returns its recipe.

    Raises:
        OnemapError: see ``make_atlas``.
    """

    async def run() -> Mapping[str, object]:
        async with workshop_of(settings, threads=_ATLAS_THREADS) as workshop:
            return await make_atlas(
                workshop,
                order,
                out,
                state_directory=settings.state_directory,
                parts=out.with_name(f"{out.name}.parts"),
                plates_max=settings.atlas_plates_max,
                told=told,
            )

    return asyncio.run(run())


def recipe_of(path: Path) -> dict[str, object]:
    """The recipe in a file.

    Raises:
        FileUnreadable: it cannot be read, or carries none.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(
            Text(f"读不到 {path}:{error.strerror}", f"{path} cannot be read: {error.strerror}"), field="again"
        ) from error
    return read_recipe_of(content)


def tell_changes(old: Mapping[str, object], new: Mapping[str, object], lang: Lang) -> None:
    """Say on stderr what is no more as it was: data, rules, software, template."""
    before, now = old.get("revisions"), new.get("revisions")
    changed = []
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        changed = sorted(str(name) for name in now if before.get(name) != now[name])
    changed += [name for name in ("rules", "software", "template") if old.get(name) != new.get(name)]
    if changed:
        names = ", ".join(changed)
        said = Text(f"已有变化:{names};新图与原图可能不同", f"changed since: {names}; it may differ from the first")
        typer.echo(said.get(lang), err=True)
