"""Rendering beside the event loop: a few threads, a queue with an end, and one rendering for identical requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from geo.errors import Busy
from layers.text import Text

__all__ = ["RenderQueue"]

T = TypeVar("T")


class RenderQueue:
    """At most ``threads`` renderings at a time and ``waiting`` more that wait; the next is told to come again."""

    def __init__(self, threads: int = 2, waiting: int = 16) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="onemap-render")
        self._places = threads + waiting
        self._taken = 0

    @property
    def taken(self) -> int:
        """Renderings under way or waiting."""
        return self._taken

    async def run(self, work: Callable[[], T]) -> T:
        """The result of ``work``, done in a thread; what it raises is raised here.

        A request that is cancelled keeps its place until its rendering ends: Mapnik cannot be interrupted.

        Raises:
            Busy: every place is taken.
        """
        if self._taken >= self._places:
            raise Busy(
                Text(
                    f"正在绘制的地图已达上限({self._places} 幅),请稍后重试",
                    f"{self._places} maps are being drawn already; try again shortly",
                )
            )
        self._taken += 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        future.add_done_callback(self._leave)
        return await asyncio.shield(future)

    def _leave(self, future: asyncio.Future[T]) -> None:
        self._taken -= 1
        if not future.cancelled():
            future.exception()  # seen here, so that a rendering nobody waits for any more is not reported as lost

    def close(self) -> None:
        """Wait for what is being drawn and end the threads."""
        self._executor.shutdown(wait=True, cancel_futures=True)
