"""What takes long to make, in memory: made once for all who ask for the same, and the latest kept by their bytes.

Pictures, and figures of whole layers. A key holds the version of what it is made of, so nothing stale is found: what is
of older versions is the first to go.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Protocol, TypeVar

__all__ = ["DrawnCache", "Weighed"]

_OVERHEAD_BYTES = 1000


class Weighed(Protocol):
    """A picture, or several; or an answer."""

    @property
    def weight_bytes(self) -> int:
        """How many bytes it holds."""


T = TypeVar("T", bound=Weighed)


class DrawnCache:
    """Holds at most ``limit_bytes``; 0 keeps nothing, and renderings are still shared."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[Hashable, Weighed] = OrderedDict()
        self._flights: dict[Hashable, asyncio.Task[Weighed]] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def get(self, key: Hashable, kind: type[T], draw: Callable[[], Awaitable[T]]) -> T:
        """What is kept or being drawn under ``key``, else what ``draw`` gives.

        A caller that goes away does not end the rendering for the others. What ``draw`` raises, every waiter gets,
        and the next request draws again.
        """
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        else:
            flight = self._flights.get(key)
            if flight is None:
                flight = asyncio.create_task(self._draw(key, draw))
                self._flights[key] = flight
                flight.add_done_callback(partial(self._landed, key))
            found = await asyncio.shield(flight)
        assert isinstance(found, kind)
        return found

    def _landed(self, key: Hashable, flight: asyncio.Task[Weighed]) -> None:
        self._flights.pop(key, None)
        if not flight.cancelled():
            flight.exception()  # told to those who waited; without any, it is no news

    async def _draw(self, key: Hashable, draw: Callable[[], Awaitable[Weighed]]) -> Weighed:
        drawn = await draw()
        weight = drawn.weight_bytes + _OVERHEAD_BYTES
        if weight <= self._limit_bytes:
            self._kept[key] = drawn
            self.bytes += weight
            while self.bytes > self._limit_bytes:
                _, oldest = self._kept.popitem(last=False)
                self.bytes -= oldest.weight_bytes + _OVERHEAD_BYTES
        return drawn
