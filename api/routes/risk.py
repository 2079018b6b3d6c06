"""``/risk``: what is within these radii of a place, how far, how bad, why, and who can help."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached
from api.deps import GradesParam, LayersParam, PlaceParam, ReaderParam, StateParam, parse_list
from geo.risk import RiskQuery, around_point, risk_answer

__all__ = ["router"]

router = APIRouter(tags=["risk"])


@router.get("/risk", summary="周边风险 / what is at risk near here")
async def risk(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    place: PlaceParam,
    layers: LayersParam,
    grades: GradesParam,
    radius_m: Annotated[str, Query(description="半径(米),可用逗号给出多个 / metres, several with commas")] = "1000",
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    limit: Annotated[int | None, Query(description="最多列出的要素数 / most features listed", ge=1)] = None,
    nearest: Annotated[int, Query(description="每类最近资源数 / nearest resources of each kind", ge=0)] = 3,
) -> Response:
    """Features within the outermost radius by true ellipsoidal distance; counts are complete even when truncated."""
    query = RiskQuery(
        where=around_point(*place),
        radii_m=tuple(parse_list(radius_m, "radius_m", float)),
        layers=layers,
        grades=grades,
        division=division,
        limit=limit if limit is not None else state.settings.features_default,
        nearest=nearest,
        reader=reader,
        helpers=state.registry.helpers(),
    )
    return cached(request, await risk_answer(state.database, query, state.settings.risk_limits()), "application/json")
