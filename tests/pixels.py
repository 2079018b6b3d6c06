"""Reading pictures: which pixels have a colour, and where they are."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.int16]


def read(content: bytes) -> Pixels:
    """Height × width × RGB of a PNG or WebP."""
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"), dtype=np.int16)


def read_rgba(content: bytes) -> npt.NDArray[np.uint8]:
    """Height × width × RGBA of a picture."""
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGBA"))


def colour(hexed: str) -> list[int]:
    """``#RRGGBB`` as three numbers."""
    return list(bytes.fromhex(hexed.removeprefix("#")))


def of_colour(pixels: Pixels, colour: str, tolerance: int = 4) -> npt.NDArray[np.bool_]:
    """Where pixels have ``#RRGGBB``, within a tolerance per channel."""
    wanted = np.array(list(bytes.fromhex(colour[1:])), dtype=np.int16)
    return np.asarray(np.abs(pixels - wanted).max(axis=2) <= tolerance)


def near(pixels: Pixels, x: float, y: float, reach: int) -> Pixels:
    """The square around a place, cut at the picture's edge."""
    left, top = max(round(x) - reach, 0), max(round(y) - reach, 0)
    return pixels[top : round(y) + reach + 1, left : round(x) + reach + 1]


def widths_of(strip: np.ndarray, land: str, river: str) -> list[float]:
    """How wide the lines across a strip are, in px: how much of each row is no longer land."""
    ground, water = (np.array(list(bytes.fromhex(each[1:])), dtype=float) for each in (land, river))
    share = ((strip[..., :3] - ground) @ (water - ground) / ((water - ground) @ (water - ground))).mean(axis=1)
    rows = np.flatnonzero(share > 0.04)
    return [float(share[run].sum()) for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)]
