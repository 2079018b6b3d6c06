"""``/changes``: what changed in the layers lately, feature by feature; a bulk load is one line."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached
from api.deps import LayersParam, ReaderParam, StateParam
from geo.changes import changes

__all__ = ["router"]

router = APIRouter(tags=["events"])


@router.get("/changes", summary="近期变更 / what changed lately")
async def list_changes(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    layers: LayersParam,
    hours: Annotated[int, Query(description="最近多少小时 / of the last so many hours", ge=1, le=168)] = 24,
    limit: Annotated[int, Query(description="最多列出的行数 / most lines listed", ge=1, le=1000)] = 50,
) -> Response:
    """Newest first, with counts by hour and what each grade gained; kept for a week."""
    return cached(request, (await changes(state.database, layers, hours, limit, reader)).encode(), "application/json")
