"""What slides are laid out with: lengths, colours, what is left of a column, how high a text will be."""

# mypy: disable-error-code="no-untyped-call"
# python-pptx has no types for colours.

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from pptx.dml.color import RGBColor
from pptx.text.text import TextFrame
from pptx.util import Emu

__all__ = ["MM_PER_PT", "Room", "bare", "colour_of", "em", "mm", "text_height"]

MM_PER_PT = 0.3528


@dataclass
class Room:
    """What is left of a column: its left edge, where it goes on, its width, where it ends; millimetres."""

    x: float
    y: float
    w: float
    end: float

    @property
    def left(self) -> float:
        """The height that is left, mm."""
        return self.end - self.y


def colour_of(code: str) -> RGBColor:
    """``#RRGGBB``, with or without its sign."""
    number = int(code.lstrip("#"), 16)
    return RGBColor(number >> 16, number >> 8 & 255, number & 255)


def mm(length: float) -> Emu:
    """Millimetres."""
    return Emu(round(length * 36_000))


def bare(frame: TextFrame) -> None:
    """No margins, and lines that wrap."""
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)


def em(text: str) -> float:
    """How wide a text is, in the widths of a Chinese character."""
    return sum(1.0 if unicodedata.east_asian_width(each) in "WF" else 0.56 for each in text)


def text_height(paragraphs: list[str], points: float, width_mm: float) -> float:
    """Millimetres that paragraphs take in a box, estimated from the widths of their characters."""
    size = points * MM_PER_PT
    lines = sum(-(-em(text) * size * 1.03 // width_mm) for text in paragraphs)
    return lines * size * 1.22 + len(paragraphs) * 4 * MM_PER_PT
