"""What the grids say of a question: people in each ring, how high and steep the place is, and what lies above it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from geo.rasters import (
    Grids,
    PeopleEstimate,
    RasterEntry,
    RasterKind,
    elevation_at,
    people_within,
    slope_at,
)

__all__ = ["Exposure", "measure_exposure"]


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
