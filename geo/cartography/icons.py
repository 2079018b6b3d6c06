"""Icons: every mark and hatch of a symbology as files that Mapnik can read, named by their content."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from geo.cartography.drawing import HATCHED, Svg, draw_dot, draw_hatch, draw_mark
from geo.cartography.symbology import LayerSymbology
from geo.cartography.theme import Theme

__all__ = ["OBSTACLE_ICON", "QUESTION_ICON", "IconFolder", "drawings_of", "hatch_icon"]

QUESTION_ICON = "question"
"""The asked point of a query."""


OBSTACLE_ICON = "obstacle"
"""An invisible square of one pixel that keeps names off the furniture of a picture; not in the sprite."""


def hatch_icon(grade: str) -> str:
    """The name of a grade's hatch."""
    return f"hatch-{grade}"


def drawings_of(symbologies: Iterable[LayerSymbology], theme: Theme) -> dict[str, Svg]:
    """Every icon of a theme by name, in stable order: marks, then hatches, then the asked point."""
    marks = {
        mark.icon: draw_mark(mark) for each in symbologies if each.has_marks or each.is_water for mark in each.marks
    }
    hatches = {hatch_icon(grade): draw_hatch(grade, theme) for grade in HATCHED}
    return {**dict(sorted(marks.items())), **hatches, QUESTION_ICON: draw_dot(theme)}


def _own_folder() -> Path:
    """This user's folder of icons among the temporary files, or a new private one where that name is taken.

    One for all processes and all time: a process that is killed leaves nothing behind that the next does not use.
    """
    folder = Path(tempfile.gettempdir()) / f"onemap-icons-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022:
        return folder
    return Path(tempfile.mkdtemp(prefix="onemap-icons-"))


class IconFolder:
    """Folders of SVG files, named by what is in them. Mapnik caches by path: a path never gets a second content."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._lock = Lock()

    def folder(self, drawings: Mapping[str, Svg]) -> Path:
        """The folder that holds each drawing as ``{name}.svg``; the same drawings have the same folder."""
        digest = hashlib.sha256()
        for name, svg in sorted(drawings.items()):
            digest.update(f"{name}\0{svg.text}\0".encode())
        with self._lock:
            if self._folder is None:
                self._folder = _own_folder()
            folder = self._folder / digest.hexdigest()[:20]
            if not folder.is_dir():
                _write_whole(folder, drawings)
            return folder


def _write_whole(folder: Path, drawings: Mapping[str, Svg]) -> None:
    """Make the folder with all its files at once, whoever else is making it now."""
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, svg in drawings.items():
            (part / f"{name}.svg").write_text(svg.text, "utf-8")
        with suppress(OSError):  # made by another process meanwhile: the name says that it holds the same
            part.rename(folder)
        if not folder.is_dir():
            raise FileNotFoundError(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
