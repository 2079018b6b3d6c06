"""Glyphs: the 24 × 24 line drawings in ``symbols/``, read once and recoloured where they are drawn."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

__all__ = ["GLYPH_EDGE", "glyph_markup", "has_glyph"]

SYMBOLS = Path(__file__).parent / "symbols"

GLYPH_EDGE = 24.0
"""Edge of a glyph's own square, in its own units."""

_SVG = "{http://www.w3.org/2000/svg}"


def has_glyph(name: str) -> bool:
    """Whether there is a drawing of that name."""
    return _inner(name) is not None


def glyph_markup(name: str, colour: str) -> str:
    """The inside of a glyph's SVG in one colour (``#RRGGBB``); Mapnik does not know ``currentColor``.

    Raises:
        KeyError: there is no such drawing.
    """
    inner = _inner(name)
    if inner is None:
        raise KeyError(name)
    return inner.replace("currentColor", colour)


@lru_cache(maxsize=256)
def _inner(name: str) -> str | None:
    path = SYMBOLS / f"{name}.svg"
    if not name.replace("-", "").isalnum() or not path.is_file():
        return None
    root = ElementTree.fromstring(path.read_text("utf-8"))
    parts = [ElementTree.tostring(part, "unicode") for part in root if part.tag != f"{_SVG}title"]
    return "".join(parts).replace('xmlns:ns0="http://www.w3.org/2000/svg"', "").replace("ns0:", "")
