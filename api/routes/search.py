"""``/search``: features by name or code."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached
from api.deps import ReaderParam, StateParam
from geo.search import search
from geo.selection import Selection

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
    """Features of every layer, divisions too, best match first."""
    selection = Selection(tuple(state.registry.values()), reader=reader)
    return cached(request, (await search(state.database, selection, q, limit)).encode(), "application/json")
