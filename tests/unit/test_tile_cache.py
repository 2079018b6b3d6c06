"""Tiles in memory: one reading for all who wait, the newest version only, never more than the limit."""

from __future__ import annotations

import asyncio

import pytest

from geo.cartography.tile_cache import TileCache
from geo.cartography.tiles import Tile
from geo.revisions import Revisions

pytestmark = pytest.mark.anyio


class Source:
    """Gives tiles when told to, and counts how often it was read."""

    def __init__(self, size: int = 1000) -> None:
        self.reads = 0
        self.size = size
        self.open = asyncio.Event()
        self.open.set()

    async def read(self) -> Tile:
        self.reads += 1
        await self.open.wait()
        return Tile(bytes(self.size), {}, {})


async def test_a_tile_is_read_once_per_version() -> None:
    cache, source = TileCache(10_000), Source()
    for version in ("1", "1", "2", "2"):
        await cache.get("a", version, source.read)
    assert source.reads == 2
    assert len(cache) == 1, "the newer version takes the place of the older"
    assert cache.find("a", "1") is None


async def test_all_who_wait_for_a_tile_share_one_reading_and_one_who_leaves_ends_it_for_nobody() -> None:
    cache, source = TileCache(10_000), Source()
    source.open.clear()
    waiting = [asyncio.create_task(cache.get("a", "1", source.read)) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    source.open.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert all(isinstance(each, Tile) for each in found[1:])
    assert (source.reads, cache.figures.shared) == (1, 4)


async def test_one_who_comes_after_an_edit_does_not_share_the_reading_from_before_it() -> None:
    cache, source = TileCache(10_000), Source()
    source.open.clear()
    before = asyncio.create_task(cache.get("a", "1", source.read))
    after = asyncio.create_task(cache.get("a", "2", source.read))
    await asyncio.sleep(0)
    source.open.set()
    await asyncio.gather(before, after)
    assert source.reads == 2


async def test_a_failed_reading_is_told_to_all_and_not_kept() -> None:
    cache, source = TileCache(10_000), Source()

    async def fail() -> Tile:
        await asyncio.sleep(0)
        raise OSError("gone")

    found = await asyncio.gather(*(cache.get("a", "1", fail) for _ in range(3)), return_exceptions=True)
    assert [str(each) for each in found] == ["gone"] * 3
    assert len((await cache.get("a", "1", source.read)).mvt) == 1000


async def test_the_limit_holds_and_the_least_used_goes_first() -> None:
    cache, source = TileCache(5_000), Source()
    for key in "abc":
        await cache.get(key, "1", source.read)
    await cache.get("a", "1", source.read)
    await cache.get("d", "1", source.read)
    assert cache.bytes <= 5_000
    assert [key for key in "abcd" if cache.find(key, "1")] == ["a", "c", "d"]
    assert cache.figures.evicted == 1


async def test_edits_do_not_make_it_grow() -> None:
    cache, source = TileCache(1_000_000), Source()
    for version in range(1000):
        await cache.get("a", str(version), source.read)
    assert len(cache) == 1
    assert cache.bytes < 2_000


@pytest.mark.parametrize("limit", [0, 100])
async def test_what_is_larger_than_the_limit_is_served_and_not_kept(limit: int) -> None:
    cache, source = TileCache(limit), Source()
    assert len((await cache.get("a", "1", source.read)).mvt) == 1000
    assert (len(cache), cache.bytes) == (0, 0)


class Asked:
    """Stands for the database where only the count of questions matters."""

    def __init__(self, revisions: dict[str, int]) -> None:
        self.questions = 0
        self.revisions = revisions

    async def fetch(self, statement: object) -> list[dict[str, object]]:
        self.questions += 1
        return [{"layer": layer, "revision": revision} for layer, revision in self.revisions.items()]


async def test_revisions_are_heard_and_asked_for_once_a_second_at_most() -> None:
    heard = {"shelters": 3}
    asked = Asked({"shelters": 3})
    revisions = Revisions(asked, lambda: heard)  # type: ignore[arg-type] # only fetch is used
    for _ in range(50):
        assert await revisions.of(["shelters", "helipads"]) == {"shelters": 3, "helipads": 0}
    heard["shelters"] = 4
    assert await revisions.of(["shelters"]) == {"shelters": 4}
    assert asked.questions == 1


async def test_while_nobody_listens_every_call_asks() -> None:
    asked = Asked({"shelters": 3})
    revisions = Revisions(asked, lambda: None)  # type: ignore[arg-type] # only fetch is used
    for revision in (3, 4, 5):
        asked.revisions["shelters"] = revision
        assert await revisions.of(["shelters"]) == {"shelters": revision}
        assert revisions.known() is None


async def test_a_listener_that_died_without_a_word_misleads_for_a_second_at_most(monkeypatch) -> None:
    asked = Asked({"shelters": 3})
    revisions = Revisions(asked, lambda: {"shelters": 3})  # type: ignore[arg-type] # only fetch is used
    await revisions.of(["shelters"])
    asked.revisions["shelters"] = 9
    monkeypatch.setattr("geo.revisions._BELIEVED_S", -1.0)
    assert await revisions.of(["shelters"]) == {"shelters": 9}
