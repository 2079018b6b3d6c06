"""Which encoding a text is in: told by its bytes, by strict decoding and by how common its characters are."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from functools import lru_cache

__all__ = ["SAMPLE_BYTES", "canonical_encoding", "detect_encoding"]

SAMPLE_BYTES = 1 << 20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEAST_COMMON = 0.85
"""Share of common characters below which no legacy encoding is believed."""
_HANGUL_ONLY = 0.995
_ENOUGH_HANGUL = 24
"""Every Hangul syllable of EUC-KR is also a common character of GB 2312, of which they are some 60%: that many
characters, all of them Hangul, are Korean; by chance among Chinese ones they come once in 200,000 texts."""


def _characters(encoding: str, leads: range, trails: tuple[range, ...]) -> frozenset[str]:
    """The characters of a block of a double-byte encoding."""
    found = set()
    for lead in leads:
        for trail in (byte for block in trails for byte in block):
            try:
                found.add(bytes((lead, trail)).decode(encoding))
            except UnicodeDecodeError:
                continue
    return frozenset(found)


@lru_cache(maxsize=1)
def _common() -> dict[str, frozenset[str]]:
    """What each legacy encoding's own standard counts as common: level-1 characters, kana, Hangul, punctuation."""
    high, low = range(0xA1, 0xFF), range(0x40, 0x7F)
    sjis = (range(0x40, 0x7F), range(0x80, 0xFD))
    blocks = {
        "gb18030": ("gb2312", (high,), (range(0xA1, 0xA4), range(0xB0, 0xD8))),
        "big5": ("cp950", (low, high), (range(0xA1, 0xA3), range(0xA4, 0xC7))),
        "cp932": ("cp932", sjis, (range(0x81, 0x84), range(0x88, 0x99))),
        "cp949": ("euc_kr", (high,), (range(0xB0, 0xC9),)),
    }
    return {
        name: frozenset[str]().union(*(_characters(standard, leads, trails) for leads in lead_blocks))
        for name, (standard, trails, lead_blocks) in blocks.items()
    }


def _decoded(sample: bytes, encoding: str, whole: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample, final=whole)
    except UnicodeDecodeError:
        return None


def _without_bom(sample: bytes) -> str | None:
    """UTF-16 written without a byte-order mark: ASCII digits and commas put NULs at every second place."""
    head = sample[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) / 8 and odd > 4 * even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) / 8 and even > 4 * odd else None


def _commonness(text: str, common: frozenset[str]) -> float:
    foreign = [char for char in text if ord(char) > 0x7F]
    return sum(char in common for char in foreign) / len(foreign) if foreign else 1.0


def detect_encoding(sample: bytes, whole: bool, is_utf8: Callable[[], bool] | None = None) -> str | None:
    """The encoding of a text that begins with ``sample`` (all of it when ``whole``), or None when none fits.

    ``is_utf8`` may look at the rest of the file: a file whose first megabyte is ASCII can turn into GBK later.
    Of the legacy encodings the one is taken in whose common characters most of the text lies.
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    if (bare := _without_bom(sample)) and _decoded(sample, bare, whole) is not None:
        return bare
    if _decoded(sample, "utf-8", whole) is not None and (is_utf8 is None or is_utf8()):
        return "utf-8"
    texts = {name: _decoded(sample, name, whole) for name in _common()}
    scores = {name: _commonness(text, _common()[name]) for name, text in texts.items() if text is not None}
    if _is_korean(texts["cp949"], scores.get("cp949", 0.0)):
        return "cp949"
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] >= _LEAST_COMMON else None


def _is_korean(text: str | None, hangul: float) -> bool:
    return text is not None and hangul >= _HANGUL_ONLY and sum(ord(char) > 0x7F for char in text) >= _ENOUGH_HANGUL


def canonical_encoding(name: str) -> str | None:
    """Python's name of an encoding that a user wrote, GBK and GB2312 widened to GB18030; None when it is unknown."""
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, UnicodeError):
        return None
    return "gb18030" if found in ("gbk", "gb2312") else found
