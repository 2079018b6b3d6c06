"""How large the demo city is: the figures that the work reports name, the seed and the date of the data."""

from __future__ import annotations

import zlib
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CITY_CODE",
    "CITY_PEOPLE",
    "DATA_DATE",
    "ENTERPRISES_BY_GRADE",
    "FLOOD_SPOTS_BY_KIND",
    "FLOOD_STORES",
    "FOREST_ZONES",
    "HAZARD_POINTS",
    "HELIPADS",
    "HOSPITALS",
    "PROVINCE_CODE",
    "RESERVOIRS_BY_SCALE",
    "RIVERS",
    "SCHOOLS",
    "SHELTERS",
    "SOURCE",
    "SPECIAL_TEAMS",
    "SUPPLY_DEPOTS",
    "TAILINGS_PONDS",
    "TEAMS",
    "TOWNSHIPS",
    "WATER_WORKS_BY_KIND",
    "stream",
]

PROVINCE_CODE = "360000"
CITY_CODE = "360700"
"""赣州: 18 counties, 39,000 km²."""

SOURCE = "demo"
"""The ``source`` of every generated feature."""

DATA_DATE = date(2026, 6, 30)
"""Fixed, so that the same rows are made on every day."""

CITY_PEOPLE = 8_970_000
"""About as many as live in 赣州 (general knowledge, the census of 2020)."""

TOWNSHIPS = 295
"""赣州's townships, each with a place for a helicopter to land (2024 report)."""

HELIPADS = 312
"""At least one for each township; the report does not say how many more."""

HAZARD_POINTS = 2201
"""Geological hazards in one city's register (荆州's 2019 report)."""

SHELTERS = 3946
"""集中安置点 (赣州's 2024 report)."""

FOREST_ZONES = 486

ENTERPRISES_BY_GRADE: Mapping[str | None, int] = MappingProxyType(
    {"red": 57, "orange": 102, "yellow": 113, "blue": 16, None: 1}
)
"""The report counts 289 enterprises and grades 288 of them: the one left over is not graded, and shown so."""

RESERVOIRS_BY_SCALE: Mapping[str, int] = MappingProxyType(
    {"large_1": 1, "large_2": 5, "medium": 44, "small_1": 203, "small_2": 763}
)
"""A plausible pyramid of the five sizes of SL 252."""

RIVERS = 2343
"""Reaches, from confluence to confluence, of every stream that drains 9 km² or more of the generated terrain."""

SPECIAL_TEAMS = 43
"""Teams in a city's database (荆州's 2019 report), beside those of townships and counties."""

TEAMS = TOWNSHIPS + 2 * 18 + SPECIAL_TEAMS
"""A team in each township (乡级, 宜春's 2023 report), fire and forest fire teams in each of 18 counties, and these."""

FLOOD_STORES = 27
SUPPLY_DEPOTS = 1 + 18 + FLOOD_STORES + TOWNSHIPS
"""One of the city, one of each county, stores by the rivers, and a point in each township (宜春's 2023 report)."""

TAILINGS_PONDS = 32
"""The report counts none; a city of mines has some tens."""

FLOOD_SPOTS_BY_KIND: Mapping[str, int] = MappingProxyType(
    {"low_lying": 150, "ford": 120, "unsafe_house": 90, "compound": 46, "underpass": 30}
)
"""The kinds that the 2019 report names; the report does not count them."""

WATER_WORKS_BY_KIND: Mapping[str, int] = MappingProxyType({"dike": 36, "sluice": 53, "pump_station": 301})
"""89 works and 301 pump stations (南昌县's 2022 report, which does not part the 89 into kinds)."""

SCHOOLS = 2204
HOSPITALS = 402
"""Of a city of nine million; not in the reports."""

_SEED = 20260630


def stream(name: str) -> np.random.Generator:
    """The random numbers of one part of the city: its own, so that no other part's change moves it."""
    return np.random.default_rng([_SEED, zlib.crc32(name.encode())])
