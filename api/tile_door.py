"""The short way to a tile in memory, before any routing; whatever is not in memory goes the ordinary way.

The ordinary route (``api/routes/tiles.py``) reads and checks a request; the same path and query from the same reader is
then answered here with the same version and the same headers. Only the revisions are looked at anew.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.deps import AppState, reader_of
from geo.cartography.studio import Studio

__all__ = ["TileDoor"]


class TileDoor:
    """Stands before the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or hand on."""
        short = scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith("/tiles/")
        answer = _from_memory(scope) if short else None
        await (answer or self._app)(scope, receive, send)


def _from_memory(scope: Scope) -> Response | None:
    state, studio = scope["app"].state.onemap, getattr(scope["app"].state, "studio", None)
    assert isinstance(state, AppState)
    asked, revisions = state.asked_tiles.find(scope), state.revisions.known()
    if asked is None or revisions is None or not isinstance(studio, Studio):
        return None
    if reader_of(Request(scope)) != asked.selection.reader:
        return None
    current = state.asked_tiles.version(asked, revisions, studio.tile_version)
    if asked.is_held(Headers(scope=scope).get("if-none-match"), current):
        return asked.answer(current, None)
    found = state.tiles.find(asked.key, current)
    return None if found is None else asked.answer(current, found)
