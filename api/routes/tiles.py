"""``/tiles``: vector tiles with strong ETags, and the TileJSON that describes them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import json_answer
from api.asked_tiles import MOST_RISKS_ALLOWED, AskedTile
from api.deps import AppState, GradesParam, ReaderParam, StateParam
from api.studio import StudioParam
from geo.cartography.studio import Studio
from geo.cartography.style_sources import MOST_RISKS, RISKS, style_sources
from geo.cartography.tile_address import SOURCE_MAX_ZOOM, TileAddress
from geo.cartography.tilejson import vector_layers
from geo.cartography.tiles import fetch_tile
from geo.cartography.versions import version
from geo.selection import Reader, Selection, choose_layers
from layers.layer import Layer

__all__ = ["router", "tile_urls"]

router = APIRouter(tags=["tiles"])

_Layers = Annotated[str | None, Query(description="图层名,逗号分隔 / layer names, comma-separated; all when absent")]
_Most = Annotated[
    int | None,
    Query(
        ge=MOST_RISKS_ALLOWED.start,
        le=MOST_RISKS_ALLOWED.stop - 1,
        description="逐个显示的风险上限,11 级以下总是合并计数 / risks shown one by one; more, and those below zoom 11, "
        "are counted in cells",
    ),
]
_Version = Annotated[str | None, Query(description="版本 / the version, as style.json gives it", max_length=64)]


def _chosen(state: AppState, layers: str | None) -> tuple[Layer, ...]:
    """The layers asked for; a tile without ``layers`` holds the base map too."""
    return choose_layers(state.registry, state.registry if layers is None else layers.split(","))


async def tile_urls(request: Request, state: AppState, studio: Studio, reader: Reader) -> dict[str, str]:
    """The tile address of each source of the style, with its present version: such an address may be cached for ever.

    From the root of whatever host the client sees: behind a proxy the service does not know its own name. All graded
    layers come in one tile, so that they are counted together.
    """
    base = str(request.scope.get("root_path", "")).rstrip("/")
    revisions = await state.revisions.of(state.registry)
    further = (studio.tile_version,)
    found = {}
    for source, layers in style_sources(state.registry.values()).items():
        current = version(Selection(layers, reader=reader), revisions, further)
        if source == RISKS:
            names = ",".join(layer.name for layer in layers)
            found[source] = f"{base}/tiles/{{z}}/{{x}}/{{y}}.mvt?layers={names}&most={MOST_RISKS}&v={current}"
        else:
            found[source] = f"{base}/tiles/{source}/{{z}}/{{x}}/{{y}}.mvt?v={current}"
    return found


@router.get("/tiles.json", summary="TileJSON")
async def tilejson(
    request: Request, state: StateParam, studio: StudioParam, reader: ReaderParam, layers: _Layers = None
) -> Response:
    """TileJSON 3.0 of the tiles that hold these layers (all when absent)."""
    chosen = _chosen(state, layers)
    selection = Selection(chosen, reader=reader)
    revisions = await state.revisions.of(layer.name for layer in chosen)
    current = version(selection, revisions, (studio.tile_version,))
    names = ",".join(layer.name for layer in chosen)
    base = str(request.base_url).rstrip("/")
    return json_answer(
        request,
        {
            "tilejson": "3.0.0",
            "name": "onemap",
            "version": "1.0.0",
            "scheme": "xyz",
            "minzoom": 0,
            "maxzoom": SOURCE_MAX_ZOOM,
            "tiles": [f"{base}/tiles/{{z}}/{{x}}/{{y}}.mvt?layers={names}&v={current}"],
            "vector_layers": vector_layers(chosen),
        },
    )


@router.get("/tiles/{z}/{x}/{y}.mvt", summary="矢量瓦片,多图层 / a vector tile of several layers")
async def tile(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    grades: GradesParam,
    z: int,
    x: int,
    y: int,
    layers: _Layers = None,
    most: _Most = None,
    v: _Version = None,
) -> Response:
    """One tile with all layers asked for, from one statement. Crowded risks are counted in its layer ``cells``."""
    selection = Selection(_chosen(state, layers), None, grades, None, reader)
    return await _answer(request, state, studio, AskedTile(selection, TileAddress(z, x, y), v, most))


@router.get("/tiles/{layer}/{z}/{x}/{y}.mvt", summary="矢量瓦片,单图层 / a vector tile of one layer")
async def layer_tile(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    grades: GradesParam,
    layer: str,
    z: int,
    x: int,
    y: int,
    v: _Version = None,
) -> Response:
    """One tile of one layer."""
    selection = Selection(choose_layers(state.registry, [layer]), None, grades, None, reader)
    return await _answer(request, state, studio, AskedTile(selection, TileAddress(z, x, y), v))


async def _answer(request: Request, state: AppState, studio: Studio, wanted: AskedTile) -> Response:
    revisions = await state.revisions.of(layer.name for layer in wanted.selection.layers)
    current = version(wanted.selection, revisions, (studio.tile_version,))
    state.asked_tiles.remember(request.scope, wanted)
    if wanted.is_held(request.headers.get("if-none-match"), current):
        return wanted.answer(current, None)
    read = partial(fetch_tile, state.database, wanted.selection, wanted.address, wanted.most_risks)
    return wanted.answer(current, await state.tiles.get(wanted.key, current, read))
