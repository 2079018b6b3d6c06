"""``/legend``: what each mark means and how many there are, as JSON for clients and as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.answers import cached, json_answer
from api.deps import GradesParam, LangParam, LayersParam, ReaderParam, StateParam, parse_list
from api.studio import BoxParam, StudioParam, ThemeParam
from geo.cartography.legend import (
    Counts,
    GridEntry,
    LegendEntry,
    fetch_counts,
    grid_entries,
    legend_entries,
    legend_json,
)
from geo.cartography.legend_picture import draw_legend
from geo.cartography.picture_request import MEDIA_TYPES, read_format
from geo.cartography.theme import Theme, grade_key
from geo.cartography.underlay import OWN
from geo.catalogue import LayerStatistics
from geo.selection import Selection
from layers.severity import RiskGrade
from layers.text import Lang

__all__ = ["router"]

router = APIRouter(tags=["legend"])


@dataclass(frozen=True, slots=True)
class _Legend:
    theme: Theme
    lang: Lang
    entries: tuple[LegendEntry, ...]
    grids: tuple[GridEntry, ...]


def _occurring(known: Mapping[str, LayerStatistics]) -> Counts:
    """The counts of the catalogue, without the grades that nothing has."""
    keys = [grade_key(grade) for grade in (*RiskGrade, None)]
    return {name: {key: each.counts[key] for key in keys if each.counts[key]} for name, each in known.items()}


async def _legend(
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    lang: LangParam,
    layers: LayersParam,
    grades: GradesParam,
    bbox: BoxParam,
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    theme: ThemeParam = "light",
    rasters: Annotated[str | None, Query(description="栅格名,逗号分隔 / grids, comma-separated")] = None,
) -> _Legend:
    chosen = studio.themes.get(theme)
    names = tuple(parse_list(rasters, "rasters", str)) if rasters else ()
    grids = studio.grounds.underlay(OWN, names, None, await state.rasters.entries()).grids
    if bbox is None and grades is None and division is None:
        # Of everything: counted already, once per revision.
        counts = _occurring(await state.catalogue.statistics(layers, reader))
    else:
        counts = await fetch_counts(state.database, Selection(layers, bbox, grades, division, reader))
    return _Legend(chosen, lang, legend_entries(studio.symbologies(chosen, layers), counts), grid_entries(grids))


_LegendParam = Annotated[_Legend, Depends(_legend)]


@router.get("/legend.json", summary="图例 / the legend")
async def legend(request: Request, found: _LegendParam) -> Response:
    """The legend of these layers in a theme, with counts by grade; of what lies in ``bbox`` when it is given."""
    return json_answer(request, legend_json(found.entries, found.lang, found.grids))


@router.get("/legend.{kind}", summary="图例图片 / the legend as a picture", response_class=Response)
async def legend_picture(
    request: Request,
    studio: StudioParam,
    found: _LegendParam,
    kind: str,
    scale: Annotated[float, Query(description="像素倍率 / device pixels per pixel", ge=0.5, le=4)] = 1.0,
) -> Response:
    """The same legend as PNG, WebP, PDF or SVG: rows with a count of zero are left out, as beside a map."""
    image_format = read_format(kind)
    drawn = await studio.queue.run(
        lambda: draw_legend(studio, found.theme, found.entries, found.lang, image_format, scale, grids=found.grids)
    )
    return cached(request, drawn, MEDIA_TYPES[image_format])
