"""``/features``: the features of several layers in a frame, worst first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached
from api.deps import GradesParam, LayersParam, ReaderParam, StateParam
from api.studio import parse_box
from geo.errors import InputError
from geo.known_divisions import require_division
from geo.selection import Selection
from geo.worst import fetch_worst
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["layers"])


@router.get("/features", summary="图幅内的风险,重的在前 / risks of a frame, worst first")
async def worst_features(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    layers: LayersParam,
    grades: GradesParam,
    bbox: Annotated[str, Query(description="west,south,east,north")],
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> Response:
    """Risks as points with what a list tells of them, by grade, of one grade from the middle of ``bbox`` outwards.

    ``truncated`` says that there are more. Layers without grades (resources, protected places) are no risks and are
    left out; features without a grade come last, and only where ``grades`` is absent or names ``none``.
    """
    graded = tuple(layer for layer in layers if layer.graded)
    if not graded:
        raise InputError(Text("所选图层都没有等级", "none of these layers has grades"), field="layers")
    await require_division(state.database, state.registry, division, reader)
    selection = Selection(graded, None, grades, division, reader)
    found = await fetch_worst(state.database, selection, parse_box(bbox), limit, state.registry.get("divisions"))
    return cached(request, found.encode(), "application/geo+json")
