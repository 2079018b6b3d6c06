"""What the doors of the OGC share: the status of a refusal, and tags that a client has already."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from api.deps import AppState
from api.errors import STATUSES
from geo.cartography.ogc_crs import Extent
from geo.cartography.studio import Studio
from geo.cartography.theme import Theme
from geo.cartography.wms_request import DEFAULT_THEME
from geo.errors import OnemapError
from geo.selection import Reader

__all__ = ["extents_of", "has_already", "offered_themes", "ogc_status"]


def ogc_status(error: OnemapError) -> int:
    """The HTTP status of an exception report: 400 where the request was wrong."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    return 400 if status == 422 else status


def has_already(request: Request, etag: str) -> bool:
    """Whether the client sent this tag in ``If-None-Match``."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known


async def extents_of(state: AppState, reader: Reader) -> Mapping[str, Extent]:
    """The extent in degrees of each layer that holds something for this reader."""
    found = await state.catalogue.statistics(state.registry.values(), reader)
    return {name: each.extent for name, each in found.items() if each.extent}


def offered_themes(studio: Studio) -> list[Theme]:
    """The default first: clients take the first style of a list where none is named."""
    names = sorted(studio.themes.names, key=lambda name: name != DEFAULT_THEME)
    return [studio.themes.get(name) for name in names]
