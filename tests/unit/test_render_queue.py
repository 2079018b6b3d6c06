"""Rendering has few threads and a queue with an end; who comes later is told to come again, nothing is lost."""

from __future__ import annotations

import asyncio
import threading

import pytest

from geo.cartography.rendering import RenderQueue
from geo.errors import Busy, RenderError
from layers.text import Text


@pytest.fixture
def queue():
    made = RenderQueue(threads=1, waiting=1)
    yield made
    made.close()


async def test_a_full_queue_says_so_and_takes_again_when_there_is_room(queue):
    go = threading.Event()
    running = [asyncio.ensure_future(queue.run(lambda: go.wait(10))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await queue.run(lambda: None)
    go.set()
    assert await asyncio.gather(*running) == [True, True]
    assert await queue.run(lambda: 7) == 7
    assert queue.taken == 0


async def test_an_error_of_the_work_reaches_who_asked_and_frees_the_place(queue):
    def fail() -> None:
        raise RenderError(Text("坏了", "broken"))

    for _ in range(3):
        with pytest.raises(RenderError):
            await queue.run(fail)
    assert queue.taken == 0


async def test_a_cancelled_request_keeps_its_place_until_its_rendering_ends(queue):
    go, begun = threading.Event(), threading.Event()

    def draw() -> None:
        begun.set()
        go.wait(10)

    first = asyncio.ensure_future(queue.run(draw))
    assert await asyncio.to_thread(begun.wait, 10)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert queue.taken == 1
    go.set()
    assert await queue.run(lambda: "next") == "next"
    assert queue.taken == 0


async def test_the_event_loop_goes_on_while_a_map_is_drawn(queue):
    ticks = 0
    go = threading.Event()
    drawing = asyncio.ensure_future(queue.run(lambda: go.wait(10)))
    while ticks < 5:
        await asyncio.sleep(0.001)
        ticks += 1
    assert not drawing.done()
    go.set()
    await drawing
