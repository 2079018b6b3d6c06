"""The short way to ``GET /risk``: its words are read here and given to the very function that is the route.

FastAPI's reading of fifteen parameters by seven dependencies takes longer than asking the database for one layer.
Whatever is not plainly right goes the ordinary way (``api/routes/risk.py``), which also finds the words for what is
wrong with it. It stands innermost: what happens to every request and answer happens to these too.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.deps import AppState, parse_grades, parse_layers, reader_of
from api.errors import foreseen
from api.patience import ClientGone
from api.routes.risk import ALL_PARTS, LONGEST_RULES_NAME, NEAREST, risk
from geo.crs import Crs
from geo.errors import OnemapError

__all__ = ["RiskDoor"]

_DEGREES = re.compile(r"-?\d{1,3}(?:\.\d{1,20})?", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,5}", re.ASCII)
_PLAIN = {
    "lon": _DEGREES,
    "lat": _DEGREES,
    "limit": _COUNT,
    "nearest": re.compile(r"0|[1-9]\d{0,5}", re.ASCII),
    "rules": re.compile(rf".{{0,{LONGEST_RULES_NAME}}}", re.DOTALL),
}
"""How a value must be written to be read here."""
_WORDS = frozenset((*_PLAIN, "crs", "layers", "families", "grades", "radius_m", "event", "division", "include", "lang"))


class RiskDoor:
    """Stands before the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain ``GET /risk``, or hand on."""
        plain = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] == "/risk"
        words = _plain_words(scope["query_string"]) if plain else None
        if words is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await _answer(request, scope["app"].state.onemap, words)
        except (OnemapError, ClientGone) as error:
            response = await foreseen(request, error)
        await response(scope, receive, send)


def _plain_words(query: bytes) -> dict[str, str] | None:
    """The parameters by name; None where one is unknown, given twice, missing, or not written plainly."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    words = dict(pairs)
    if len(words) != len(pairs) or not _WORDS.issuperset(words) or "lon" not in words or "lat" not in words:
        return None
    plain = all(pattern.fullmatch(words[name]) for name, pattern in _PLAIN.items() if name in words)
    return words if plain else None


async def _answer(request: Request, state: AppState, words: dict[str, str]) -> Response:
    grades, limit = words.get("grades"), words.get("limit")
    return await risk(
        request,
        state,
        reader_of(request),
        Crs.parse(words.get("crs", "CRS84")).point_to_cgcs2000(float(words["lon"]), float(words["lat"])),
        parse_layers(state.registry, words.get("layers"), words.get("families")),
        None if grades is None else parse_grades(grades),
        words.get("radius_m"),
        words.get("event"),
        words.get("division"),
        None if limit is None else int(limit),
        int(words.get("nearest", NEAREST)),
        words.get("include", ALL_PARTS),
        words.get("rules"),
    )
