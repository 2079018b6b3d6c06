"""The short way to a tile, before any routing: read, looked up and answered in one place, in plain ASGI.

It stands outermost, so what every answer carries it adds itself; a log line for every tile would tell nothing, the
figures do (``/metrics``). Whatever is not a plain request for a tile goes the ordinary way (``api/routes/tiles.py``),
which also finds the words for what is wrong with it.
"""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import parse_qsl
from uuid import uuid4

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.asked_tiles import MOST_RISKS_ALLOWED, AskedTile
from api.deps import AppState, parse_grades, reader_of
from api.errors import engine_error
from api.middleware import FOR_EVERY_ANSWER, given_request_id
from geo.cartography.studio import Studio
from geo.cartography.tile_address import TileAddress
from geo.cartography.tiles import Tile, fetch_tile
from geo.errors import InputError, OnemapError
from geo.selection import Selection, choose_layers

__all__ = ["TileDoor"]

_PATH = re.compile(r"/tiles/(?:([a-z][a-z0-9_]{0,62})/)?(\d{1,2})/(\d{1,8})/(\d{1,8})\.mvt", re.ASCII)
_WORDS = frozenset(("layers", "grades", "most", "v"))
_LONGEST_QUERY = 500
_FOR_EVERY_TILE = [(name.lower().encode(), value.encode()) for name, value in FOR_EVERY_ANSWER.items()]

_Headers = list[tuple[bytes, bytes]]


class TileDoor:
    """Stands before everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a tile, or hand on."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/tiles/"):
            await self._app(scope, receive, send)
            return
        state, studio = scope["app"].state.onemap, getattr(scope["app"].state, "studio", None)
        asked, revisions = _asked(scope, state), state.revisions.known()
        if asked is None or revisions is None or not isinstance(studio, Studio):
            await self._app(scope, receive, send)
            return
        request_id, held = b"", None
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                held = value.decode("latin-1")
            elif name == b"x-request-id":
                request_id = given_request_id(value.decode("latin-1")).encode()
        own = [*_FOR_EVERY_TILE, (b"x-request-id", request_id or uuid4().hex.encode())]
        current = state.asked_tiles.version(asked, revisions, studio.tile_version)
        if held is not None and asked.is_held(held, current):
            await _send(send, 304, asked.raw_headers(current, None) + own, b"")
            return
        tile = state.tiles.find(asked.key, current)
        if tile is None:
            try:
                tile = await _read(state, asked, current)
            except OnemapError as error:
                problem = await engine_error(Request(scope), error)
                await _send(send, problem.status_code, problem.raw_headers + own, bytes(problem.body))
                return
        await _send(send, 200, asked.raw_headers(current, tile) + own, tile.mvt)


async def _send(send: Send, status: int, headers: _Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _read(state: AppState, asked: AskedTile, current: str) -> Tile:
    read = partial(fetch_tile, state.database, asked.selection, asked.address, asked.most_risks)
    return await state.tiles.get(asked.key, current, read)


def _asked(scope: Scope, state: AppState) -> AskedTile | None:
    """What a request asks for; None for one that is to be looked at more closely."""
    known = state.asked_tiles.find(scope)
    if known is None:
        known = _understood(scope, state)
        if known is not None:
            state.asked_tiles.remember(scope, known)
    return known if known is not None and reader_of(Request(scope)) == known.selection.reader else None


def _understood(scope: Scope, state: AppState) -> AskedTile | None:
    path, query = _PATH.fullmatch(scope["path"]), scope["query_string"]
    if path is None or len(query) > _LONGEST_QUERY:
        return None
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    words = dict(pairs)
    if len(words) != len(pairs) or not _WORDS.issuperset(words):
        return None
    layer, *place = path.groups()
    names = [layer] if layer else words["layers"].split(",") if "layers" in words else state.registry
    most = words.get("most")
    if most is not None and (layer or not most.isdecimal() or int(most) not in MOST_RISKS_ALLOWED):
        return None
    try:
        chosen = choose_layers(state.registry, names)
        grades = parse_grades(words["grades"]) if "grades" in words else None
        address = TileAddress(*map(int, place))
    except InputError:
        return None
    selection = Selection(chosen, None, grades, None, reader_of(Request(scope)))
    return AskedTile(selection, address, words.get("v"), None if most is None else int(most))
