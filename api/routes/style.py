"""``/style.json`` and ``/sprites``: how the layers look, for MapLibre."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from api.answers import cached, json_answer
from api.deps import AppState, LangParam, ReaderParam, StateParam
from api.routes.rasters import raster_base
from api.routes.tiles import tile_urls
from api.studio import StudioParam, ThemeParam
from geo.cartography.raster_tiles import HILLSHADE, raster_sources
from geo.cartography.studio import Studio
from geo.cartography.style_ground import GroundLayer, with_grounds
from geo.cartography.underlay import is_dark
from geo.errors import NotFound
from layers.text import Lang, Text

__all__ = ["router"]

router = APIRouter(tags=["style"])

_SPRITE = re.compile(r"(?P<theme>[A-Za-z0-9_-]{1,64})(@(?P<ratio>\d)x)?\.(?P<kind>json|png)")


@router.get("/style.json", summary="MapLibre 样式 / the MapLibre style")
async def style(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    lang: LangParam,
    theme: ThemeParam = "light",
) -> Response:
    """The style of every layer in a theme. Addresses start at the root, with versions; text needs no outside fonts."""
    studio.themes.get(theme)
    urls = await tile_urls(request, state, studio, reader)
    sprite = f"{str(request.scope.get('root_path', '')).rstrip('/')}/sprites/{theme}?v={studio.style_version(theme)}"
    made = studio.style(theme, lang, urls, sprite)
    return json_answer(request, with_grounds(made, await _grounds(request, state, studio, lang, theme)))


async def _grounds(request: Request, state: AppState, studio: Studio, lang: Lang, theme: str) -> list[GroundLayer]:
    """Basemap, hillshade and grids, from the bottom up; only the basemap is shown from the start.

    A basemap that cannot be used is left out: ``/health/ready`` tells why, and the wall has our own vectors.
    """
    base, dark = raster_base(request), is_dark(studio.themes.get(theme))
    found = []
    if state.basemap is not None and await asyncio.to_thread(state.basemap.why_not) is None:
        local = state.basemap.tiles()
        address = f"{base}/basemap/{{z}}/{{x}}/{{y}}?v={local.version}"
        zooms = (local.least_zoom, local.most_zoom)
        named = Text("底图", "basemap").get(lang)
        found.append(
            GroundLayer("basemap", named, "basemap", address, *zooms, attribution=local.attribution, shown=True)
        )
    sources = raster_sources(await state.rasters.entries())
    for name, each in sorted(sources.items(), key=lambda item: item[0] != HILLSHADE):
        relief = each.light is not None
        which = f"theme={theme}&" if relief else ""
        address = f"{base}/rasters/{quote(name)}/{{z}}/{{x}}/{{y}}.png?{which}v={each.version(dark=dark)}"
        group = "relief" if relief else "rasters"
        found.append(GroundLayer(name, each.title.get(lang), group, address, 0, each.most_zoom, each.extent))
    return found


@router.get("/sprites/{file}", summary="图标集 / the sprite")
async def sprite(request: Request, studio: StudioParam, file: str) -> Response:
    """``{theme}.json``, ``{theme}.png`` and their ``@2x`` and ``@3x``: every mark and hatch of a theme."""
    asked = _SPRITE.fullmatch(file)
    if asked is None:
        raise NotFound(
            Text(f"没有图标集 {file[:60]!r};例如 light@2x.png", f"there is no sprite {file[:60]!r}; e.g. light@2x.png")
        )
    drawn = await studio.sprite(asked["theme"], int(asked["ratio"] or 1))
    versioned = request.query_params.get("v") == studio.style_version(asked["theme"])
    control = "public, max-age=31536000, immutable" if versioned else "no-cache"
    if asked["kind"] == "png":
        return cached(request, drawn.png, "image/png", cache_control=control)
    return cached(request, drawn.index, "application/json", cache_control=control)
