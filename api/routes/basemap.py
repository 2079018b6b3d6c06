"""``/basemap``: the raster tiles of one's own that lie under the wall's map, as they are in their file."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from api.answers import has_already, json_answer
from api.deps import AppState, StateParam
from geo.cartography.basemap import LocalTiles, media_type
from geo.cartography.tile_address import TileAddress
from geo.cartography.underlay import LOCAL
from geo.errors import NotFound
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["basemap"])


async def _opened(state: AppState) -> LocalTiles:
    """The basemap.

    Raises:
        NotFound: none is configured. FileUnreadable: it cannot be used.
    """
    if state.basemap is None:
        raise NotFound(
            Text(
                f"没有配置本地底图;请设置 ONEMAP_BASEMAP(basemap={LOCAL})",
                f"no basemap of one's own is configured; set ONEMAP_BASEMAP (basemap={LOCAL})",
            )
        )
    return await asyncio.to_thread(state.basemap.tiles)


@router.get("/basemap.json", summary="底图的 TileJSON / TileJSON of the basemap")
async def tilejson(request: Request, state: StateParam) -> Response:
    """TileJSON 3.0 of the configured tiles."""
    found = await _opened(state)
    base = str(request.base_url).rstrip("/")
    told = {"tilejson": "3.0.0", "name": "basemap", "scheme": "xyz", "attribution": found.attribution}
    told |= {"minzoom": found.least_zoom, "maxzoom": found.most_zoom}  # type: ignore[dict-item]  # numbers beside words
    return json_answer(request, {**told, "tiles": [f"{base}/basemap/{{z}}/{{x}}/{{y}}?v={found.version}"]})


@router.get("/basemap/{z}/{x}/{y}", summary="底图瓦片 / a tile of the basemap", response_class=Response)
async def tile(request: Request, state: StateParam, z: int, x: int, y: int, v: str | None = None) -> Response:
    """The tile's own bytes; 404 where the file has none."""
    return await _answer(request, state, TileAddress(z, x, y), v)


async def _answer(request: Request, state: AppState, address: TileAddress, asked: str | None) -> Response:
    found = await _opened(state)
    etag = f'"{found.version}-{address.z}-{address.x}-{address.y}"'
    forever = "public, max-age=31536000, immutable"
    headers = {"ETag": etag, "Cache-Control": forever if asked == found.version else "public, no-cache"}
    if has_already(request, etag):
        return Response(status_code=304, headers=headers)
    content = await asyncio.to_thread(found.tile, address)
    if content is None:
        told = f"{address.z}/{address.x}/{address.y}"
        raise NotFound(Text(f"底图没有瓦片 {told}", f"the basemap has no tile {told}"))
    return Response(content, media_type=media_type(content), headers=headers)
