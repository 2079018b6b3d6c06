"""Pixels as arrays, and as PNG."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt
from isal import isal_zlib

__all__ = ["Rgba", "encode_png"]

Rgba = npt.NDArray[np.uint8]
"""``(height, width, 4)``, not premultiplied."""

_LEVEL = 2


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", isal_zlib.crc32(kind + content))


def encode_png(raw: bytes | Rgba, width: int, height: int) -> bytes:
    """A drawn map (RGBA, row by row, not premultiplied) as PNG.

    Rows are not filtered: a map is flat colour and text, which come out smaller so; and ISA-L deflates in a seventh of
    zlib's time. Encoding took half as long as drawing.
    """
    rows = np.zeros((height, 1 + 4 * width), np.uint8)
    pixels = np.frombuffer(raw, np.uint8) if isinstance(raw, bytes) else raw
    rows[:, 1:] = pixels.reshape(height, 4 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = isal_zlib.compress(rows.data, _LEVEL)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
