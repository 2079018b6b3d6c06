"""The shelf: finished exhibits on disk under the state directory, each with its state, for a bounded time."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from geo.errors import FileUnwritable, NotFound
from layers.text import Text

__all__ = ["Shelf"]


class Shelf:
    """``{id}.json`` tells how an order stands, ``{id}.{format}`` is what came of it.

    An id is random and is told to whoever ordered it alone. Readers in other processes see the same shelf.
    """

    def __init__(self, directory: Path, *, keep_s: float = 86_400.0, most: int = 500) -> None:
        self._directory = directory
        self._keep_s = keep_s
        self._most = most

    def put(self, order: UUID, state: Mapping[str, object], content: bytes | None = None) -> None:
        """Write the content first, then the state that names it: a reader never sees one without the other.

        Raises:
            FileUnwritable: the shelf cannot be written; nothing half-written is left.
        """
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            if content is not None:
                self._write(self._directory / f"{order}.{state['format']}", content)
            self._write(self._directory / f"{order}.json", json.dumps(dict(state), ensure_ascii=False).encode())
        except OSError as error:
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

    def state(self, order: UUID) -> dict[str, object]:
        """How an order stands.

        Raises:
            NotFound: no such order, or it has been cleared away.
        """
        try:
            found: dict[str, object] = json.loads((self._directory / f"{order}.json").read_bytes())
        except FileNotFoundError as error:
            raise _unknown(order) from error
        return found

    def content(self, order: UUID, ending: str) -> bytes:
        """What came of an order.

        Raises:
            NotFound: nothing yet, or it has been cleared away.
        """
        try:
            return (self._directory / f"{order}.{ending}").read_bytes()
        except FileNotFoundError as error:
            raise _unknown(order) from error

    def clear(self) -> int:
        """Remove what is older than the time it is kept, and the oldest beyond the most; how many files went."""
        if not self._directory.is_dir():
            return 0
        aged = sorted(((path.stat().st_mtime, path) for path in self._directory.iterdir()), reverse=True)
        oldest = time.time() - self._keep_s
        gone = [path for place, (age, path) in enumerate(aged) if age < oldest or place >= 2 * self._most]
        for path in gone:
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
