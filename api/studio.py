"""The service's one studio as a dependency, and the parameters that all maps share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request

from api.deps import StateParam
from geo.cartography.studio import Studio
from geo.errors import InputError
from geo.selection import Box
from layers.text import Text

__all__ = ["BoxParam", "StudioParam", "ThemeParam", "close_studio", "parse_box"]


async def _studio(request: Request, state: StateParam) -> Studio:
    """Made at the first request that draws: a service that never draws starts no threads."""
    studio = getattr(request.app.state, "studio", None)
    if studio is None:
        studio = Studio(state.registry, threads=state.settings.render_threads, waiting=state.settings.render_queue)
        request.app.state.studio = studio
    assert isinstance(studio, Studio)
    return studio


def close_studio(app: FastAPI) -> None:
    """End the threads of a service that has drawn."""
    studio = getattr(app.state, "studio", None)
    if isinstance(studio, Studio):
        studio.close()


StudioParam = Annotated[Studio, Depends(_studio)]
ThemeParam = Annotated[str, Query(description="light, dark, print …", max_length=64)]


def parse_box(bbox: str) -> Box:
    """``west,south,east,north`` in degrees.

    Raises:
        InputError: not four finite numbers in range and order.
    """
    wrong = InputError(
        Text(
            f"bbox={bbox[:80]!r} 应为 西,南,东,北(度),且西<东、南<北",
            f"bbox={bbox[:80]!r} should be west,south,east,north in degrees, west < east and south < north",
        ),
        field="bbox",
    )
    try:
        west, south, east, north = (float(part) for part in bbox.split(","))
    except ValueError as error:
        raise wrong from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise wrong
    return Box(west, south, east, north)


async def _box(bbox: Annotated[str | None, Query(description="west,south,east,north")] = None) -> Box | None:
    return None if bbox is None else parse_box(bbox)


BoxParam = Annotated[Box | None, Depends(_box)]
