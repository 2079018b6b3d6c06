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


async def _cancel_when_gone(request: Request, working: asyncio.Task[object]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    working.cancel()


async def unless_gone(request: Request, work: Coroutine[object, object, T]) -> T:
    """The result of ``work``, which is cancelled (and with it its query in the database) when the client leaves.

    The request's body must have been read before.

    Raises:
        ClientGone: the client left first.
    """
    working = asyncio.current_task()
    assert working is not None
    leaving = asyncio.create_task(_cancel_when_gone(request, working))
    try:
        return await work
    except asyncio.CancelledError:
        # Cancelled by the client's leaving, and by nobody else besides.
        if leaving.done() and not leaving.cancelled() and working.uncancel() == 0:
            raise ClientGone from None
        raise
    finally:
        leaving.cancel()
