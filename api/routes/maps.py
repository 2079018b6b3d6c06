"""``/maps/image``: a rendered map of a box, or of a place and what lies around it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Annotated

import shapely
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import has_already
from api.deps import AppState, GradesParam, LangParam, LayersParam, ReaderParam, StateParam, parse_list
from api.studio import BoxParam, GroundParam, GroundWords, StudioParam, ThemeParam
from geo.cartography.picture import Picture, PictureSpec, Question, draw_picture
from geo.cartography.picture_request import FEATURE_REACH_M, MEDIA_TYPES, make_frame, read_format, read_radii, read_size
from geo.cartography.studio import Studio
from geo.cartography.versions import fetch_revisions, version
from geo.crs import Crs
from geo.errors import InputError
from geo.risk.places import around_division, around_feature
from geo.risk.where import around_geometry
from geo.selection import Box, Reader, Selection
from layers.layer import Family
from layers.text import Lang, Text

__all__ = ["router"]

router = APIRouter(tags=["maps"])


async def _question(
    state: StateParam,
    reader: ReaderParam,
    lon: Annotated[float | None, Query(description="经度 / longitude of the asked place")] = None,
    lat: Annotated[float | None, Query(description="纬度 / latitude of the asked place")] = None,
    radius_m: Annotated[str | None, Query(description="半径(米),可多个 / radii in metres, drawn as rings")] = None,
    crs: Annotated[str, Query(description="lon、lat 的坐标系 / CRS of lon and lat")] = "CRS84",
    feature: Annotated[str | None, Query(description="图层/来源/编号 / around this feature's shape")] = None,
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    bbox: Annotated[str | None, Query(description="west,south,east,north")] = None,
) -> Question | None:
    """What the map is about: a place, a feature, or, where nothing else says what is shown, a division."""
    radii = parse_list(radius_m, "radius_m", float) if radius_m is not None else []
    rings = read_radii(radii, state.settings.radius_max_m)
    limits = state.settings.where_limits()
    if feature is not None:
        found = Question.about(await around_feature(state.database, state.registry, feature, reader, limits), rings)
        # A point alone has no extent: what lies within a kilometre is shown around it.
        return found if found.where is not None or rings else replace(found, rings_m=(FEATURE_REACH_M,))
    if lon is None and lat is None:
        if division is not None and bbox is None:
            return Question.about(
                await around_division(state.database, state.registry, division, reader, limits), rings
            )
        if radius_m is None:
            return None
    if lon is None or lat is None:
        raise InputError(
            Text("lon 与 lat 要一起给出", "lon and lat are given together"), field="lon" if lon is None else "lat"
        )
    return Question(*Crs.parse(crs).point_to_cgcs2000(lon, lat), rings)


@dataclass(frozen=True, slots=True)
class _Look:
    """The parameters that say how a map looks."""

    size: str
    scale: float
    labels: bool
    legend: bool
    strip: bool
    graticule: bool


def _look(
    size: Annotated[str, Query(description="宽x高,像素 / width×height in px", max_length=20)] = "1200x800",
    scale: Annotated[float, Query(description="像素倍率 / device pixels per pixel", ge=0.5, le=4)] = 1.0,
    dpi: Annotated[float | None, Query(description="分辨率,代替 scale / instead of scale", ge=48, le=384)] = None,
    labels: Annotated[bool, Query(description="注记 / names")] = True,
    legend: Annotated[bool, Query(description="图例 / legend column")] = True,
    strip: Annotated[bool, Query(description="比例尺与说明 / scale bar and notes")] = True,
    graticule: Annotated[bool, Query(description="经纬网 / graticule")] = False,
) -> _Look:
    return _Look(size, scale if dpi is None else dpi / 96, labels, legend, strip, graticule)


@dataclass(frozen=True)
class _Asked:
    """All parameters that both ways of asking share."""

    request: Request
    state: AppState
    studio: Studio
    selection: Selection
    lang: Lang
    look: _Look
    box: Box | None
    theme: str
    ground: GroundWords


def _asked(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    lang: LangParam,
    layers: LayersParam,
    grades: GradesParam,
    box: BoxParam,
    look: Annotated[_Look, Depends(_look)],
    ground: GroundParam,
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    theme: ThemeParam = "light",
) -> _Asked:
    selection = Selection(layers, None, grades, division, reader)
    return _Asked(request, state, studio, selection, lang, look, box, theme, ground)


_AskedParam = Annotated[_Asked, Depends(_asked)]


@router.get("/maps/image.{kind}", summary="制图 / a rendered map", response_class=Response)
async def image(asked: _AskedParam, question: Annotated[Question | None, Depends(_question)], kind: str) -> Response:
    """PNG, WebP, PDF or SVG of ``bbox``, of rings around a place or a feature, or of a division."""
    return await _drawn(asked, question, kind)


class ShapeBody(BaseModel):
    """A drawn shape, and the radii of the rings around it."""

    model_config = ConfigDict(extra="forbid")

    geometry: dict[str, object] = Field(description="GeoJSON geometry")
    crs: str = "CRS84"
    radius_m: list[float] = []


@router.post("/maps/image.{kind}", summary="按图形制图 / a map of a drawn shape", response_class=Response)
async def image_of_shape(asked: _AskedParam, kind: str, body: ShapeBody) -> Response:
    """The same with the shape of a query drawn on it, and the rings around that."""
    try:
        shape = shapely.from_geojson(json.dumps(body.geometry))
    except (shapely.errors.GEOSException, ValueError) as error:
        raise InputError(
            Text(f"geometry 不是有效的 GeoJSON:{error}", f"geometry is no valid GeoJSON: {error}"), field="geometry"
        ) from error
    where = around_geometry(shape, Crs.parse(body.crs), asked.state.settings.where_limits())
    question = Question.about(where, read_radii(body.radius_m, asked.state.settings.radius_max_m))
    return await _drawn(asked, question, kind)


async def _drawn(asked: _Asked, question: Question | None, kind: str) -> Response:
    image_format, look, state, studio = read_format(kind), asked.look, asked.state, asked.studio
    size = read_size(look.size, state.settings.image_max_px, look.scale)
    spec = PictureSpec(
        asked.selection,
        make_frame(asked.box, question, size, legend=look.legend, strip=look.strip),
        asked.theme,
        asked.lang,
        question,
        look.labels,
        image_format,
        look.scale,
        look.graticule,
        asked.ground.underlay(studio, await state.rasters.entries()),
    )
    base = [layer.name for layer in state.registry.values() if layer.family is Family.BASE]
    revisions = await fetch_revisions(state.database, [*base, *(layer.name for layer in asked.selection.layers)])
    further = (studio.style_version(asked.theme), spec, sorted(revisions.items()))
    etag = f'"{version(spec.selection, revisions, further)}"'
    whose = "public" if asked.selection.reader == Reader() else "private"
    headers = {"ETag": etag, "Cache-Control": f"{whose}, no-cache", "Vary": "Accept-Language"}
    if has_already(asked.request, etag):
        return Response(status_code=304, headers=headers)
    drawn = await studio.drawn.get(("image", etag), Picture, lambda: draw_picture(studio, state.database, spec))
    return Response(drawn.content, media_type=MEDIA_TYPES[image_format], headers={**headers, **_truncation(drawn)})


def _truncation(drawn: Picture) -> dict[str, str]:
    """What the picture does not show, for clients that do not read its strip."""
    told = {}
    if drawn.left_out:
        cut = (f"{name}={left}/{total}" for name, (left, total) in drawn.left_out.items())
        told["X-Onemap-Truncated"] = ", ".join(cut)
    missing, asked = drawn.missing_tiles
    if missing:
        told["X-Onemap-Basemap-Missing"] = f"{missing}/{asked}"
    return told
