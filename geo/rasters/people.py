"""How many people live in a shape: each cell of the population grid counts by the share of it that lies inside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from exactextract import exact_extract  # type: ignore[import-untyped]  # it ships no types
from exactextract.feature import JSONFeatureSource  # type: ignore[import-untyped]
from exactextract.raster import RasterioRasterSource  # type: ignore[import-untyped]
from shapely.geometry.base import BaseGeometry

from geo.rasters.entries import RasterEntry, RasterKind
from geo.rasters.grids import Grid, Grids

__all__ = ["PeopleEstimate", "people_within"]

_ALL = 0.9995
"""Covered by more than this is covered: the rest is the rounding of areas."""


@dataclass(frozen=True, slots=True)
class PeopleEstimate:
    """People in a shape by one grid. ``people`` is None where no cell of it holds a value: unknown, not 0.

    ``known_share`` is the share of the shape's area on cells that hold a value; with less than 1 the number is of
    that part only, and the rest is unknown.
    """

    people: float | None
    known_share: float
    grid: str
    demo: bool

    def as_dict(self) -> dict[str, object]:
        """For answers: whole people, share in 1/1000."""
        return {
            "people": None if self.people is None else round(self.people),
            "known_share": round(self.known_share, 3),
            "grid": self.grid,
            "demo": self.demo,
        }


def people_within(
    grids: Grids, entries: Iterable[RasterEntry], shapes: Sequence[BaseGeometry]
) -> list[PeopleEstimate | None]:
    """The estimate for each shape (CGCS2000 degrees), None for a shape that no population grid touches.

    Where several grids cover a shape, the first that covers it whole answers, else the one that covers most of it;
    their order is that of ``entries``. Blocking: call it in a thread.
    """
    found: list[PeopleEstimate | None] = [None] * len(shapes)
    for grid in grids.of(entries, RasterKind.POPULATION):
        box = shapely.box(grid.entry.west, grid.entry.south, grid.entry.east, grid.entry.north)
        open_ = [at for at, shape in enumerate(shapes) if not _whole(found[at]) and shapely.intersects(box, shape)]
        for at, estimate in zip(open_, _estimates(grid, [shapes[at] for at in open_]), strict=True):
            known = found[at]
            if known is None or estimate.known_share > known.known_share:
                found[at] = estimate
    return found


def _whole(estimate: PeopleEstimate | None) -> bool:
    return estimate is not None and estimate.known_share >= _ALL


def _estimates(grid: Grid, shapes: list[BaseGeometry]) -> list[PeopleEstimate]:
    if not shapes:
        return []
    own = [shapely.transform(shape, grid.to_own) for shape in shapes]
    features = [{"type": "Feature", "geometry": shapely.geometry.mapping(shape), "properties": {}} for shape in own]
    with grid.reading() as dataset:
        results = exact_extract(RasterioRasterSource(dataset), JSONFeatureSource(features), ["sum", "count"])
        cell = abs(dataset.transform.a * dataset.transform.e)
    estimates = []
    for shape, result in zip(own, results, strict=True):
        cells = float(result["properties"]["count"] or 0.0)
        share = min(1.0, cells * cell / shape.area) if shape.area else 0.0
        people = float(result["properties"]["sum"]) if cells else None
        estimates.append(PeopleEstimate(people, share, grid.entry.name, grid.entry.demo))
    return estimates
