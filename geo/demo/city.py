"""The demo city, layer by layer, in the order in which it is loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import shapely

from geo.demo.depots import depot_rows
from geo.demo.divisions import outline_rows, township_rows
from geo.demo.enterprises import enterprise_rows
from geo.demo.figures import (
    ENTERPRISES_BY_GRADE,
    FLOOD_SPOTS_BY_KIND,
    FOREST_ZONES,
    HAZARD_POINTS,
    HELIPADS,
    HOSPITALS,
    RESERVOIRS_BY_SCALE,
    RIVERS,
    SCHOOLS,
    SHELTERS,
    SOURCE,
    SUPPLY_DEPOTS,
    TAILINGS_PONDS,
    TEAMS,
    TOWNSHIPS,
    WATER_WORKS_BY_KIND,
)
from geo.demo.flood_spots import flood_spot_rows
from geo.demo.forests import forest_rows
from geo.demo.ground import Row
from geo.demo.hazards import hazard_rows
from geo.demo.helipads import helipad_rows
from geo.demo.hospitals import hospital_rows
from geo.demo.outlines import OUTLINES_SOURCE
from geo.demo.reservoirs import reservoir_rows
from geo.demo.rivers import river_rows
from geo.demo.schools import school_rows
from geo.demo.shelters import shelter_rows
from geo.demo.tailings import tailings_rows
from geo.demo.teams import team_rows
from geo.demo.water_works import water_works_rows

__all__ = ["PARTS", "Part", "digest"]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one layer from one source, and how many. ``demo`` is false for the real outlines only."""

    layer: str
    rows: Callable[[], list[Row]]
    count: int
    source: str = SOURCE
    demo: bool = True


PARTS = (
    Part("divisions", outline_rows, 20, OUTLINES_SOURCE, demo=False),
    Part("divisions", township_rows, TOWNSHIPS),
    Part("hazard_points", hazard_rows, HAZARD_POINTS),
    Part("reservoirs", reservoir_rows, sum(RESERVOIRS_BY_SCALE.values())),
    Part("forest_zones", forest_rows, FOREST_ZONES),
    Part("enterprises", enterprise_rows, sum(ENTERPRISES_BY_GRADE.values())),
    Part("tailings_ponds", tailings_rows, TAILINGS_PONDS),
    Part("flood_spots", flood_spot_rows, sum(FLOOD_SPOTS_BY_KIND.values())),
    Part("water_works", water_works_rows, sum(WATER_WORKS_BY_KIND.values())),
    Part("shelters", shelter_rows, SHELTERS),
    Part("helipads", helipad_rows, HELIPADS),
    Part("rescue_teams", team_rows, TEAMS),
    Part("supply_depots", depot_rows, SUPPLY_DEPOTS),
    Part("schools", school_rows, SCHOOLS),
    Part("hospitals", hospital_rows, HOSPITALS),
    Part("rivers", river_rows, RIVERS),
)
"""A further layer joins the demo by one file with its rows, and one line here."""


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {
        key: shapely.to_wkb(value, hex=True) if isinstance(value, shapely.Geometry) else value
        for key, value in row.items()
    }


def digest(rows: Iterable[Mapping[str, object]]) -> str:
    """SHA-256 of rows, geometries bit by bit: equal when and only when every value is."""
    hashed = hashlib.sha256()
    for row in rows:
        hashed.update(json.dumps(_plain(row), ensure_ascii=False, sort_keys=True, default=str).encode())
    return hashed.hexdigest()
