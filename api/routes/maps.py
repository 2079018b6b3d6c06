"""``/maps/image``: a rendered map of a box, or of a place and what lies around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.deps import GradesParam, LangParam, LayersParam, ReaderParam, StateParam, parse_list
from api.studio import BoxParam, StudioParam, ThemeParam
from geo.cartography.picture import Picture, PictureSpec, Question, draw_picture
from geo.cartography.picture_request import MEDIA_TYPES, make_frame, read_format, read_radii, read_size
from geo.cartography.versions import fetch_revisions, version
from geo.crs import Crs
from geo.errors import InputError
from geo.selection import Reader, Selection
from layers.layer import Family
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["maps"])


def _question(
    state: StateParam,
    lon: Annotated[float | None, Query(description="经度 / longitude of the asked place")] = None,
    lat: Annotated[float | None, Query(description="纬度 / latitude of the asked place")] = None,
    radius_m: Annotated[str | None, Query(description="半径(米),可多个 / radii in metres, drawn as rings")] = None,
    crs: Annotated[str, Query(description="lon、lat 的坐标系 / CRS of lon and lat")] = "CRS84",
) -> Question | None:
    if lon is None and lat is None and radius_m is None:
        return None
    if lon is None or lat is None:
        raise InputError(
            Text("lon 与 lat 要一起给出", "lon and lat are given together"), field="lon" if lon is None else "lat"
        )
    place = Crs.parse(crs).point_to_cgcs2000(lon, lat)
    radii = parse_list(radius_m, "radius_m", float) if radius_m is not None else []
    return Question(*place, read_radii(radii, state.settings.radius_max_m))


@dataclass(frozen=True, slots=True)
class _Look:
    """The parameters that say how a map looks."""

    size: str
    scale: float
    labels: bool
    legend: bool
    strip: bool


def _look(
    size: Annotated[str, Query(description="宽x高,像素 / width×height in px", max_length=20)] = "1200x800",
    scale: Annotated[float, Query(description="像素倍率 / device pixels per pixel", ge=0.5, le=4)] = 1.0,
    labels: Annotated[bool, Query(description="注记 / names")] = True,
    legend: Annotated[bool, Query(description="图例 / legend column")] = True,
    strip: Annotated[bool, Query(description="比例尺与说明 / scale bar and notes")] = True,
) -> _Look:
    return _Look(size, scale, labels, legend, strip)


@router.get("/maps/image.{kind}", summary="制图 / a rendered map", response_class=Response)
async def image(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    lang: LangParam,
    layers: LayersParam,
    grades: GradesParam,
    box: BoxParam,
    question: Annotated[Question | None, Depends(_question)],
    look: Annotated[_Look, Depends(_look)],
    kind: str,
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    theme: ThemeParam = "light",
) -> Response:
    """PNG, WebP, PDF or SVG of ``bbox``, or of the rings ``radius_m`` around a place; with legend and scale bar."""
    image_format = read_format(kind)
    size = read_size(look.size, state.settings.image_max_px, look.scale)
    frame = make_frame(box, question, size, legend=look.legend, strip=look.strip)
    spec = PictureSpec(
        Selection(layers, None, grades, division, reader),
        frame,
        theme,
        lang,
        question,
        look.labels,
        image_format,
        look.scale,
    )
    base = [layer.name for layer in state.registry.values() if layer.family is Family.BASE]
    revisions = await fetch_revisions(state.database, [*base, *(layer.name for layer in layers)])
    further = (studio.style_version(theme), spec, sorted(revisions.items()))
    etag = f'"{version(spec.selection, revisions, further)}"'
    whose = "public" if reader == Reader() else "private"
    headers = {"ETag": etag, "Cache-Control": f"{whose}, no-cache", "Vary": "Accept-Language"}
    known_tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if etag in known_tags or "*" in known_tags:
        return Response(status_code=304, headers=headers)
    drawn = await draw_picture(studio, state.database, spec)
    return Response(drawn.content, media_type=MEDIA_TYPES[image_format], headers={**headers, **_truncation(drawn)})


def _truncation(drawn: Picture) -> dict[str, str]:
    if not drawn.left_out:
        return {}
    return {"X-Onemap-Truncated": ", ".join(f"{name}={left}/{total}" for name, (left, total) in drawn.left_out.items())}
