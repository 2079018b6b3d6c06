"""What the grids say of a question: people in each ring, how high and steep the place is, and what lies above it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.rasters import (
    Grids,
    PeopleEstimate,
    RasterEntry,
    RasterKind,
    elevation_at,
    elevations_at,
    people_within,
    slope_at,
)
from layers.layer import Family
from layers.registry import Registry

__all__ = ["Exposure", "add_heights", "measure_exposure"]


@dataclass(frozen=True)
class Exposure:
    """The people of each asked shape, in order (None: no population grid touches it), and the ground at the place."""

    people: tuple[PeopleEstimate | None, ...]
    elevation_m: float | None
    slope_deg: float | None
    has_heights: bool
    """Whether an elevation grid is loaded at all."""
    unreadable: tuple[str, ...] = ()
    """Grids that are registered and whose file cannot be opened."""

    def place(self) -> dict[str, object]:
        """The properties of the place; absent where no elevation grid is loaded, null where it does not say."""
        if not self.has_heights:
            return {}
        return {
            "elevation_m": None if self.elevation_m is None else round(self.elevation_m, 1),
            "slope_deg": None if self.slope_deg is None else round(self.slope_deg, 1),
        }


async def measure_exposure(
    grids: Grids, entries: tuple[RasterEntry, ...], place: tuple[float, float], shapes: Sequence[BaseGeometry]
) -> Exposure:
    """Ask the grids in a thread; no database connection may be on loan meanwhile."""
    return await asyncio.to_thread(_measure, grids, entries, place, shapes)


def _measure(
    grids: Grids, entries: tuple[RasterEntry, ...], place: tuple[float, float], shapes: Sequence[BaseGeometry]
) -> Exposure:
    return Exposure(
        tuple(people_within(grids, entries, shapes)),
        elevation_at(grids, entries, *place),
        slope_at(grids, entries, *place),
        any(entry.kind is RasterKind.ELEVATION for entry in entries),
        tuple(grids.unreadable(entries)),
    )


async def add_heights(
    grids: Grids,
    entries: tuple[RasterEntry, ...],
    registry: Registry,
    features: list[dict[str, object]],
    place: tuple[float, float],
    place_m: float | None,
) -> None:
    """Give each listed hazard its ``elevation_m`` and ``height_difference_m``: positive where it lies above the place.

    A line or an area is measured where it is nearest to the place (by degrees). Unknown is null. Works in a thread.
    """
    hazards = [each for each in features if _layer_family(registry, each) is Family.RISK]
    if hazards:
        await asyncio.to_thread(_add_heights, grids, entries, hazards, place, place_m)


def _properties(feature: dict[str, object]) -> dict[str, object]:
    properties = feature["properties"]
    assert isinstance(properties, dict)
    return properties


def _layer_family(registry: Registry, feature: dict[str, object]) -> Family:
    return registry[str(_properties(feature)["layer"])].family


def _add_heights(
    grids: Grids,
    entries: tuple[RasterEntry, ...],
    hazards: list[dict[str, object]],
    place: tuple[float, float],
    place_m: float | None,
) -> None:
    shapes = shapely.from_geojson([json.dumps(each["geometry"]) for each in hazards])
    nearest = shapely.get_point(shapely.shortest_line(shapes, shapely.Point(place)), 0)
    places = shapely.get_coordinates(nearest)
    heights = elevations_at(grids, entries, places).tolist()
    for each, height in zip(hazards, heights, strict=True):
        known = height == height
        properties = _properties(each)
        properties["elevation_m"] = round(height, 1) if known else None
        properties["height_difference_m"] = round(height - place_m, 1) if known and place_m is not None else None
