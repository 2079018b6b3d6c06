"""An atlas: its plates drawn one by one to files, then bound; what was interrupted goes on where it stopped.

A plate that is done is two small files beside each other, the second of which says so. They are good only for the
order, the data revisions and the software that they were made of: with any of these changed the atlas begins anew.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Literal

import pikepdf

from geo.cartography.versions import fetch_revisions
from geo.errors import ExhibitCancelled, FileUnwritable
from geo.exhibits.atlas_binding import Bound, bind
from geo.exhibits.atlas_plates import Plate, find_plates
from geo.exhibits.atlas_request import AtlasRequest
from geo.exhibits.manuscript import Manuscript, prepare
from geo.exhibits.page import pages_of
from geo.exhibits.typesetter import forget_pages
from geo.exhibits.workshop import Workshop
from layers.text import Text

__all__ = ["AtlasProgress", "make_atlas"]

_AHEAD = 3
"""Plates under way at a time: two are drawn while a third asks the database."""


@dataclass(frozen=True, slots=True)
class AtlasProgress:
    """How many plates are done."""

    stage: Literal["drawing", "binding", "done"]
    done: int
    plates: int


async def make_atlas(
    workshop: Workshop,
    order: AtlasRequest,
    out: Path,
    *,
    state_directory: Path,
    parts: Path,
    plates_max: int,
    told: Callable[[AtlasProgress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Mapping[str, object]:
    """Write the atlas to ``out`` whole or not at all; its plates stand in ``parts`` until then. Returns its recipe.

    Raises:
        InputError: see ``find_plates``, and what making a plate raises.
        ExhibitCancelled: ``cancelled`` said so; finished plates stay in ``parts``.
        FileUnwritable: the disk is full, or the folder cannot be written.
    """
    plates = await find_plates(workshop, order, plates_max)
    recipe: dict[str, object] = {
        "request": order.as_dict(),
        "revisions": await fetch_revisions(workshop.database, sorted(workshop.extras.registry)),
        "rules": workshop.extras.rules.version if workshop.extras.rules else None,
        "software": f"onemap {package_version('onemap')}",
    }
    shelf = _Parts(parts, _digest(recipe, plates))
    with _told_when_unwritable(parts):
        await asyncio.to_thread(shelf.open)
    first = await _draw(workshop, plates, shelf, state_directory, told, cancelled)
    told(AtlasProgress("binding", len(plates), len(plates)))
    bound = [Bound(plate.number, plate.code, plate.name, *shelf.of(plate)) for plate in plates]
    with _told_when_unwritable(out):
        await asyncio.to_thread(bind, bound, order, recipe, first, state_directory, out, shelf.folder)
        await asyncio.to_thread(shelf.clear)
    told(AtlasProgress("done", len(plates), len(plates)))
    return recipe


class _told_when_unwritable:
    """An OSError of the disk as one of ours."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise FileUnwritable(
                Text(
                    f"无法写入 {self._path}:{error.strerror};已完成的图幅保留,腾出空间后重试即可接着做",
                    f"{self._path} cannot be written: {error.strerror}; finished plates are kept: make room, try again",
                )
            ) from error


def _digest(recipe: Mapping[str, object], plates: Sequence[Plate]) -> str:
    listed = [[plate.code, plate.name, plate.request.model_dump_json(exclude_defaults=True)] for plate in plates]
    whole = json.dumps([recipe, listed], ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(whole.encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class _Made:
    """What is told of a finished plate."""

    title: str
    pages: int
    listed: int


class _Parts:
    """The folder of finished plates."""

    def __init__(self, folder: Path, digest: str) -> None:
        self.folder = folder
        self._digest = digest

    def open(self) -> None:
        """Make the folder; plates of another order or of older data are thrown away."""
        marker = self.folder / "order"
        if self.folder.exists() and (not marker.exists() or marker.read_text() != self._digest):
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(marker, self._digest.encode())

    def paths(self, plate: Plate) -> tuple[Path, Path]:
        """The page and what is told of it."""
        return self.folder / f"{plate.number:05d}.pdf", self.folder / f"{plate.number:05d}.json"

    def has(self, plate: Plate) -> bool:
        """Whether a plate is done."""
        return self.paths(plate)[1].exists()

    def put(self, plate: Plate, page: bytes, made: _Made) -> None:
        """Keep a plate: the page first, then the word that it is there."""
        path, word = self.paths(plate)
        _write(path, page)
        _write(word, json.dumps(asdict(made), ensure_ascii=False).encode())

    def of(self, plate: Plate) -> tuple[Path, str, int, int]:
        """The file of a finished plate, its title, its pages, its listed features."""
        path, word = self.paths(plate)
        made = _Made(**json.loads(word.read_bytes()))
        return path, made.title, made.pages, made.listed

    def clear(self) -> None:
        """All is bound."""
        shutil.rmtree(self.folder)


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


async def _draw(
    workshop: Workshop,
    plates: Sequence[Plate],
    shelf: _Parts,
    state_directory: Path,
    told: Callable[[AtlasProgress], None],
    cancelled: Callable[[], bool],
) -> Manuscript:
    """Draw what is not there yet; returns the manuscript of the first plate, whose furniture the index carries."""
    first = await prepare(workshop, plates[0].request, state_directory)
    waiting = iter([plate for plate in plates if not shelf.has(plate)])
    done = sum(shelf.has(plate) for plate in plates)
    told(AtlasProgress("drawing", done, len(plates)))

    async def work(ours: Iterator[Plate]) -> None:
        nonlocal done
        for plate in ours:
            if cancelled():
                raise ExhibitCancelled(
                    Text(
                        f"图集已取消;{done}/{len(plates)} 幅已完成并保留",
                        f"the atlas was cancelled; {done} of {len(plates)} plates are done and kept",
                    )
                )
            manuscript = first if plate is plates[0] else await prepare(workshop, plate.request, state_directory)
            await workshop.studio.queue.run(partial(_keep, manuscript, plate, shelf))
            done += 1
            told(AtlasProgress("drawing", done, len(plates)))

    with _told_when_unwritable(shelf.folder):
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_AHEAD):
                    group.create_task(work(waiting))
        except ExceptionGroup as failures:
            # Not "except*": what that raises, Python before 3.11.4 wraps in another group.
            raise _first(failures) from None
    return first


def _first(failures: BaseExceptionGroup[Exception]) -> Exception:
    found: BaseException = failures
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, Exception)
    return found


def _keep(manuscript: Manuscript, plate: Plate, shelf: _Parts) -> None:
    (page,) = pages_of(manuscript, "pdf", numbered=False)
    forget_pages(manuscript.fonts)
    listed = sum(table.listed for table in manuscript.content.tables if not table.compact)
    shelf.put(plate, page, _Made(manuscript.content.title, _pages(page), listed))


def _pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)
