"""The recipe in every format: put into a picture or a drawing, and read back from whatever file carries one."""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from html import escape, unescape

from geo.errors import FileUnreadable
from geo.exhibits.formats.archive import read_properties
from geo.exhibits.pdf import read_recipe
from layers.text import Text

__all__ = ["ELEMENT_ID", "json_text", "png_with_recipe", "read_recipe_of", "svg_with_recipe"]

ELEMENT_ID = "onemap-recipe"
_PNG = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"OnemapRecipe"
_INCH_MM = 25.4
_CARRIER = re.compile(rf'<(script|metadata)\b[^>]*\bid="{ELEMENT_ID}"[^>]*>(.*?)</\1>', re.DOTALL)
_RECIPE_MOST_CHARACTERS = 1_000_000


def json_text(recipe: Mapping[str, object]) -> str:
    """A recipe in one line, the same for the same recipe; no ``<``, so that it can stand in HTML."""
    text = json.dumps(recipe, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def png_with_recipe(picture: bytes, recipe: Mapping[str, object], title: str, dpi: float) -> bytes:
    """A PNG with title, software, recipe and its resolution, so that it is printed at the size of the page."""
    per_metre = round(dpi / _INCH_MM * 1000)
    chunks = [_chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))]
    for keyword, text in (
        (b"Title", title),
        (b"Software", str(recipe["software"])),
        (_KEYWORD, json_text(recipe)),
    ):
        chunks.append(_chunk(b"iTXt", keyword + b"\0\0\0\0\0" + text.encode()))
    head_end = len(_PNG) + 25
    rest = b"".join(raw for kind, raw in _chunks(picture, head_end) if kind != b"pHYs")
    return picture[:head_end] + b"".join(chunks) + rest


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _chunks(picture: bytes, start: int) -> Iterator[tuple[bytes, bytes]]:
    """The chunks from ``start``: the kind, and the whole chunk."""
    at = start
    while at + 12 <= len(picture):
        (length,) = struct.unpack_from(">I", picture, at)
        yield picture[at + 4 : at + 8], picture[at : at + 12 + length]
        at += 12 + length


def svg_with_recipe(drawing: bytes, recipe: Mapping[str, object], title: str) -> bytes:
    """An SVG with its title and recipe as its first elements."""
    text = drawing.decode()
    end = text.index(">", text.index("<svg")) + 1
    carried = f'<title>{escape(title)}</title><metadata id="{ELEMENT_ID}">{escape(json_text(recipe))}</metadata>'
    return (text[:end] + carried + text[end:]).encode()


def _from_png(picture: bytes) -> str | None:
    for kind, raw in _chunks(picture, len(_PNG)):
        if kind == b"iTXt" and raw[8:].startswith(_KEYWORD + b"\0\0\0\0\0"):
            return raw[8 + len(_KEYWORD) + 5 : -4].decode(errors="replace")
    return None


def _from_markup(content: bytes) -> str | None:
    found = _CARRIER.search(content.decode(errors="replace"))
    if found is None:
        return None
    return unescape(found[2]) if found[1] == "metadata" else found[2]


def read_recipe_of(content: bytes) -> dict[str, object]:
    """The recipe of an exhibit of any format.

    Raises:
        FileUnreadable: no exhibit of ours, or its recipe was lost on the way (a picture that was saved anew).
    """
    if content.startswith(b"%PDF"):
        return read_recipe(content)
    if content.startswith(_PNG):
        text = _from_png(content)
    elif content.startswith(b"PK"):
        text = read_properties(content)
    else:
        text = _from_markup(content)
    try:
        recipe = json.loads(text) if text is not None and len(text) <= _RECIPE_MOST_CHARACTERS else None
    except ValueError:
        recipe = None
    if not isinstance(recipe, dict):
        raise FileUnreadable(
            Text(
                "这个文件里没有制图参数;请给出 onemap exhibit 生成的 PDF、PNG、SVG、DOCX、PPTX、XLSX 或 HTML 原件",
                "this file carries no recipe: give a PDF, PNG, SVG, DOCX, PPTX, XLSX or HTML as onemap exhibit made it",
            )
        )
    return recipe
