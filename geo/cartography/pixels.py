"""Pixels as arrays: RGBA to PNG and picture files back to RGBA, by the raster library that is here anyway."""

from __future__ import annotations

import struct
import warnings

import numpy as np
import numpy.typing as npt
from isal import isal_zlib
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile

from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["Rgba", "decode", "encode_map", "encode_png"]

Rgba = npt.NDArray[np.uint8]
"""``(height, width, 4)``."""

_MAP_LEVEL = 2


def encode_png(pixels: Rgba, level: int = 6) -> bytes:
    """``pixels`` as PNG; ``level`` 1 is quick, 9 is small."""
    height, width, _ = pixels.shape
    with warnings.catch_warnings(), MemoryFile() as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with file.open(driver="PNG", width=width, height=height, count=4, dtype="uint8", zlevel=level) as dataset:
            dataset.write(np.moveaxis(pixels, 2, 0))
        return bytes(file.read())


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", isal_zlib.crc32(kind + content))


def encode_map(raw: bytes, width: int, height: int) -> bytes:
    """A drawn map (RGBA bytes, row by row, not premultiplied) as PNG.

    Rows are not filtered: a map is flat colour and text, which come out smaller so; and ISA-L deflates in a seventh of
    zlib's time. Encoding took half as long as drawing.
    """
    rows = np.zeros((height, 1 + 4 * width), np.uint8)
    rows[:, 1:] = np.frombuffer(raw, np.uint8).reshape(height, 4 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = isal_zlib.compress(rows.data, _MAP_LEVEL)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def decode(content: bytes) -> Rgba:
    """The pixels of a PNG, JPEG or WebP with one (grey or palette), two, three or four bands.

    Raises:
        FileUnreadable: it is no such picture.
    """
    try:
        with warnings.catch_warnings(), MemoryFile(content) as file, file.open() as dataset:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            bands = dataset.read()
            palette = dataset.colormap(1) if dataset.count == 1 and _has_palette(dataset.colorinterp) else None
    except RasterioError as error:
        raise FileUnreadable(Text("瓦片不是可读的图片", "the tile is no picture that can be read")) from error
    return _as_rgba(bands, palette)


def _has_palette(meanings: tuple[object, ...]) -> bool:
    return bool(meanings) and getattr(meanings[0], "name", "") == "palette"


def _as_rgba(bands: npt.NDArray[np.uint8], palette: dict[int, tuple[int, int, int, int]] | None) -> Rgba:
    if palette is not None:
        table = np.zeros((256, 4), np.uint8)
        for value, colour in palette.items():
            table[value] = colour
        return np.asarray(table[bands[0]])
    count, height, width = bands.shape
    found = np.full((height, width, 4), 255, np.uint8)
    for channel in range(3):
        found[..., channel] = bands[channel if count >= 3 else 0]
    if count in (2, 4):
        found[..., 3] = bands[-1]
    return found
