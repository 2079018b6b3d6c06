"""``/statistics``: counts by layer and division, of everything or of what a frame shows."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached
from api.deps import GradesParam, LayersParam, ReaderParam, StateParam
from api.studio import BoxParam
from geo.errors import InputError
from geo.selection import Selection
from geo.statistics import by_county, figures
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["layers"])


@router.get("/statistics", summary="分层分县统计 / counts by layer and county")
async def statistics(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    layers: LayersParam,
    grades: GradesParam,
    bbox: BoxParam,
    by: Annotated[
        Literal["division", "all"],
        Query(description="division 分县;all 分层分县分乡镇 / layer, county, township"),
    ] = "division",
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
) -> Response:
    """Risks by county and grade; resources are no risks and count by layer only (``by=all``)."""
    if by == "all":
        everything = Selection(layers, bbox, grades, division, reader)
        told = await figures(state.database, everything, state.registry.get("divisions"))
        return cached(request, told.encode(), "application/json")
    graded = tuple(layer for layer in layers if layer.graded)
    if not graded:
        raise InputError(Text("所选图层都没有等级", "none of these layers has grades"), field="layers")
    selection = Selection(graded, bbox, grades, division, reader)
    found = await by_county(state.database, selection, state.registry.get("divisions"))
    return cached(request, found.encode(), "application/json")
