"""Icons: every mark and hatch of a symbology as files that Mapnik can read, named by their content."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping
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


class IconFolder:
    """A private temporary folder of SVG files. Mapnik caches by path, so a path never gets a second content."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._lock = Lock()
        self._written: set[Path] = set()

    def folder(self, drawings: Mapping[str, Svg]) -> Path:
        """The folder that holds each drawing as ``{name}.svg``; the same drawings have the same folder."""
        digest = hashlib.sha256()
        for name, svg in sorted(drawings.items()):
            digest.update(f"{name}\0{svg.text}\0".encode())
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="onemap-icons-"))
                # Gone with this object, or at the interpreter's end, whichever comes first.
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            folder = self._folder / digest.hexdigest()[:20]
            if folder not in self._written:
                folder.mkdir()
                for name, svg in drawings.items():
                    (folder / f"{name}.svg").write_text(svg.text, "utf-8")
                self._written.add(folder)
            return folder
