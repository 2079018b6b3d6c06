"""What the doors of the OGC share: the status of a refusal, what they offer, and the answer about a place."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response

from api.answers import cached
from api.deps import AppState
from api.errors import STATUSES
from geo.cartography.grid_info import read_grid_info
from geo.cartography.ogc_crs import Extent
from geo.cartography.ogc_errors import OgcError
from geo.cartography.raster_tiles import ogc_sources
from geo.cartography.studio import Studio
from geo.cartography.theme import Theme
from geo.cartography.wms_info import INFO_FORMATS, fetch_info, info_policy, with_grids, write_info
from geo.cartography.wms_names import DEFAULT_THEME, Offered
from geo.cartography.wms_request import InfoRequest
from geo.errors import OnemapError
from geo.rasters import rasters_directory
from geo.selection import Reader
from layers.text import Lang, Text

__all__ = ["extents_of", "info_answer", "offered_layers", "offered_themes", "ogc_status"]


def ogc_status(error: OnemapError) -> int:
    """The HTTP status of an exception report: 400 where the request was wrong."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    return 400 if status == 422 else status


async def extents_of(state: AppState, reader: Reader) -> Mapping[str, Extent]:
    """The extent in degrees of each layer that holds something for this reader."""
    found = await state.catalogue.statistics(state.registry.values(), reader)
    return {name: each.extent for name, each in found.items() if each.extent}


async def offered_layers(state: AppState) -> Offered:
    """The layers and grids that may be named."""
    return Offered(state.registry, ogc_sources(await state.rasters.entries()))


async def info_answer(
    request: Request, state: AppState, studio: Studio, reader: Reader, lang: Lang, wanted: InfoRequest, word: str | None
) -> Response:
    """What a GetFeatureInfo of either service answers; ``word`` is the media type that was asked for.

    Raises:
        OgcError: ``InvalidFormat``.
    """
    media_type = (word or "text/html").lower()
    kind = INFO_FORMATS.get(media_type)
    if kind is None:
        known = ", ".join(INFO_FORMATS)
        raise OgcError(
            "InvalidFormat",
            Text(f"没有格式 {media_type[:60]!r};可用 {known}", f"no format {media_type[:60]!r}; use {known}"),
            "INFO_FORMAT",
        )
    theme = studio.themes.get(wanted.map.theme)
    found = await fetch_info(state.database, wanted, theme, reader)
    directory = rasters_directory(state.settings.state_directory)
    grids = await studio.queue.run(lambda: read_grid_info(directory, wanted, lang)) if wanted.grids else []
    body = write_info(with_grids(found, grids), kind, theme, state.registry, lang)
    whose = "public" if reader == Reader() else "private"
    response = cached(request, body, media_type, cache_control=f"{whose}, no-cache")
    if kind == "html":
        response.headers["Content-Security-Policy"] = info_policy(theme)
    return response


def offered_themes(studio: Studio) -> list[Theme]:
    """The default first: clients take the first style of a list where none is named."""
    names = sorted(studio.themes.names, key=lambda name: name != DEFAULT_THEME)
    return [studio.themes.get(name) for name in names]
