"""Fonts of printed maps: Noto Sans CJK SC without the code points that would make a PDF's Chinese text unsearchable.

A PDF writer maps each glyph back to one code point, and the font gives 长 and the radical ⻓ the same glyph: the text
of a page would be found under neither. The copies made here keep one code point per glyph. They are made once, kept
under the state directory, and carry another family's name, as the font's licence (OFL) wants of changed copies.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it carries no types

from geo.cartography.engine import register_font
from geo.cartography.fonts import FONT_BOLD, FONT_FOLDERS, FONT_REGULAR, FontMissing, find_fonts
from geo.errors import FileUnwritable
from layers.text import Text

__all__ = ["BOLD", "FAMILY", "REGULAR", "print_fonts"]

FAMILY = "Onemap Sans SC"
REGULAR = f"{FAMILY} Regular"
BOLD = f"{FAMILY} Bold"

_SIMPLIFIED_IN_COLLECTION = 2
_VERSION = 1
"""Raised when the making of the copies changes."""


@lru_cache(maxsize=8)
def print_fonts(state_directory: Path, folders: tuple[Path, ...] = FONT_FOLDERS) -> Path:
    """The folder with the two faces, made when it is not there (a second or two), and known to Mapnik.

    Raises:
        FontMissing: the machine has no Noto Sans CJK SC.
        FileUnwritable: the copies cannot be written.
    """
    sources = find_fonts(folders)
    told = "|".join(f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in sources.values())
    folder = state_directory / "fonts" / hashlib.sha256(f"{_VERSION}|{told}".encode()).hexdigest()[:16]
    for face, style in ((FONT_REGULAR, "Regular"), (FONT_BOLD, "Bold")):
        path = folder / f"{style}.otf"
        if not path.exists():
            _write_copy(sources[face], style, path)
        if not register_font(path, f"{FAMILY} {style}"):
            raise FontMissing(
                Text(
                    f"字体副本 {path} 已损坏;请删除后重试", f"the font copy {path} is damaged; delete it and try again"
                )
            )
    return folder


def _write_copy(source: Path, style: str, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            number = _SIMPLIFIED_IN_COLLECTION if source.suffix == ".ttc" else -1
            with TTFont(source, fontNumber=number, lazy=True) as font:
                # Numbered names spare reading the outlines (20 s a face): only code points and names are changed.
                font.setGlyphOrder([f"g{glyph}" for glyph in range(font["maxp"].numGlyphs)])
                _one_code_point_per_glyph(font)
                _rename(font, style)
                font.save(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FileUnwritable(
            Text(f"无法写入字体副本 {path}:{error.strerror}", f"{path} cannot be written: {error.strerror}")
        ) from error


def _is_second_rate(code: int) -> bool:
    """Radicals, compatibility ideographs and private use: never what a text was written with when there is another."""
    return (
        0x2E80 <= code <= 0x2FDF or 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F or 0xE000 <= code <= 0xF8FF
    )


def _one_code_point_per_glyph(font: TTFont) -> None:
    best = font["cmap"].getBestCmap()
    proper = {glyph for code, glyph in best.items() if not _is_second_rate(code)}
    for table in font["cmap"].tables:
        if table.format in (4, 12):
            table.cmap = {
                code: glyph for code, glyph in table.cmap.items() if not (_is_second_rate(code) and glyph in proper)
            }


def _rename(font: TTFont, style: str) -> None:
    words = {1: FAMILY, 2: style, 3: f"{FAMILY} {style} {_VERSION}", 4: f"{FAMILY} {style}"}
    words[6] = words[4].replace(" ", "")
    for record in list(font["name"].names):
        if record.nameID in {*words, 16, 17, 21, 22}:
            font["name"].names.remove(record)
    for number, word in words.items():
        font["name"].setName(word, number, 3, 1, 0x409)
