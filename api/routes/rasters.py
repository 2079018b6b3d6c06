"""``/rasters``: the loaded grids as layers: what each holds, its colours, and its tiles; hillshade likewise."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import has_already, json_answer
from api.deps import AppState, LangParam, StateParam
from api.studio import StudioParam, ThemeParam
from geo.cartography.legend import grid_entries, grid_json
from geo.cartography.raster_tiles import HILLSHADE, RasterSource, RasterTile, raster_sources
from geo.cartography.studio import Studio
from geo.cartography.tile_address import TileAddress
from geo.cartography.underlay import is_dark
from geo.errors import NotFound
from geo.rasters import Light, RasterEntry, rasters_directory
from layers.text import Lang, Text

__all__ = ["raster_base", "router", "told_raster"]

router = APIRouter(tags=["rasters"])

_FILE = re.compile(r"(?P<y>\d{1,9})(?P<double>@2x)?\.png")
_FOR_EVER = "public, max-age=31536000, immutable"

_Azimuth = Annotated[float, Query(description="光源方位角 / of the light, degrees from north", ge=0, le=360)]
_Altitude = Annotated[float, Query(description="光源高度角 / of the light, degrees", ge=5, le=85)]


def raster_base(request: Request) -> str:
    """Where the addresses of tiles begin: the root of whatever host the client sees."""
    return str(request.scope.get("root_path", "")).rstrip("/")


async def _source(state: AppState, name: str, light: Light | None = None) -> RasterSource:
    sources = raster_sources(await state.rasters.entries(), light)
    if name not in sources:
        known = ", ".join(sources) or "—"
        raise NotFound(
            Text(f"没有栅格 {name[:60]!r};已载入 {known}", f"there is no raster {name[:60]!r}; loaded: {known}"),
            field="raster",
        )
    return sources[name]


def told_raster(entry: RasterEntry, lang: Lang) -> dict[str, object]:
    """A grid as the catalogue tells it."""
    (grid,) = grid_entries([entry])
    return {
        "name": entry.name,
        "title": entry.table.title.text().get(lang),
        "kind": entry.kind.value,
        "kind_title": entry.kind.label.get(lang),
        "unit": grid.unit.get(lang) if grid.unit else None,
        "extent": [entry.west, entry.south, entry.east, entry.north],
        "resolution_m": entry.resolution_m,
        "minimum": entry.minimum,
        "maximum": entry.maximum,
        "known_share": entry.known_share,
        "data_date": entry.data_date.isoformat() if entry.data_date else None,
        "demo": entry.demo,
        "legend": grid_json(grid, lang),
    }


@router.get("/rasters", summary="栅格目录 / the loaded grids")
async def list_rasters(request: Request, state: StateParam, lang: LangParam) -> Response:
    """Every loaded grid with its extent, unit, values and colours; whether there is hillshade."""
    entries = await state.rasters.entries()
    told = {"rasters": [told_raster(each, lang) for each in entries], "hillshade": HILLSHADE in raster_sources(entries)}
    return json_answer(request, told)


@router.get("/rasters/{name}", summary="一幅栅格 / one grid")
async def show_raster(request: Request, state: StateParam, lang: LangParam, name: str) -> Response:
    """One grid of the catalogue."""
    source = await _source(state, name)
    if source.light is not None:
        return json_answer(request, {"name": name, "kind": HILLSHADE, "extent": list(source.extent)})
    return json_answer(request, told_raster(source.grids[0], lang))


@router.get("/rasters/{name}/tiles.json", summary="栅格瓦片的 TileJSON / TileJSON of a grid")
async def tilejson(
    request: Request, state: StateParam, studio: StudioParam, lang: LangParam, name: str, theme: ThemeParam = "light"
) -> Response:
    """TileJSON 3.0; the address holds the version, so its tiles may be kept for ever."""
    source = await _source(state, name)
    current = source.version(dark=is_dark(studio.themes.get(theme)))
    base = str(request.base_url).rstrip("/")
    return json_answer(
        request,
        {
            "tilejson": "3.0.0",
            "name": source.title.get(lang),
            "scheme": "xyz",
            "minzoom": 0,
            "maxzoom": source.most_zoom,
            "bounds": list(source.extent),
            "tiles": [f"{base}/rasters/{name}/{{z}}/{{x}}/{{y}}.png?theme={theme}&v={current}"],
        },
    )


@router.get("/rasters/{name}/{z}/{x}/{file}", summary="栅格瓦片 / a raster tile", response_class=Response)
async def tile(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    name: str,
    z: int,
    x: int,
    file: str,
    azimuth: _Azimuth = 315.0,
    altitude: _Altitude = 45.0,
    theme: ThemeParam = "light",
    v: Annotated[str | None, Query(description="版本 / the version, as style.json gives it", max_length=64)] = None,
) -> Response:
    """256 px, or 512 as ``{y}@2x.png``. Cells without a value are transparent."""
    asked = _FILE.fullmatch(file)
    if asked is None:
        raise NotFound(
            Text(f"没有瓦片 {file[:40]!r};例如 6.png、6@2x.png", f"no tile {file[:40]!r}; e.g. 6.png, 6@2x.png")
        )
    address, ratio = TileAddress(z, x, int(asked["y"])), 2 if asked["double"] else 1
    source = await _source(state, name, Light(azimuth, altitude))
    dark = is_dark(studio.themes.get(theme))
    current = source.version(dark=dark)
    etag = f'"{current}-{z}-{x}-{address.y}-{ratio}"'
    headers = {"ETag": etag, "Cache-Control": _FOR_EVER if v == current else "public, no-cache"}
    if has_already(request, etag):
        return Response(status_code=304, headers=headers)
    drawn = await _drawn(state, studio, source, address, ratio, dark=dark, etag=etag)
    return Response(drawn.png, media_type="image/png", headers=headers)


async def _drawn(
    state: AppState, studio: Studio, source: RasterSource, tile: TileAddress, ratio: int, *, dark: bool, etag: str
) -> RasterTile:
    directory = rasters_directory(state.settings.state_directory)
    draw = partial(source.draw, directory, tile, ratio, dark=dark)
    return await studio.drawn.get(("raster", etag), RasterTile, lambda: studio.queue.run(draw))
