"""Typst as every page uses it: our fonts and no others, and what it remembers of pages forgotten."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import typst

__all__ = ["forget_pages", "typst_fonts"]

_COMPILES_REMEMBERED = 10
"""For how many compiles more Typst (0.15) keeps what it worked out in one: 50 MB of a page with its map, measured."""


@lru_cache(maxsize=4)
def typst_fonts(folder: Path) -> typst.Fonts:
    """The fonts in a folder and no others: another machine must set the same page."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


def forget_pages(fonts: Path) -> None:
    """Make Typst drop what it remembers of finished pages: no other is like them, and ten of them are half a gigabyte.

    It has no word for that. But it forgets by counting compiles, and one of nothing takes a tenth of a millisecond.
    """
    with tempfile.TemporaryDirectory(prefix="onemap-nothing-") as folder:
        nothing = Path(folder) / "nothing.typ"
        nothing.write_text("", "utf-8")
        compiler = typst.Compiler(str(nothing), root=folder, font_paths=typst_fonts(fonts))
        for _ in range(_COMPILES_REMEMBERED + 1):
            compiler.compile(format="pdf")
