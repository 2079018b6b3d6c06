"""The ground of the wall's style: basemap, hillshade and grids as raster layers above the land and below all lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.cartography.raster_tiles import TILE_PX
from geo.cartography.style_parts import Json

__all__ = ["GroundLayer", "with_grounds"]


@dataclass(frozen=True, slots=True)
class GroundLayer:
    """One raster layer. ``group`` is basemap, relief or rasters; ``shown`` says whether it is there from the start."""

    name: str
    title: str
    group: str
    tiles: str
    least_zoom: int
    most_zoom: int
    bounds: tuple[float, float, float, float] | None = None
    attribution: str = ""
    shown: bool = False
    tile_px: int = TILE_PX

    @property
    def source(self) -> dict[str, Json]:
        """Its source."""
        made: dict[str, Json] = {"type": "raster", "tiles": [self.tiles], "tileSize": self.tile_px}
        made |= {"minzoom": self.least_zoom, "maxzoom": self.most_zoom}
        if self.bounds:
            made["bounds"] = list(self.bounds)
        return {**made, **({"attribution": self.attribution} if self.attribution else {})}

    @property
    def layer(self) -> dict[str, Json]:
        """Its layer; the wall switches it by ``onemap:raster``."""
        return {
            "id": f"raster-{self.name}",
            "type": "raster",
            "source": f"raster-{self.name}",
            "metadata": {"onemap:raster": self.name, "onemap:group": self.group, "onemap:title": self.title},
            "layout": {"visibility": "visible" if self.shown else "none"},
            "paint": {
                "raster-fade-duration": 0,
                "raster-resampling": "linear" if self.group != "rasters" else "nearest",
            },
        }


def with_grounds(style: Mapping[str, Json], grounds: Sequence[GroundLayer]) -> dict[str, Json]:
    """The style with these layers, the first at the bottom, right above the background and the land."""
    layers, sources = style["layers"], style["sources"]
    assert isinstance(layers, Sequence)
    assert isinstance(sources, Mapping)
    fills = [place for place, each in enumerate(layers) if isinstance(each, Mapping) and _is_land(each)]
    above = max(fills, default=0) + 1
    drawn = [each.layer for each in grounds]
    return {
        **style,
        "sources": {**sources, **{f"raster-{each.name}": each.source for each in grounds}},
        "layers": [*layers[:above], *drawn, *layers[above:]],
    }


def _is_land(layer: Mapping[str, Json]) -> bool:
    return layer.get("type") == "background" or str(layer.get("id", "")).endswith("-land")
