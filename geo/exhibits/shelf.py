"""The shelf: ordered exhibits on disk under the state directory, each with its state, for a bounded time."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from geo.errors import FileUnwritable, NotFound
from layers.text import Text

__all__ = ["Shelf"]

_OPEN = ("waiting", "running")


class Shelf:
    """``{id}.json`` tells how an order stands, ``{id}.{format}`` is what came of it, ``{id}-2.{format}`` its next page.

    An id is random and is told to whoever ordered it alone. Readers in other processes see the same shelf: the service
    and the worker that draws atlases. ``{id}.cancel`` is the word of whoever ordered it, ``{id}.parts`` an atlas's
    finished plates.
    """

    def __init__(self, directory: Path, *, keep_s: float = 86_400.0, most: int = 500, lost_s: float = 900.0) -> None:
        self._directory = directory
        self._keep_s = keep_s
        self._most = most
        self._lost_s = lost_s

    def put(self, order: UUID, state: Mapping[str, object], pages: Sequence[bytes] = ()) -> None:
        """Write the pages first, then the state that names them: a reader never sees one without the other.

        Raises:
            FileUnwritable: the shelf cannot be written; nothing half-written is left.
        """
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            for number, content in enumerate(pages, start=1):
                self._write(self.path(order, str(state["format"]), number), content)
            self._write(self._directory / f"{order}.json", json.dumps(dict(state), ensure_ascii=False).encode())
        except OSError as error:
            for number in range(1, len(pages) + 1):
                with contextlib.suppress(OSError):
                    self.path(order, str(state["format"]), number).unlink()
            raise FileUnwritable(
                Text(f"无法保存专题图:{error.strerror}", f"the exhibit cannot be kept: {error.strerror}")
            ) from error

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def path(self, order: UUID, ending: str, page: int = 1) -> Path:
        """Where a page of an order stands."""
        return self._directory / (f"{order}.{ending}" if page == 1 else f"{order}-{page}.{ending}")

    def state(self, order: UUID) -> dict[str, object]:
        """How an order stands; one that has been under way for too long was lost with the service that drew it.

        Raises:
            NotFound: no such order, or it has been cleared away.
        """
        path = self._directory / f"{order}.json"
        try:
            found: dict[str, object] = json.loads(path.read_bytes())
            age_s = time.time() - path.stat().st_mtime
        except FileNotFoundError as error:
            raise _unknown(order) from error
        if found["state"] == "running" and "atlas" not in found and age_s > self._lost_s:
            lost = {"code": "lost", "detail": "制图中断,请重新制作 / it was broken off: order it again"}
            return {**found, "state": "failed", "error": lost}
        return found

    def content(self, order: UUID, ending: str, page: int = 1) -> Path:
        """The file of a page.

        Raises:
            NotFound: no such page, nothing yet, or it has been cleared away.
        """
        path = self.path(order, ending, page)
        if not path.is_file():
            raise _unknown(order)
        return path

    # -- atlases, which a worker draws

    def parts(self, order: UUID) -> Path:
        """The folder of an atlas's finished plates."""
        return self._directory / f"{order}.parts"

    def open_atlases(self) -> Iterator[UUID]:
        """The atlases that wait for a worker or that one was drawing."""
        for path in sorted(self._directory.glob("*.json")) if self._directory.is_dir() else []:
            try:
                found = json.loads(path.read_bytes())
            except (OSError, ValueError):  # cleared away at this moment
                continue
            if "atlas" in found and found["state"] in _OPEN:
                yield UUID(path.stem)

    def cancel(self, order: UUID) -> None:
        """Ask for an open order to be given up."""
        (self._directory / f"{order}.cancel").touch()

    def is_cancelled(self, order: UUID) -> bool:
        """Whether that was asked."""
        return (self._directory / f"{order}.cancel").exists()

    def clear(self) -> int:
        """Remove what is older than the time it is kept, and the oldest beyond the most; how many files went."""
        if not self._directory.is_dir():
            return 0
        aged = sorted(((path.stat().st_mtime, path) for path in self._directory.iterdir()), reverse=True)
        oldest = time.time() - self._keep_s
        gone = [path for place, (age, path) in enumerate(aged) if age < oldest or place >= 2 * self._most]
        for path in gone:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(gone)


def _unknown(order: UUID) -> NotFound:
    return NotFound(
        Text(
            f"没有专题图 {order}(只保留一天);请重新制作",
            f"there is no exhibit {order} (kept for a day); order it again",
        ),
        field="exhibit",
    )
