"""``/legend.json``: what each mark means and how many there are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import json_answer
from api.deps import GradesParam, LangParam, LayersParam, ReaderParam, StateParam
from api.studio import BoxParam, StudioParam, ThemeParam
from geo.cartography.legend import fetch_counts, legend_entries, legend_json
from geo.selection import Selection

__all__ = ["router"]

router = APIRouter(tags=["legend"])

_Division = Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")]


@router.get("/legend.json", summary="图例 / the legend")
async def legend(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    lang: LangParam,
    layers: LayersParam,
    grades: GradesParam,
    bbox: BoxParam,
    division: _Division = None,
    theme: ThemeParam = "light",
) -> Response:
    """The legend of these layers in a theme, with counts by grade; of what lies in ``bbox`` when it is given."""
    symbologies = studio.symbologies(studio.themes.get(theme), layers)
    counts = await fetch_counts(state.database, Selection(layers, bbox, grades, division, reader))
    return json_answer(request, legend_json(legend_entries(symbologies, counts), lang))
