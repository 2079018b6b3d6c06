"""``/search``: features by name or code, and places by coordinates in any notation."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached
from api.deps import ReaderParam, StateParam
from geo.search import search
from geo.selection import Selection
from geo.typed_places import typed_places

__all__ = ["router"]

router = APIRouter(tags=["layers"])


@router.get("/search", summary="按名称或编号查找 / find by name or code")
async def find(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    q: Annotated[str, Query(description="名称的一部分,或编号的开头 / part of a name, or the beginning of an id")],
    limit: Annotated[int, Query(ge=1, le=100)] = 12,
) -> Response:
    """Features of every layer, divisions too, best match first; ``places`` where the text is a pair of coordinates."""
    selection = Selection(tuple(state.registry.values()), reader=reader)
    found = await search(state.database, selection, q, limit)
    figures = await state.catalogue.statistics(selection.layers, reader)
    places = typed_places(q, _extent([each.extent for each in figures.values() if each.extent is not None]))
    told = json.dumps([each.as_dict() for each in places])
    return cached(request, f'{found.rstrip()[:-1]}, "places": {told}}}'.encode(), "application/json")


def _extent(boxes: list[tuple[float, float, float, float]]) -> tuple[float, float, float, float] | None:
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
