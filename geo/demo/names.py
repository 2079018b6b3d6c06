"""Plausible names of places, and people and telephones that are plainly invented."""

from __future__ import annotations

import numpy as np

__all__ = ["NameBook", "invented_people", "invented_phones"]

_FIRST = (
    "石大小龙黄白长上下中新古高横沙罗水双三马牛竹松杉梅桃李樟枫坪塘坑寨岭前后东西南北金银铜铁青红清银凤鹤"
    "鹿麻油茶禾田莲荷蓝赖谢钟廖曾温刘陈叶丰富安福兴永太仁义和礼信明文武桂柏梓榕葛芦蕉柿枣杨柳湖"
)
_SECOND = "坑陂田坪江溪塘背岭排段屋村前头口湾坝寨石龙垇嶂坊洲沙埠圩泉潭源冲垅洞峰岗山林桥渡井径"
_SURNAMES = "赖钟刘曾谢廖温李陈黄叶邱罗郭肖杨王张何胡"


class NameBook:
    """Gives two-character place names, each once, in an order that the random numbers decide."""

    def __init__(self, rng: np.random.Generator) -> None:
        first, second = dict.fromkeys(_FIRST), dict.fromkeys(_SECOND)
        names = [a + b for a in first for b in second if a != b]
        self._names = [names[i] for i in rng.permutation(len(names))]
        self._next = 0

    def take(self, count: int) -> list[str]:
        """The next ``count`` names; after the last name the book starts again."""
        taken = [self._names[(self._next + i) % len(self._names)] for i in range(count)]
        self._next += count
        return taken


def invented_people(rng: np.random.Generator, count: int) -> list[str]:
    """Names of responsible persons that name nobody: 钟某(演示)."""
    return [f"{_SURNAMES[i]}某(演示)" for i in rng.integers(0, len(_SURNAMES), count)]


def invented_phones(rng: np.random.Generator, count: int) -> list[str]:
    """Telephones of the form 1380000xxxx."""
    return [f"1380000{number:04d}" for number in rng.integers(0, 10_000, count)]
