"""What changes, as it changes: one LISTEN connection per process, fanned out to any number of readers.

Readers share one bounded buffer and each keeps only its place in it, so a slow reader costs nothing and a thousand
cost one database connection. A reader that fell out of the buffer, or comes from another process, gets the state of
everything (all revisions) instead of what it missed: the revisions are the truth, the events only their messengers.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg
import structlog

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

__all__ = ["CHANNEL", "Event", "EventHub"]

CHANNEL = "onemap_layers"
"""Where the layers' triggers notify (``geo/sql/01_layers.sql``)."""

_KEPT = 1000
_RETRY_S = 0.5
_PROBE_EVERY_S = 5.0
"""A server that vanished without a word (power, cable) is noticed by a probe on the idle connection."""
_PROBE_WITHIN_S = 3.0
_FIRST_WITHIN_S = 2.0
"""The first reader waits so long for the first connection, instead of being told that there is no database."""
_LOST = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)

_log = structlog.get_logger("onemap.events")


@dataclass(frozen=True, slots=True)
class Event:
    """One message. ``id`` resumes a stream after it; ``kind`` is ``state`` or ``layer``; ``data`` is JSON text.

    ``state``: ``{"database": bool, "revisions": {layer: revision}}``, everything as it is now.
    ``layer``: ``{"layer": name, "revision": n}``, one layer has changed.
    """

    id: str
    kind: str
    data: str


class EventHub:
    """Listens from the first reader on until it is closed, and connects again whenever the database went away."""

    def __init__(self, dsn: str, *, kept: int = _KEPT) -> None:
        self._dsn = dsn
        self._run = secrets.token_hex(4)
        self._kept: deque[tuple[int, str, str]] = deque(maxlen=kept)
        self._last = 0
        self._news = asyncio.Event()
        self._revisions: dict[str, int] = {}
        self._connected = False
        self._tried = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None
        self.readers = 0
        """How many streams are open."""

    async def close(self) -> None:
        """Stop listening; a later reader starts it again."""
        task, self._listener = self._listener, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def events(self, after: str | None = None) -> AsyncIterator[Event]:
        """Every event after the one with id ``after``, without end; where that is gone, the whole state comes first."""
        self._start()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), _FIRST_WITHIN_S)
        place = self._place(after)
        self.readers += 1
        try:
            while True:
                if place is None or place < self._last - len(self._kept):
                    place = self._last
                    yield Event(self._id(place), "state", self._state())
                    # Meanwhile much may have been told: whether all of it is kept is asked anew.
                    continue
                for number, kind, data in [each for each in self._kept if each[0] > place]:
                    yield Event(self._id(number), kind, data)
                    place = number
                news = self._news
                if place == self._last:
                    await news.wait()
        finally:
            self.readers -= 1

    def revisions(self) -> Mapping[str, int] | None:
        """The revision of each layer as last heard; None while the database is not being listened to."""
        self._start()
        return self._revisions if self._connected else None

    def _start(self) -> None:
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen(), name="onemap events")

    def _id(self, number: int) -> str:
        return f"{self._run}-{number}"

    def _place(self, after: str | None) -> int | None:
        run, _, number = (after or "").partition("-")
        known = run == self._run and number.isascii() and number.isdigit() and int(number) <= self._last
        return int(number) if known else None

    def _state(self) -> str:
        return json.dumps({"database": self._connected, "revisions": self._revisions})

    def _publish(self, kind: str, data: str) -> None:
        self._last += 1
        self._kept.append((self._last, kind, data))
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except _LOST as error:
                # The address of the database is not told: it may hold a password.
                _log.warning("events_lost", reason=type(error).__name__)
            self._tried.set()
            if self._connected:
                self._connected = False
                self._publish("state", self._state())
            await asyncio.sleep(_RETRY_S)

    async def _listen_once(self) -> None:
        """Until the connection ends: subscribe, then read the revisions (so that none falls between), then wait."""
        connection: Connection = await asyncpg.connect(
            self._dsn, timeout=_PROBE_WITHIN_S, server_settings={"application_name": "onemap events"}
        )
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _connection: ended.set())
        try:
            await connection.add_listener(CHANNEL, self._notified)
            rows = await connection.fetch("SELECT layer, revision FROM onemap_revisions ORDER BY layer")
            self._revisions.update({str(row["layer"]): int(row["revision"]) for row in rows})
            self._connected = True
            self._publish("state", self._state())
            self._tried.set()
            while not ended.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _PROBE_EVERY_S)
                    return
                await connection.fetchval("SELECT 1", timeout=_PROBE_WITHIN_S)
        finally:
            connection.terminate()

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: Any) -> None:
        try:
            told = json.loads(payload)
            layer, revision = str(told["layer"]), int(told["revision"])
        except (ValueError, KeyError, TypeError):
            # Anybody who may connect may notify: what is not ours is no event.
            _log.warning("event_not_understood", length=len(str(payload)))
            return
        self._revisions[layer] = max(revision, self._revisions.get(layer, 0))
        self._publish("layer", json.dumps({"layer": layer, "revision": revision}))
