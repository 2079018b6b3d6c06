"""Reading a PDF page back with poppler: its words with their boxes, and whether they overlap or leave the page."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from xml.etree import ElementTree

__all__ = ["Word", "outside", "overlapping", "text_of", "words_of"]

_XHTML = "{http://www.w3.org/1999/xhtml}"


@dataclass(frozen=True)
class Word:
    """A word's box in points from the top left of a page of ``width`` × ``height``."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float
    width: float
    height: float

    def core(self) -> tuple[float, float, float, float]:
        """The inked middle: boxes of CJK lines touch by design, and a turned label's box is as high as it is long."""
        wide, high = self.right - self.left, self.bottom - self.top
        across, down = min(0.25 * wide, 2.0), 0.3 * high if wide >= 0.35 * high else min(0.25 * high, 2.0)
        return self.left + across, self.top + down, self.right - across, self.bottom - down


def text_of(pdf: bytes) -> str:
    """All text, in the order in which it is drawn."""
    return subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def words_of(pdf: bytes) -> list[Word]:
    """The words of all pages."""
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    found = []
    for number, page in enumerate(ElementTree.fromstring(done.stdout).iter(f"{_XHTML}page"), start=1):
        size = float(page.attrib["width"]), float(page.attrib["height"])
        for word in page.iter(f"{_XHTML}word"):
            box = [float(word.attrib[name]) for name in ("xMin", "yMin", "xMax", "yMax")]
            found.append(Word(word.text or "", number, *box, *size))
    return found


def outside(pdf: bytes) -> list[str]:
    """Words that leave the page."""
    return [
        word.text
        for word in words_of(pdf)
        if min(word.left, word.top) < 0 or word.right > word.width or word.bottom > word.height
    ]


def overlapping(pdf: bytes) -> list[tuple[str, str]]:
    """Pairs of words whose inked middles lie upon each other."""
    words = sorted(words_of(pdf), key=lambda word: (word.page, word.left))
    found, active = [], []
    for word in words:
        left, top, _, bottom = word.core()
        active = [other for other in active if other.page == word.page and other.core()[2] > left]
        found += [(other.text, word.text) for other in active if other.core()[1] < bottom and top < other.core()[3]]
        active.append(word)
    return found
