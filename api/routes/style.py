"""``/style.json`` and ``/sprites``: how the layers look, for MapLibre."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request, Response

from api.answers import cached, json_answer
from api.deps import LangParam, ReaderParam, StateParam
from api.routes.tiles import tile_urls
from api.studio import StudioParam, ThemeParam
from geo.errors import NotFound
from layers.text import Text

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
    return json_answer(request, studio.style(theme, lang, urls, sprite))


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
