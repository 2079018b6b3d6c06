"""``/statistics``: counts by division, of everything or of what a frame shows."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached
from api.deps import GradesParam, LayersParam, ReaderParam, StateParam
from api.studio import BoxParam
from geo.errors import InputError
from geo.selection import Selection
from geo.statistics import by_county
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["layers"])


@router.get("/statistics", summary="分县统计 / counts by county")
async def statistics(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    layers: LayersParam,
    grades: GradesParam,
    bbox: BoxParam,
    by: Annotated[Literal["division"], Query(description="division")] = "division",
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
) -> Response:
    """Risks by county and grade; resources are no risks and are not counted."""
    graded = tuple(layer for layer in layers if layer.graded)
    if not graded:
        raise InputError(Text("所选图层都没有等级", "none of these layers has grades"), field="layers")
    selection = Selection(graded, bbox, grades, division, reader)
    found = await by_county(state.database, selection, state.registry.get("divisions"))
    return cached(request, found.encode(), "application/json")
