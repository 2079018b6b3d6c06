"""The service's one studio as a dependency, and the parameters that all maps share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request

from api.deps import StateParam, parse_list
from api.settings import Settings
from geo.cartography.basemap import Basemap
from geo.cartography.own_basemap import OwnBasemap
from geo.cartography.studio import Studio
from geo.cartography.tianditu import Tianditu
from geo.cartography.underlay import OWN, Grounds, Underlay
from geo.errors import InputError
from geo.rasters import Light, RasterEntry, rasters_directory
from geo.selection import Box
from layers.registry import Registry
from layers.text import Text

__all__ = [
    "BoxParam",
    "GroundParam",
    "GroundWords",
    "StudioParam",
    "ThemeParam",
    "close_studio",
    "make_studio",
    "parse_box",
]


def make_studio(registry: Registry, settings: Settings, local: OwnBasemap | None, *, alone: bool = False) -> Studio:
    """A studio as the settings say, over a basemap of one's own; ``alone`` for a command that draws one map.

    Raises:
        ThemeError: a bureau's own theme is wrong.
    """
    return Studio(
        registry,
        own_themes=settings.themes,
        threads=1 if alone else settings.render_threads,
        waiting=0 if alone else settings.render_queue,
        cache_bytes=0 if alone else settings.picture_cache_mb * 2**20,
        themes_kept=settings.icon_themes_max,
        state_directory=settings.state_directory,
        grounds=Grounds(rasters_directory(settings.state_directory), _basemaps(settings), local),
    )


def _basemaps(settings: Settings) -> dict[str, Basemap]:
    found: list[Basemap] = []
    if settings.tianditu_key is not None:
        layers = [layer.strip() for layer in settings.tianditu_layers.split(",")]
        key, url = settings.tianditu_key.get_secret_value(), settings.tianditu_url
        found.append(Tianditu(key, layers, url=url, timeout_s=settings.tianditu_timeout_s))
    return {each.name: each for each in found}


@dataclass(frozen=True, slots=True)
class GroundWords:
    """What a request says about what lies under the features."""

    basemap: str
    rasters: tuple[str, ...]
    light: Light | None

    def underlay(self, studio: Studio, entries: tuple[RasterEntry, ...]) -> Underlay:
        """What these words ask for.

        Raises:
            InputError: a basemap or a grid that is not there.
        """
        return studio.grounds.underlay(self.basemap, self.rasters, self.light, entries)


async def _ground(
    basemap: Annotated[str, Query(description="own, none, tiles, tianditu", max_length=40)] = OWN,
    rasters: Annotated[str | None, Query(description="栅格名,逗号分隔,下层在前 / grids, the lowest first")] = None,
    hillshade: Annotated[bool, Query(description="地形晕渲 / hillshade from the grids of heights")] = False,
    azimuth: Annotated[float, Query(description="光源方位角 / of the light, degrees from north", ge=0, le=360)] = 315.0,
    altitude: Annotated[float, Query(description="光源高度角 / of the light, degrees", ge=5, le=85)] = 45.0,
) -> GroundWords:
    names = tuple(parse_list(rasters, "rasters", str)) if rasters else ()
    return GroundWords(basemap, names, Light(azimuth, altitude) if hillshade else None)


GroundParam = Annotated[GroundWords, Depends(_ground)]


async def _studio(request: Request, state: StateParam) -> Studio:
    """Made at the first request that draws: a service that never draws starts no threads."""
    studio = getattr(request.app.state, "studio", None)
    if studio is None:
        studio = make_studio(state.registry, state.settings, state.basemap)
        request.app.state.studio = studio
    assert isinstance(studio, Studio)
    return studio


def close_studio(app: FastAPI) -> None:
    """End the threads of a service that has drawn, and close its basemap."""
    studio = getattr(app.state, "studio", None)
    if isinstance(studio, Studio):
        studio.close()
    if app.state.onemap.basemap is not None:
        app.state.onemap.basemap.close()


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
