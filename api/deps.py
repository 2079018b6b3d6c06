"""Parameters and shared objects as dependencies, so that parsing is tested without HTTP.

All are ``async``: FastAPI sends a plain function to a thread, which takes longer than what they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request

from api.asked_tiles import AskedTiles
from api.errors import wanted_lang
from api.metrics import Metrics
from api.own_basemap import own_basemap_of
from api.rulebook import named_rules_of
from api.settings import Settings
from geo.cartography.own_basemap import OwnBasemap
from geo.cartography.tile_cache import TileCache
from geo.catalogue import Catalogue
from geo.crs import Crs
from geo.database import Database
from geo.errors import InputError
from geo.events import EventHub
from geo.kept_figures import KeptFigures
from geo.rasters import Grids, rasters_directory
from geo.rasters.catalogue import RasterCatalogue
from geo.revisions import Revisions
from geo.risk import DEFAULT_RULES, Preset, RuleSet, check_layers, read_presets
from geo.scenes import Scene, read_scenes
from geo.selection import Reader, choose_layers
from layers.layer import Family, Layer
from layers.registry import Registry
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = [
    "AppState",
    "GradesParam",
    "LangParam",
    "LayersParam",
    "PlaceParam",
    "ReaderParam",
    "StateParam",
    "parse_grades",
    "parse_layers",
    "parse_list",
    "reader_of",
]


T = TypeVar("T")


@dataclass
class AppState:
    """What ``create_app`` builds once and every route shares."""

    settings: Settings
    registry: Registry
    database: Database
    catalogue: Catalogue = field(init=False)
    figures: KeptFigures = field(init=False)
    events: EventHub = field(init=False)
    revisions: Revisions = field(init=False)
    metrics: Metrics = field(init=False)
    tiles: TileCache = field(init=False)
    asked_tiles: AskedTiles = field(init=False)
    rules: RuleSet = field(init=False)
    rulesets: Mapping[str, RuleSet] = field(init=False)
    presets: Mapping[str, Preset] = field(init=False)
    scenes: Mapping[str, Scene] = field(init=False)
    grids: Grids = field(init=False)
    rasters: RasterCatalogue = field(init=False)
    basemap: OwnBasemap | None = field(init=False)

    def __post_init__(self) -> None:
        self.rulesets = named_rules_of(self.settings)
        for name, each in self.rulesets.items():
            check_layers(each, self.registry, name)
        self.rules = self.rulesets[DEFAULT_RULES]
        self.presets = read_presets(self.settings.presets)
        self.scenes = read_scenes(self.presets, self.settings.scenes)
        self.catalogue = Catalogue(self.database)
        self.figures = KeptFigures(self.database)
        self.grids = Grids(rasters_directory(self.settings.state_directory))
        self.events = EventHub(self.settings.dsn())
        self.revisions = Revisions(self.database, self.events.revisions)
        self.rasters = RasterCatalogue(self.database, self.revisions)
        self.basemap = own_basemap_of(self.settings)
        self.metrics = Metrics()
        self.tiles = TileCache(self.settings.tile_cache_mb * 1_000_000, self.metrics.tile_seconds.observe)
        self.asked_tiles = AskedTiles()
        self.metrics.watch(self)


async def _state(request: Request) -> AppState:
    state = request.app.state.onemap
    assert isinstance(state, AppState)
    return state


StateParam = Annotated[AppState, Depends(_state)]


async def _lang(request: Request) -> Lang:
    return wanted_lang(request)


LangParam = Annotated[Lang, Depends(_lang)]


def parse_list(text: str, field: str, read: Callable[[str], T]) -> list[T]:
    """A comma-separated parameter.

    Raises:
        InputError: an item that ``read`` refuses (ValueError) or no item at all.
    """
    items = [item.strip() for item in text.split(",") if item.strip()]
    try:
        found = [read(item) for item in items]
    except ValueError as error:
        raise InputError(
            Text(f"{field}={text!r} 无法识别", f"{field}={text!r} cannot be read: {error}"), field=field
        ) from error
    if not found:
        raise InputError(Text(f"{field} 为空", f"{field} is empty"), field=field)
    return found


def parse_layers(registry: Registry, layers: str | None, families: str | None) -> tuple[Layer, ...]:
    """Layers as addresses name them, ``shelters,helipads``, of these families; all searchable ones where not named.

    Raises:
        InputError, UnknownLayer: an unknown word, or no family at all.
    """
    chosen = choose_layers(registry, layers.split(",") if layers is not None else None)
    if families is None:
        return chosen
    wanted = set(parse_list(families, "families", Family))
    return tuple(layer for layer in chosen if layer.family in wanted)


async def _layers(
    state: StateParam,
    layers: Annotated[str | None, Query(description="图层名,逗号分隔 / layer names, comma-separated")] = None,
    families: Annotated[str | None, Query(description="risk,resource,protected,monitoring,base")] = None,
) -> tuple[Layer, ...]:
    return parse_layers(state.registry, layers, families)


LayersParam = Annotated[tuple[Layer, ...], Depends(_layers)]


def _grade(word: str) -> RiskGrade | None:
    return None if word == "none" else RiskGrade(word)


def parse_grades(grades: str) -> frozenset[RiskGrade | None]:
    """Grades as addresses write them, ``red,none``.

    Raises:
        InputError: an unknown word, or none at all.
    """
    return frozenset(parse_list(grades, "grades", _grade))


async def _grades(
    grades: Annotated[str | None, Query(description="red,orange,yellow,blue,none")] = None,
) -> frozenset[RiskGrade | None] | None:
    return None if grades is None else parse_grades(grades)


GradesParam = Annotated[frozenset[RiskGrade | None] | None, Depends(_grades)]


async def _place(
    lon: Annotated[float, Query(description="经度(或该坐标系的东坐标) / longitude, or easting in crs")],
    lat: Annotated[float, Query(description="纬度(或北坐标) / latitude, or northing in crs")],
    crs: Annotated[str, Query(description="CRS84, EPSG:4490, EPSG:4513…4554, GCJ02, BD09")] = "CRS84",
) -> tuple[float, float]:
    return Crs.parse(crs).point_to_cgcs2000(lon, lat)


PlaceParam = Annotated[tuple[float, float], Depends(_place)]


def reader_of(request: Request) -> Reader:
    """Who asks. Every door gets its reader here, the one for tiles in memory too."""
    return Reader()


async def _reader(request: Request) -> Reader:
    return reader_of(request)


ReaderParam = Annotated[Reader, Depends(_reader)]
