"""``/layers``: the catalogue, and the features of one layer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import cached, json_answer
from api.deps import GradesParam, LangParam, ReaderParam, StateParam
from api.routes.rasters import told_raster
from api.studio import BoxParam
from geo.catalogue import LayerStatistics, features_statement, read_feature
from geo.errors import InputError
from geo.known_divisions import require_division
from geo.selection import Selection, choose_layers
from layers.field import Field
from layers.layer import Layer
from layers.severity import Level
from layers.text import Lang, Text

__all__ = ["router"]

router = APIRouter(tags=["layers"])


def _field(field: Field, lang: Lang) -> dict[str, object]:
    described: dict[str, object] = {
        "name": field.name,
        "title": field.title.get(lang),
        "kind": field.kind.value,
        "unit": field.unit.get(lang) if field.unit else None,
        "sensitive": field.sensitive,
    }
    if field.choices is not None:
        described["choices"] = [
            {"code": choice.code, "title": choice.title.get(lang)}
            | ({"rank": choice.rank} if isinstance(choice, Level) else {})
            for choice in field.choices.values
        ]
    return described


def _layer(layer: Layer, figures: LayerStatistics, lang: Lang) -> dict[str, object]:
    return {
        "name": layer.name,
        "title": layer.title.get(lang),
        "family": layer.family.value,
        "family_title": layer.family.label.get(lang),
        "geometry": layer.geometry.word,
        "risk": layer.searchable,
        "graded": layer.graded,
        "grading": layer.grading.title.get(lang),
        "fields": [_field(field, lang) for field in layer.fields],
        "counts": figures.counts,
        "total": figures.total,
        "extent": figures.extent,
        "revision": figures.revision,
        "data_date": figures.newest_data_date,
        "oldest_data_date": figures.oldest_data_date,
        "demo": figures.demo > 0,
        "demo_count": figures.demo,
    }


def _union(extents: list[tuple[float, float, float, float]]) -> list[float] | None:
    if not extents:
        return None
    west, south, east, north = zip(*extents, strict=True)
    return [min(west), min(south), max(east), max(north)]


@router.get("/layers", summary="图层目录 / the catalogue")
async def list_layers(request: Request, state: StateParam, reader: ReaderParam, lang: LangParam) -> Response:
    """Every layer with its titles, fields, grading rule, counts by grade, extent, revision, data dates; every grid."""
    figures = await state.catalogue.statistics(state.registry.values(), reader)
    extents = [each.extent for each in figures.values() if each.extent is not None]
    listed = [_layer(layer, figures[name], lang) for name, layer in state.registry.items()]
    rasters = [told_raster(each, lang) for each in await state.rasters.entries()]
    return json_answer(request, {"layers": listed, "rasters": rasters, "extent": _union(extents)})


@router.get("/layers/{layer}", summary="一个图层 / one layer")
async def show_layer(request: Request, state: StateParam, reader: ReaderParam, lang: LangParam, layer: str) -> Response:
    """One layer of the catalogue."""
    (chosen,) = choose_layers(state.registry, [layer])
    figures = await state.catalogue.statistics([chosen], reader)
    return json_answer(request, _layer(chosen, figures[layer], lang))


@router.get("/layers/{layer}/features", summary="要素 / features as GeoJSON")
async def list_features(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    layer: str,
    grades: GradesParam,
    box: BoxParam,
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    cursor: Annotated[str | None, Query(description="the next of the page before")] = None,
) -> Response:
    """A page of features in the order of their ids; ``truncated`` says that there are more, ``next`` continues."""
    (chosen,) = choose_layers(state.registry, [layer])
    await require_division(state.database, state.registry, division, reader)
    selection = Selection((chosen,), box, grades, division, reader)
    after = None
    if cursor is not None:
        source, tab, source_id = cursor.partition("\t")
        if not tab:
            raise InputError(Text("cursor 不是上一页给出的", "cursor is not one that a page gave"), field="cursor")
        after = (source, source_id)
    found = await state.database.fetch_text(features_statement(selection, chosen, limit, after))
    return cached(request, found.encode(), "application/geo+json")


@router.get("/layers/{layer}/features/{source}/{source_id:path}", summary="一个要素 / one feature")
async def show_feature(
    request: Request, state: StateParam, reader: ReaderParam, layer: str, source: str, source_id: str
) -> Response:
    """One feature with everything known about it; personal data is masked."""
    (chosen,) = choose_layers(state.registry, [layer])
    found = await read_feature(state.database, chosen, source, source_id, reader)
    return cached(request, found.encode(), "application/geo+json")
