"""One rendering for all who ask for the same; the latest pictures are kept, within a limit of bytes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from geo.cartography.drawn_cache import DrawnCache
from geo.errors import RenderError
from layers.text import Text


@dataclass
class Drawn:
    content: bytes

    @property
    def weight_bytes(self) -> int:
        return len(self.content)


class Painter:
    def __init__(self, size: int = 1000) -> None:
        self.drawn = 0
        self.size = size
        self.go = asyncio.Event()
        self.go.set()

    async def __call__(self) -> Drawn:
        self.drawn += 1
        await self.go.wait()
        return Drawn(b"x" * self.size)


async def test_who_asks_for_the_same_shares_one_rendering():
    cache, painter = DrawnCache(0), Painter()
    painter.go.clear()
    asking = [asyncio.create_task(cache.get("a", Drawn, painter)) for _ in range(20)]
    await asyncio.sleep(0)
    asking[0].cancel()  # who goes away does not end it for the others
    painter.go.set()
    drawn = await asyncio.gather(*asking[1:])
    assert painter.drawn == 1
    assert all(each is drawn[0] for each in drawn)
    await cache.get("a", Drawn, painter)
    assert painter.drawn == 2, "a cache of no bytes keeps nothing"


async def test_what_is_kept_is_not_drawn_again_until_room_is_needed():
    cache, painter = DrawnCache(6000), Painter(1000)
    for key in ("a", "b", "c", "a", "d"):
        await cache.get(key, Drawn, painter)
    assert painter.drawn == 4
    assert len(cache) == 3
    await cache.get("a", Drawn, painter)
    assert painter.drawn == 4, "the least used went first"
    await cache.get("b", Drawn, painter)
    assert painter.drawn == 5


async def test_memory_stays_within_the_limit():
    cache = DrawnCache(50_000)
    for number in range(500):
        await cache.get(number, Drawn, Painter(number * 13 % 7000))
    assert cache.bytes <= 50_000
    await cache.get("large", Drawn, Painter(60_000))
    assert cache.bytes <= 50_000


async def test_a_failure_is_told_to_all_and_not_kept():
    cache = DrawnCache(1000)

    async def fail() -> Drawn:
        await asyncio.sleep(0)
        raise RenderError(Text("坏", "bad"))

    told = await asyncio.gather(*(cache.get("a", Drawn, fail) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(each, RenderError) for each in told)
    assert (await cache.get("a", Drawn, Painter())).content
    with pytest.raises(RenderError):
        await cache.get("b", Drawn, fail)
