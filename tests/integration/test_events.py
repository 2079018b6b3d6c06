"""The hub of events: one connection for all, nothing lost between, and well again after the database was away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import psycopg
import pytest

from geo.events import CHANNEL, Event, EventHub
from tests.seeding import insert


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[EventHub]:
    made = EventHub(database_url, kept=5)
    yield made
    await made.close()


def edit(url: str, source_id: str = "h-1") -> None:
    insert(url, "hazard_points", "POINT(115 25)", source_id)


async def next_of(stream: AsyncIterator[Event], kind: str | None = None) -> tuple[str, dict[str, object]]:
    """The next event (of a kind): its id and what it says."""
    async with asyncio.timeout(10):
        while True:
            event = await anext(stream)
            if kind in (None, event.kind):
                return event.id, json.loads(event.data)


async def connected(stream: AsyncIterator[Event]) -> dict[str, object]:
    """The first state in which the database is there."""
    while True:
        _, state = await next_of(stream, "state")
        if state["database"]:
            return state


def listeners(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'onemap events' AND datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


async def test_an_edit_by_any_tool_is_told_with_its_revision(hub: EventHub, database_url: str) -> None:
    stream = hub.events()
    before = (await connected(stream))["revisions"]
    edit(database_url)
    _, told = await next_of(stream, "layer")
    assert isinstance(before, dict)
    assert told == {"layer": "hazard_points", "revision": before["hazard_points"] + 1}


async def test_fifty_readers_share_one_connection(hub: EventHub, database_url: str) -> None:
    streams = [hub.events() for _ in range(50)]
    await asyncio.gather(*(connected(stream) for stream in streams))
    edit(database_url)
    told = await asyncio.gather(*(next_of(stream, "layer") for stream in streams))
    assert len(set(map(repr, told))) == 1
    assert hub.readers == 50
    assert listeners(database_url) == 1
    for stream in streams:
        await stream.aclose()
    assert hub.readers == 0


async def test_a_reader_resumes_after_the_last_id_it_saw(hub: EventHub, database_url: str) -> None:
    watching = hub.events()
    await connected(watching)
    for number in range(3):
        edit(database_url, f"h-{number}")
    seen = [await next_of(watching, "layer") for _ in range(3)]
    resumed = hub.events(after=seen[0][0])
    assert [await next_of(resumed) for _ in range(2)] == seen[1:]


@pytest.mark.parametrize("after", ["", "other-run-3", "0badc0de-1", "-1", "x-٣", "x-99999"])
async def test_a_reader_from_elsewhere_gets_the_whole_state_first(hub: EventHub, after: str) -> None:
    await connected(hub.events())
    _, state = await next_of(hub.events(after))
    assert state["database"] is True
    assert isinstance(state["revisions"], dict)
    assert "hazard_points" in state["revisions"]


async def test_a_reader_who_fell_out_of_the_buffer_gets_the_whole_state(hub: EventHub, database_url: str) -> None:
    slow = hub.events()
    await connected(slow)
    watching = hub.events()
    await connected(watching)
    last: dict[str, object] = {}
    for number in range(9):
        edit(database_url, f"h-{number}")
        _, last = await next_of(watching, "layer")
    async with asyncio.timeout(10):
        event = await anext(slow)
    assert event.kind == "state"
    assert json.loads(event.data)["revisions"]["hazard_points"] == last["revision"]


async def test_what_anybody_else_notifies_is_no_event(hub: EventHub, database_url: str) -> None:
    stream = hub.events()
    await connected(stream)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for payload in ("", "not json", "[]", '{"layer": "x"}', '{"layer": "x", "revision": "y"}'):
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
    edit(database_url)
    assert (await next_of(stream))[1]["layer"] == "hazard_points"


async def test_a_cut_connection_is_told_and_made_again_with_what_was_missed(hub: EventHub, database_url: str) -> None:
    stream = hub.events()
    await connected(stream)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'onemap events' AND datname = current_database()"
        )
        edit(database_url)
    assert (await next_of(stream))[1]["database"] is False
    state = await connected(stream)
    assert isinstance(state["revisions"], dict)
    assert state["revisions"]["hazard_points"] == 1
    edit(database_url, "h-2")
    assert (await next_of(stream, "layer"))[1]["revision"] == 2


async def test_a_reader_is_served_while_there_is_no_database_at_all() -> None:
    hub = EventHub("postgresql://nobody@127.0.0.1:9/none")
    async with asyncio.timeout(5):
        event = await anext(hub.events())
    await hub.close()
    assert json.loads(event.data) == {"database": False, "revisions": {}}
