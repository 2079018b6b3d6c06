"""Halos: text that was drawn apart, laid over a picture with a rim around its letters, a whole picture at a time.

Mapnik's own halo blends every pixel of every letter into each pixel around it, one call each: half of what a picture
of many names took. What comes out is the same to three parts in 255: the rim covers a pixel by as much as the letters
in the window around it together do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.cartography.pixels import Rgba

__all__ = ["Halo", "lay_over"]

_Words = npt.NDArray[np.uint32]
_Shares = npt.NDArray[np.float32]

_STRIPE_ROWS = 64
"""Rows at a time: what is being worked on stays in the processor's cache."""

_UNTOUCHED = np.float32(1 - 0.5 / 255)
_LANES = np.uint32(0x00FF00FF)
_HALF, _ONE = np.uint32(0x007F007F), np.uint32(0x00010001)
_BYTE = np.uint32(8)
_ALPHA = np.uint32(24)


@dataclass(frozen=True, slots=True)
class Halo:
    """A rim of ``color`` (``#RRGGBB``) around letters. It reaches over ``radius_px`` whole pixels, at the least 0."""

    color: str
    radius_px: float


def lay_over(base: Rgba, text: Rgba, halo: Halo | None, scale: float = 1.0) -> None:
    """Blend ``text`` into ``base`` (both not premultiplied, of one size, C-contiguous), above its halo if it has one.

    ``base`` is changed in place. Text that touches other text never loses a part to the other's rim.
    """
    reach = int(halo.radius_px * scale) if halo else 0
    rim = int.from_bytes(bytes.fromhex(halo.color[1:]), "little") if halo else 0
    below, above = _words(base), _words(text)
    height = below.shape[0]
    for top in range(0, height, _STRIPE_ROWS):
        bottom = min(top + _STRIPE_ROWS, height)
        first, last = max(top - reach, 0), min(bottom + reach, height)
        left = _left_by_letters(above[first:last], reach)[top - first : bottom - first].ravel()
        places = np.flatnonzero(left < _UNTOUCHED)
        if places.size:
            stripe = below[top:bottom].reshape(-1)
            beside = np.rint(left[places] * 255).astype(np.uint32) if halo else np.uint32(255)
            stripe[places] = _blended(stripe[places], above[top:bottom].reshape(-1)[places], beside, rim)


def _words(pixels: Rgba) -> _Words:
    """The pixels as numbers, red in the lowest byte."""
    return pixels.view("<u4")[:, :, 0]


def _left_by_letters(text: _Words, reach: int) -> _Shares:
    """What the letters in the window around each pixel together leave of it, 0 to 1."""
    left = (text >> _ALPHA).astype(np.float32)
    left *= np.float32(-1 / 255)
    left += np.float32(1)
    return _across(_product(left, reach), reach)


def _product(left: _Shares, reach: int) -> _Shares:
    """Of what is at most ``reach`` steps away along the first axis."""
    found = left.copy()
    for step in range(1, reach + 1):
        found[:-step] *= left[step:]
        found[step:] *= left[:-step]
    return found


def _across(left: _Shares, reach: int) -> _Shares:
    """The same along each row: all rows as one, which is fast, then their ends, which do not reach around the edge."""
    found = _product(left.reshape(-1), reach).reshape(left.shape)
    if reach:
        found[:, :reach] = _product(left[:, : 2 * reach].T, reach).T[:, :reach]
        found[:, -reach:] = _product(left[:, -2 * reach :].T, reach).T[:, -reach:]
    return found


def _blended(below: _Words, letters: _Words, left: _Words | np.uint32, rim: int) -> _Words:
    """Base, rim and letters by their weights, of 255 in all, when the rim leaves so much of the base.

    Two channels at a time: each lane of a word holds 16 bits.
    """
    of_letters = letters >> _ALPHA
    of_base = (left * (255 - of_letters) + 127) // 255
    alpha = below >> _ALPHA
    if alpha.min() == 255:
        whole = np.full_like(alpha, 255)
    else:
        # A base that is transparent itself weighs less, and what is drawn is no more than the three together.
        of_rim = 255 - of_base - of_letters
        of_base = (of_base * alpha + 127) // 255
        whole = np.maximum(of_base + of_rim + of_letters, 1)
        of_letters = (of_letters * 255 + whole // 2) // whole
        of_base = np.minimum((of_base * 255 + whole // 2) // whole, 255 - of_letters)
    of_rim = 255 - of_base - of_letters
    red_blue = _mixed(below, letters, np.uint32(rim), of_base, of_rim, of_letters)
    green = _mixed(below >> _BYTE, letters >> _BYTE, np.uint32(rim >> 8), of_base, of_rim, of_letters)
    blended: _Words = red_blue | ((green & np.uint32(0xFF)) << _BYTE) | (whole << _ALPHA)
    return blended


def _mixed(
    below: _Words, letters: _Words, rim: np.uint32, of_base: _Words, of_rim: _Words, of_letters: _Words
) -> _Words:
    mixed = (below & _LANES) * of_base
    mixed += (letters & _LANES) * of_letters
    mixed += (rim & _LANES) * of_rim
    # Division by 255, to the nearest.
    mixed += _HALF
    mixed += _ONE + ((mixed >> _BYTE) & _LANES)
    return (mixed >> _BYTE) & _LANES
