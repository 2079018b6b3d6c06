"""Work that ends when nobody waits for it any more: a client that goes away cancels its query."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from fastapi import Request

__all__ = ["ClientGone", "unless_gone"]

T = TypeVar("T")


class ClientGone(Exception):
    """The client closed the connection before its answer was ready; nobody will read one."""


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def unless_gone(request: Request, work: Coroutine[object, object, T]) -> T:
    """The result of ``work``, which is cancelled (and with it its query in the database) when the client leaves.

    The request's body must have been read before.

    Raises:
        ClientGone: the client left first.
    """
    working, leaving = asyncio.create_task(work), asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientGone
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
