"""Tiles in memory: the newest version of each, least used out first, and one reading for all who wait for the same."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import partial

from geo.cartography.tiles import Tile

__all__ = ["CacheFigures", "TileCache"]

_OVERHEAD_BYTES = 600
"""What an entry weighs beside its tile: key, version, dictionary."""


@dataclass(slots=True)
class CacheFigures:
    """What has happened since the start."""

    hits: int = 0
    misses: int = 0
    shared: int = 0
    """Requests that waited for a reading that another had begun."""
    evicted: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    """Tiles by layer that show counts instead of features."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Tiles by layer that left features out."""


class TileCache:
    """Holds at most ``limit_bytes``; 0 keeps nothing, and readings are still shared.

    An entry is found under ``key`` and holds one version: a newer one takes its place, so edits never make it grow.
    ``observe`` is told the seconds that each reading took.
    """

    def __init__(self, limit_bytes: int, observe: Callable[[float], None] = lambda seconds: None) -> None:
        self._limit_bytes = limit_bytes
        self._observe = observe
        self._kept: OrderedDict[Hashable, tuple[str, Tile]] = OrderedDict()
        self._flights: dict[tuple[Hashable, str], asyncio.Task[Tile]] = {}
        self.bytes = 0
        self.figures = CacheFigures()

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, key: Hashable, version: str) -> Tile | None:
        """The tile of this version, if it is here."""
        kept = self._kept.get(key)
        if kept is None or kept[0] != version:
            return None
        self._kept.move_to_end(key)
        self.figures.hits += 1
        return kept[1]

    async def get(self, key: Hashable, version: str, read: Callable[[], Awaitable[Tile]]) -> Tile:
        """The tile of this version: from memory, from the reading under way, or by ``read``.

        A caller that goes away does not end the reading for the others. What ``read`` raises, every waiter gets.
        """
        found = self.find(key, version)
        if found is not None:
            return found
        flight = self._flights.get((key, version))
        if flight is None:
            self.figures.misses += 1
            flight = asyncio.create_task(self._read(key, version, read))
            self._flights[key, version] = flight
            flight.add_done_callback(partial(self._landed, (key, version)))
        else:
            self.figures.shared += 1
        return await asyncio.shield(flight)

    def _landed(self, flight: tuple[Hashable, str], task: asyncio.Task[Tile]) -> None:
        self._flights.pop(flight, None)
        if not task.cancelled():
            task.exception()  # told to those who waited; without any, it is no news

    async def _read(self, key: Hashable, version: str, read: Callable[[], Awaitable[Tile]]) -> Tile:
        started = time.perf_counter()
        tile = await read()
        self._observe(time.perf_counter() - started)
        for name in tile.counted:
            self.figures.counted[name] = self.figures.counted.get(name, 0) + 1
        for name in tile.left_out:
            self.figures.left_out[name] = self.figures.left_out.get(name, 0) + 1
        self._keep(key, version, tile)
        return tile

    def _keep(self, key: Hashable, version: str, tile: Tile) -> None:
        weight = len(tile.mvt) + _OVERHEAD_BYTES
        if weight > self._limit_bytes:
            return
        replaced = self._kept.pop(key, None)
        if replaced is not None:
            self.bytes -= len(replaced[1].mvt) + _OVERHEAD_BYTES
        self._kept[key] = (version, tile)
        self.bytes += weight
        while self.bytes > self._limit_bytes:
            _, (_, oldest) = self._kept.popitem(last=False)
            self.bytes -= len(oldest.mvt) + _OVERHEAD_BYTES
            self.figures.evicted += 1
