"""``/wmts``: Web Map Tile Service 1.0.0, as key-value pairs and as plain addresses."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter, Request, Response

from api.answers import cached, has_already
from api.deps import AppState, LangParam, ReaderParam, StateParam
from api.ogc import extents_of, info_answer, offered_layers, offered_themes, ogc_status
from api.studio import StudioParam
from geo.cartography.kvp import Kvp, wrong
from geo.cartography.ogc_errors import OgcError, exception_report
from geo.cartography.ogc_offer import Offer
from geo.cartography.studio import Studio
from geo.cartography.versions import fetch_revisions, version
from geo.cartography.wms_names import read_filters, read_layers, read_style
from geo.cartography.wms_request import IMAGE_FORMATS, read_info
from geo.cartography.wmts_capabilities import TILE_FORMATS, wmts_capabilities
from geo.cartography.wmts_grids import TILE_PX, GridTile, find_grid
from geo.cartography.wmts_tiles import fetch_grid_tile
from geo.errors import OnemapError
from geo.selection import Reader, Selection
from layers.text import Lang, Text

__all__ = ["router"]

router = APIRouter(tags=["ogc"])

_log = structlog.get_logger("onemap.wmts")
_LOCATORS = {
    each.upper(): each
    for each in ("Layer", "Style", "Format", "TileMatrixSet", "TileMatrix", "TileRow", "TileCol", "InfoFormat")
}
_LOCATORS |= {"LAYERS": "Layer", "QUERY_LAYERS": "Layer", "STYLES": "Style", "INFO_FORMAT": "InfoFormat"}
_LOCATORS |= {"SERVICE": "service", "REQUEST": "request", "VERSION": "version", "ACCEPTVERSIONS": "AcceptVersions"}
"""The standard's names of parameters, by the names under which requests and WMS know them."""

_INVALID = ("LayerNotDefined", "StyleNotDefined", "InvalidFormat", "LayerNotQueryable", "InvalidDimensionValue")
"""Codes of WMS that WMTS calls ``InvalidParameterValue``."""


@router.get("/wmts", summary="WMTS 1.0.0 (KVP)", response_class=Response)
async def wmts(
    request: Request, state: StateParam, studio: StudioParam, reader: ReaderParam, lang: LangParam
) -> Response:
    """GetCapabilities, GetTile, GetFeatureInfo. Names in any case; ``GRADES`` and ``DIVISION`` as everywhere."""
    kvp = Kvp(request.query_params.multi_items())

    async def answer() -> Response:
        service = kvp.need("SERVICE")
        if service.upper() != "WMTS":
            raise wrong("SERVICE", service, Text("WMTS", "WMTS"))
        operation = kvp.need("REQUEST")
        if operation.lower() == "getcapabilities":
            return await _capabilities(request, state, studio, reader, lang, kvp.text("ACCEPTVERSIONS"))
        if operation.lower() in ("gettile", "getfeatureinfo") and kvp.need("VERSION") != "1.0.0":
            raise wrong("VERSION", kvp.need("VERSION"), Text("1.0.0", "1.0.0"))
        if operation.lower() == "gettile":
            return await _tile(request, state, studio, reader, kvp)
        if operation.lower() == "getfeatureinfo":
            return await _info(request, state, studio, reader, lang, kvp)
        raise OgcError(
            "OperationNotSupported",
            Text(
                f"没有操作 {operation[:60]!r};可用 GetCapabilities, GetTile, GetFeatureInfo",
                f"no operation {operation[:60]!r}; use GetCapabilities, GetTile, GetFeatureInfo",
            ),
            "REQUEST",
        )

    return await _told(answer, lang)


@router.get("/wmts/1.0.0/WMTSCapabilities.xml", summary="WMTS 1.0.0 (REST)", response_class=Response)
async def capabilities(
    request: Request, state: StateParam, studio: StudioParam, reader: ReaderParam, lang: LangParam
) -> Response:
    """The capabilities at a plain address."""
    return await _told(lambda: _capabilities(request, state, studio, reader, lang, None), lang)


@router.get(
    "/wmts/1.0.0/{layer}/{style}/{matrix_set}/{matrix}/{row}/{file}",
    summary="WMTS 瓦片 / a WMTS tile (REST)",
    response_class=Response,
)
async def tile(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    lang: LangParam,
    layer: str,
    style: str,
    matrix_set: str,
    matrix: str,
    row: str,
    file: str,
) -> Response:
    """A tile at a plain address: ``…/{TileRow}/{TileCol}.png`` or ``.webp``."""
    column, _, ending = file.rpartition(".")
    media_type = next((known for known, its_ending in TILE_FORMATS.items() if its_ending == ending), file)
    pairs = {"LAYER": layer, "STYLE": style, "TILEMATRIXSET": matrix_set, "TILEMATRIX": matrix}
    pairs |= {"TILEROW": row, "TILECOL": column, "FORMAT": media_type}
    kvp = Kvp([*pairs.items(), *request.query_params.multi_items()])
    return await _told(lambda: _tile(request, state, studio, reader, kvp), lang)


async def _capabilities(
    request: Request, state: AppState, studio: Studio, reader: Reader, lang: Lang, accepted: str | None
) -> Response:
    if accepted is not None and "1.0.0" not in accepted.split(","):
        raise OgcError(
            "VersionNegotiationFailed",
            Text(
                f"ACCEPTVERSIONS={accepted[:60]!r}:只有 1.0.0", f"ACCEPTVERSIONS={accepted[:60]!r}: there is only 1.0.0"
            ),
            "ACCEPTVERSIONS",
        )
    offer = Offer(
        state.registry,
        await extents_of(state, reader),
        offered_themes(studio),
        str(request.base_url).rstrip("/"),
        state.settings.image_max_px,
        lang,
        list((await offered_layers(state)).grids.values()),
    )
    return cached(request, wmts_capabilities(offer), "text/xml", cache_control=f"{_whose(reader)}, no-cache")


async def _tile(request: Request, state: AppState, studio: Studio, reader: Reader, kvp: Kvp) -> Response:
    shown = read_layers(kvp, "LAYER", await offered_layers(state))
    theme = read_style([kvp.text("STYLE") or ""], studio.themes, "STYLE")
    media_type = kvp.need("FORMAT").lower()
    if media_type not in TILE_FORMATS:
        raise wrong("FORMAT", media_type, Text(" 或 ".join(TILE_FORMATS), " or ".join(TILE_FORMATS)))
    found = _address(kvp)
    grades, division = read_filters(kvp)
    selection = Selection(shown.layers, None, grades, division, reader)
    revisions = await fetch_revisions(state.database, (layer.name for layer in shown.layers))
    further = (studio.style_version(theme), media_type, found.grid.name, shown.grids)
    current = version(selection, revisions, further)
    etag = f'"{current}-{found.level}-{found.row}-{found.column}"'
    headers = {"ETag": etag, "Cache-Control": f"{_whose(reader)}, no-cache"}
    if has_already(request, etag):
        return Response(status_code=304, headers=headers)
    drawn = await fetch_grid_tile(
        studio, state.database, selection, found, theme, IMAGE_FORMATS[media_type], current, shown.grids
    )
    if drawn.left_out:
        cut = ", ".join(f"{name}={left}/{total}" for name, (left, total) in drawn.left_out.items())
        headers["X-Onemap-Truncated"] = cut
    return Response(drawn.content, media_type=media_type, headers=headers)


def _address(kvp: Kvp) -> GridTile:
    """The tile that is asked for, or asked about."""
    grid = find_grid(kvp.need("TILEMATRIXSET"))
    # Some clients write the set's name before the level: EPSG:4490:7.
    level = re.sub(r"^.*:(?=\d+$)", "", kvp.need("TILEMATRIX"))
    return GridTile(
        grid,
        Kvp([("TILEMATRIX", level)]).integer("TILEMATRIX", 0, 99),
        kvp.integer("TILECOL", -999_999_999, 999_999_999),
        kvp.integer("TILEROW", -999_999_999, 999_999_999),
    )


async def _info(request: Request, state: AppState, studio: Studio, reader: Reader, lang: Lang, kvp: Kvp) -> Response:
    """What lies under a pixel of a tile (OGC 07-057r7 clause 7.3): as in WMS, of a map of that one tile."""
    found = _address(kvp)
    extent = found.grid.crs.ordered(found.grid.extent(found.level, found.column, found.row), by_authority=True)
    asked = {"LAYERS": kvp.need("LAYER"), "QUERY_LAYERS": kvp.need("LAYER"), "STYLES": kvp.text("STYLE") or ""}
    asked |= {"CRS": found.grid.crs.code, "BBOX": ",".join(f"{number!r}" for number in extent)}
    asked |= {"WIDTH": str(TILE_PX), "HEIGHT": str(TILE_PX), "I": kvp.need("I"), "J": kvp.need("J")}
    kept = [(name, value) for name, value in kvp.pairs() if name in ("GRADES", "DIVISION", "FEATURE_COUNT", "BUFFER")]
    wanted = read_info(
        Kvp([*asked.items(), *kept]), "1.3.0", await offered_layers(state), studio.themes, state.settings.image_max_px
    )
    return await info_answer(request, state, studio, reader, lang, wanted, kvp.need("INFOFORMAT"))


def _whose(reader: Reader) -> str:
    return "public" if reader == Reader() else "private"


async def _told(answer: Callable[[], Awaitable[Response]], lang: Lang) -> Response:
    """The answer, or the OWS report of why there is none."""
    try:
        return await answer()
    except OnemapError as error:
        status = ogc_status(error)
        if status >= 500:
            _log.error("wmts_failed", code=error.code, reason=error.message.en)
        exception_code = error.exception_code if isinstance(error, OgcError) else "NoApplicableCode"
        exception_code = "InvalidParameterValue" if exception_code in _INVALID else exception_code
        exception_code = "PointIJOutOfRange" if exception_code == "InvalidPoint" else exception_code
        locator = _LOCATORS.get(error.field or "", error.field)
        body = exception_report(exception_code, error.message.get(lang), locator, lang)
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": "2"} if status == 503 else {})
        return Response(body, 501 if exception_code == "OperationNotSupported" else status, headers, "text/xml")
