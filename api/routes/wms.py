"""``/wms``: Web Map Service 1.3.0 and 1.1.1, for QGIS, ArcGIS, SuperMap, GeoServer and whoever else draws maps."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from fastapi import APIRouter, Request, Response

from api.answers import cached, has_already
from api.deps import AppState, LangParam, ReaderParam, StateParam
from api.ogc import extents_of, info_answer, offered_layers, offered_themes, ogc_status
from api.studio import StudioParam
from geo.cartography.kvp import Kvp, wrong
from geo.cartography.legend import fetch_counts, grid_entries, legend_entries
from geo.cartography.legend_picture import draw_legend
from geo.cartography.ogc_crs import MAP_CRSS
from geo.cartography.ogc_errors import OgcError, WmsVersion, service_exception_report
from geo.cartography.ogc_offer import Offer
from geo.cartography.picture_request import MEDIA_TYPES
from geo.cartography.service_frame import service_frame
from geo.cartography.service_picture import ServicePicture, draw_message, draw_service_picture
from geo.cartography.studio import Studio
from geo.cartography.versions import fetch_revisions, version
from geo.cartography.wms_capabilities import wms_capabilities
from geo.cartography.wms_names import read_filters, read_layers, read_style
from geo.cartography.wms_request import IMAGE_FORMATS, negotiate, read_info, read_map, read_version
from geo.errors import OnemapError
from geo.selection import Reader, Selection
from layers.text import Lang, Text

__all__ = ["router"]

router = APIRouter(tags=["ogc"])

_log = structlog.get_logger("onemap.wms")
_OPERATIONS = ("GetCapabilities", "GetMap", "GetFeatureInfo", "GetLegendGraphic")


@dataclass(frozen=True)
class _Call:
    """One request: its parameters, and what answers them."""

    request: Request
    kvp: Kvp
    state: AppState
    studio: Studio
    reader: Reader
    lang: Lang

    @property
    def control(self) -> str:
        """Scoped answers stay private; all are asked for again, and mostly answered with 304."""
        return f"{'public' if self.reader == Reader() else 'private'}, no-cache"


@router.get("/wms", summary="WMS 1.3.0 / 1.1.1", response_class=Response)
async def wms(
    request: Request, state: StateParam, studio: StudioParam, reader: ReaderParam, lang: LangParam
) -> Response:
    """GetCapabilities, GetMap, GetFeatureInfo, GetLegendGraphic. Parameter names in any case; ``lang`` zh or en.

    Besides the standard's parameters: ``GRADES`` and ``DIVISION`` as everywhere, ``DPI``, ``MAP_RESOLUTION`` or
    ``FORMAT_OPTIONS=dpi:…`` for prints, and ``BUFFER`` for GetFeatureInfo.
    """
    call = _Call(request, Kvp(request.query_params.multi_items()), state, studio, reader, lang)
    try:
        return await _answer(call)
    except OnemapError as error:
        return await _refusal(call, error)


async def _answer(call: _Call) -> Response:
    kvp = call.kvp
    service = kvp.text("SERVICE")
    if service is not None and service.upper() != "WMS":
        raise wrong("SERVICE", service, Text("WMS", "WMS"))
    asked = kvp.need("REQUEST")
    folded = {name.lower(): name for name in (*_OPERATIONS, "capabilities", "map")}.get(asked.lower())
    if folded in ("GetCapabilities", "capabilities"):
        return await _capabilities(call)
    if folded in ("GetMap", "map"):
        return await _map(call, read_version(kvp))
    if folded == "GetFeatureInfo":
        return await _info(call, read_version(kvp))
    if folded == "GetLegendGraphic":
        return await _legend(call)
    known = ", ".join(_OPERATIONS)
    raise OgcError(
        "OperationNotSupported",
        Text(f"没有操作 {asked[:60]!r};可用 {known}", f"no operation {asked[:60]!r}; use {known}"),
        "REQUEST",
    )


async def _capabilities(call: _Call) -> Response:
    offer = Offer(
        call.state.registry,
        await extents_of(call.state, call.reader),
        offered_themes(call.studio),
        str(call.request.base_url).rstrip("/"),
        call.state.settings.image_max_px,
        call.lang,
        list((await offered_layers(call.state)).grids.values()),
    )
    asked = call.kvp.text("VERSION") or call.kvp.text("WMTVER")
    body, media_type = wms_capabilities(offer, negotiate(asked))
    return cached(call.request, body, media_type, cache_control=call.control)


async def _map(call: _Call, wms_version: WmsVersion) -> Response:
    offered, most_px = await offered_layers(call.state), call.state.settings.image_max_px
    wanted = read_map(call.kvp, wms_version, offered, call.studio.themes, most_px)
    selection = Selection(wanted.layers, None, wanted.grades, wanted.division, call.reader)
    revisions = await fetch_revisions(call.state.database, (layer.name for layer in wanted.layers))
    etag = f'"{version(selection, revisions, (call.studio.style_version(wanted.theme), wanted))}"'
    headers = {"ETag": etag, "Cache-Control": call.control}
    if has_already(call.request, etag):
        return Response(status_code=304, headers=headers)
    drawn = await call.studio.drawn.get(
        ("wms", etag),
        ServicePicture,
        lambda: draw_service_picture(
            call.studio,
            call.state.database,
            selection,
            wanted.frame,
            wanted.theme,
            wanted.background,
            wanted.image_format,
            wanted.scale,
            wanted.grids,
        ),
    )
    if drawn.left_out:
        cut = ", ".join(f"{name}={left}/{total}" for name, (left, total) in drawn.left_out.items())
        headers["X-Onemap-Truncated"] = cut
    return Response(drawn.content, media_type=_media_type(wanted.image_format), headers=headers)


def _media_type(image_format: str) -> str:
    return next(media_type for media_type, known in IMAGE_FORMATS.items() if known == image_format)


async def _info(call: _Call, wms_version: WmsVersion) -> Response:
    offered, most_px = await offered_layers(call.state), call.state.settings.image_max_px
    wanted = read_info(call.kvp, wms_version, offered, call.studio.themes, most_px)
    word = call.kvp.text("INFO_FORMAT")
    return await info_answer(call.request, call.state, call.studio, call.reader, call.lang, wanted, word)


async def _legend(call: _Call) -> Response:
    """Every class of a layer; with ``BBOX`` and ``CRS`` what lies there, counted."""
    kvp, state, studio = call.kvp, call.state, call.studio
    offered = await offered_layers(state)
    shown = read_layers(kvp, "LAYER", offered)
    grids = grid_entries(each for grid in reversed(shown.grids) if grid.light is None for each in grid.grids)
    theme = studio.themes.get(read_style([kvp.text("STYLE") or ""], studio.themes, "STYLE"))
    word = (kvp.text("FORMAT") or "image/png").lower()
    image_format = IMAGE_FORMATS.get(word)
    if image_format not in MEDIA_TYPES or image_format is None:
        known = ", ".join(MEDIA_TYPES.values())
        raise OgcError(
            "InvalidFormat",
            Text(f"没有格式 {word[:60]!r};可用 {known}", f"no format {word[:60]!r}; use {known}"),
            "FORMAT",
        )
    dpi = kvp.number("DPI", 20, 600) or 96.0
    top_first = tuple(reversed(shown.layers))
    entries = legend_entries(studio.symbologies(theme, top_first), {})
    counted = kvp.text("BBOX") is not None
    if counted:
        wms_version = read_version(kvp)
        area = read_map(
            Kvp([*kvp.pairs(), ("LAYERS", kvp.need("LAYER")), ("WIDTH", "256"), ("HEIGHT", "256")]),
            wms_version,
            offered,
            studio.themes,
            state.settings.image_max_px,
        ).frame.box
        grades, division = read_filters(kvp)
        counts = await fetch_counts(state.database, Selection(top_first, area, grades, division, call.reader))
        entries = legend_entries(studio.symbologies(theme, top_first), counts)
    drawn = await studio.queue.run(
        lambda: draw_legend(studio, theme, entries, call.lang, image_format, dpi / 96.0, counted=counted, grids=grids)
    )
    return cached(call.request, drawn, MEDIA_TYPES[image_format], cache_control=call.control)


async def _refusal(call: _Call, error: OnemapError) -> Response:
    """The exception as the client asked for it: XML, or a picture with the sentence or with nothing on it."""
    status, said = ogc_status(error), error.message.get(call.lang)
    if status >= 500:
        _log.error("wms_failed", code=error.code, reason=error.message.en)
    word = (call.kvp.text("EXCEPTIONS") or "XML").upper()
    if word.endswith(("INIMAGE", "BLANK")):
        picture = await _message(call, "" if word.endswith("BLANK") else said)
        if picture is not None:
            return picture
    exception_code = error.exception_code if isinstance(error, OgcError) else None
    newer = (call.kvp.text("VERSION") or "1.3.0") >= "1.3.0"
    body, media_type = service_exception_report("1.3.0" if newer else "1.1.1", exception_code, said)
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "2"} if status == 503 else {})
    return Response(body, status, headers, media_type)


async def _message(call: _Call, said: str) -> Response | None:
    """A picture in the asked size and format; None where these themselves are wrong."""
    try:
        width = call.kvp.integer("WIDTH", 1, call.state.settings.image_max_px)
        height = call.kvp.integer("HEIGHT", 1, call.state.settings.image_max_px)
        transparent, background = call.kvp.boolean("TRANSPARENT"), call.kvp.colour("BGCOLOR", "#FFFFFF")
        image_format = IMAGE_FORMATS.get((call.kvp.text("FORMAT") or "").lower(), "png")
        frame = service_frame(MAP_CRSS["EPSG:3857"], (0.0, 0.0, float(width), float(height)), width, height)
        ground = None if transparent and image_format != "jpeg" else background
        body = await call.studio.queue.run(
            lambda: draw_message(call.studio, "light", frame, said, ground, image_format)
        )
    except OnemapError:
        return None  # told as XML instead
    return Response(body, headers={"Cache-Control": "no-store"}, media_type=_media_type(image_format))
