"""``/statistics``: counts by layer and division, of everything or of what a frame shows."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached
from api.deps import GradesParam, LayersParam, ReaderParam, StateParam
from api.studio import BoxParam
from geo.errors import InputError
from geo.known_divisions import require_division
from geo.selection import Selection
from geo.statistics import by_county, outlines
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["layers"])

_NO_OUTLINES = '{"type": "FeatureCollection", "features": []}'


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
    counted: Annotated[
        str | None, Query(description="by=all:计入合计与分县的图层 / layers in the sums and the divisions")
    ] = None,
) -> Response:
    """Risks by county and grade; resources are no risks and count by layer only (``by=all``)."""
    await require_division(state.database, state.registry, division, reader)
    if by == "all":
        everything = Selection(layers, bbox, grades, division, reader)
        names = None if counted is None else frozenset(name.strip() for name in counted.split(","))
        told = await state.figures.read(everything, state.registry.get("divisions"), names)
        return cached(request, told.encode(), "application/json")
    graded = tuple(layer for layer in layers if layer.graded)
    if not graded:
        raise InputError(Text("所选图层都没有等级", "none of these layers has grades"), field="layers")
    selection = Selection(graded, bbox, grades, division, reader)
    found = await by_county(state.database, selection, state.registry.get("divisions"))
    return cached(request, found.encode(), "application/json")


@router.get("/statistics/outlines", summary="行政区轮廓 / outlines of the divisions")
async def division_outlines(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    level: Annotated[Literal["city", "county", "township"], Query(description="city, county, township")] = "county",
) -> Response:
    """The outlines of one level, coarse, for a small map beside the figures; empty where no divisions are loaded."""
    divisions = state.registry.get("divisions")
    told = _NO_OUTLINES if divisions is None else await outlines(state.database, divisions, level, reader)
    return cached(request, told.encode(), "application/geo+json")
