"""``/events``: one stream of server-sent events for everything that changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.deps import StateParam
from geo.events import EventHub

__all__ = ["router"]

router = APIRouter(tags=["events"])

_SEND_TIMEOUT_S = 20.0


def _beat() -> ServerSentEvent:
    """A heartbeat that a page can see (a comment is swallowed by the browser); it has no id, so it resumes nothing."""
    return ServerSentEvent(datetime.now(UTC).isoformat(timespec="seconds"), event="beat")


async def _stream(hub: EventHub, after: str | None) -> AsyncIterator[ServerSentEvent]:
    yield _beat()
    async for event in hub.events(after):
        yield ServerSentEvent(event.data, event=event.kind, id=event.id)


@router.get("/events", summary="变更事件流 / what changes, as it changes", response_class=EventSourceResponse)
async def events(
    state: StateParam,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
    after: Annotated[
        str | None, Query(description="同 Last-Event-ID / the same as Last-Event-ID", max_length=64)
    ] = None,
) -> EventSourceResponse:
    """Server-sent events ``state``, ``layer`` and ``beat``; resumes after ``Last-Event-ID`` where it is known."""
    stream = _stream(state.events, last_event_id or after)
    return EventSourceResponse(
        stream, ping=state.settings.heartbeat_s, ping_message_factory=_beat, send_timeout=_SEND_TIMEOUT_S
    )
