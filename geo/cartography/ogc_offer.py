"""What WMS and WMTS offer alike: the registry with its extents and themes, and where each legend is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from geo.cartography.furniture import legend_size
from geo.cartography.legend import grid_entries, legend_entries
from geo.cartography.ogc_crs import Extent
from geo.cartography.ogc_errors import WmsVersion
from geo.cartography.raster_tiles import RasterSource
from geo.cartography.symbology import compile_layer
from geo.cartography.theme import Theme
from layers.layer import Layer
from layers.registry import Registry
from layers.text import Lang, Text

__all__ = ["CHINA", "SERVICE_TITLE", "LegendLink", "Offer"]

CHINA: Extent = (73.0, 3.0, 136.0, 54.0)
"""The extent of a layer that holds nothing yet, in degrees."""

SERVICE_TITLE = Text("应急一张图", "Emergency one map")


@dataclass(frozen=True, slots=True)
class LegendLink:
    """Where a legend is, as PNG, and its size in pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True)
class Offer:
    """What is offered: the registry, each layer's extent in degrees (absent: it holds nothing), themes and limits."""

    registry: Registry
    extents: Mapping[str, Extent]
    themes: Sequence[Theme]
    root: str
    """The address of the host, without a slash at its end; ``/wms`` and ``/wmts`` are below it."""
    most_px: int
    lang: Lang
    grids: Sequence[RasterSource] = ()

    @property
    def most_layers(self) -> int:
        """How many layers a map may be asked for: each once."""
        return len(self.registry) + len(self.grids)

    def extent_of(self, layers: Iterable[Layer]) -> Extent:
        """What holds the features of all these layers."""
        found = [self.extents[layer.name] for layer in layers if layer.name in self.extents]
        if not found:
            return CHINA
        west, south, east, north = zip(*found, strict=True)
        return min(west), min(south), max(east), max(north)

    def legend_of_layers(
        self, name: str, layers: Iterable[Layer], theme: Theme, version: WmsVersion = "1.3.0"
    ) -> LegendLink | None:
        """The legend of what is asked for by ``name``; None where a legend has nothing to tell."""
        entries = legend_entries([compile_layer(layer, theme) for layer in layers], {})
        return self._link(name, theme, version, legend_size(entries, self.lang, counted=False)) if entries else None

    def legend_of_grid(self, grid: RasterSource, theme: Theme, version: WmsVersion = "1.3.0") -> LegendLink | None:
        """The legend of a grid; None of hillshade, which has no classes."""
        if grid.light is not None:
            return None
        size = legend_size((), self.lang, grids=grid_entries(grid.grids))
        return self._link(grid.ogc_name, theme, version, size)

    def _link(self, name: str, theme: Theme, version: WmsVersion, size: tuple[int, int]) -> LegendLink:
        asked = {"SERVICE": "WMS", "VERSION": version, "REQUEST": "GetLegendGraphic", "LAYER": name}
        asked |= {"STYLE": theme.name, "FORMAT": "image/png", "lang": self.lang}
        return LegendLink(f"{self.root}/wms?{urlencode(asked)}", *size)
