"""集中安置点 of the demo: one for each village, larger in the towns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from geo.demo.figures import stream
from geo.demo.ground import Places, Row, city_ground, to_rows
from geo.demo.names import invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.villages import city_villages

__all__ = ["ShelterSites", "shelter_rows", "shelter_sites"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of building or ground: effective area (median, m²), square metres a person, and what it may serve for."""

    title: str
    area_m2: float
    per_person_m2: float
    indoor: bool
    outdoor: bool
    duration: str
    disasters: tuple[str, ...]


_RURAL = (
    _Kind("村委会", 260, 3.0, True, False, "短期", ("flood", "geohazard", "cold")),
    _Kind("小学", 720, 3.0, True, True, "短期", ("flood", "geohazard", "typhoon", "earthquake")),
    _Kind("文化活动中心", 380, 3.0, True, False, "短期", ("flood", "geohazard", "cold")),
    _Kind("老年活动中心", 220, 3.0, True, False, "紧急", ("flood", "geohazard", "cold")),
    _Kind("晒谷场", 900, 2.0, False, True, "紧急", ("earthquake", "fire")),
)
_TOWN = (
    _Kind("中学", 2600, 3.0, True, True, "中期", ("flood", "geohazard", "typhoon", "earthquake")),
    _Kind("中心小学", 1500, 3.0, True, True, "短期", ("flood", "geohazard", "typhoon", "earthquake")),
    _Kind("体育馆", 2200, 3.0, True, False, "中期", ("flood", "geohazard", "typhoon", "cold")),
    _Kind("文化广场", 4200, 2.0, False, True, "紧急", ("earthquake", "fire")),
)
_TOWN_KM = 1.2


@dataclass(frozen=True)
class ShelterSites:
    """Where the shelters are, what they are called and of which kind each is."""

    places: Places
    names: tuple[str, ...]
    kinds: tuple[_Kind, ...]


@cache
def shelter_sites() -> ShelterSites:
    """One site within a few hundred metres of each village, in the same township; made once in a process."""
    rng, ground, villages = stream("shelter_sites"), city_ground(), city_villages()
    places = ground.near(rng, villages.places, 0.18)
    rural = rng.choice(len(_RURAL), len(places), p=(0.34, 0.24, 0.22, 0.12, 0.08))
    town = rng.choice(len(_TOWN), len(places), p=(0.3, 0.4, 0.12, 0.18))
    kinds = tuple(
        _TOWN[town[i]] if km < _TOWN_KM else _RURAL[rural[i]] for i, km in enumerate(villages.town_km.tolist())
    )
    names = tuple(f"{name}{kind.title}集中安置点" for name, kind in zip(villages.names, kinds, strict=True))
    return ShelterSites(places, names, kinds)


def _areas(rng: np.random.Generator, kinds: tuple[_Kind, ...]) -> npt.NDArray[np.float64]:
    median = np.array([kind.area_m2 for kind in kinds])
    return np.asarray(np.maximum(np.round(median * np.exp(rng.normal(0, 0.35, len(kinds))), -1), 60.0))


def shelter_rows() -> list[Row]:
    """3,946 shelters; a few have no recorded capacity, as in every register."""
    rng, ground, sites = stream("shelters"), city_ground(), shelter_sites()
    size = len(sites.places)
    effective = _areas(rng, sites.kinds)
    capacity: list[int | None] = [
        int(area / kind.per_person_m2) for area, kind in zip(effective.tolist(), sites.kinds, strict=True)
    ]
    for index in np.flatnonzero(rng.uniform(size=size) < 0.012):
        capacity[int(index)] = None
    township = sites.places.township.tolist()
    serial: dict[str, int] = {}
    ids = []
    for code in ground.codes(sites.places.township):
        serial[code] = serial.get(code, 0) + 1
        ids.append(f"{code}-AZ{serial[code]:03d}")
    return to_rows(
        {
            "source_id": ids,
            "name": sites.names,
            "geom": points(sites.places.lon, sites.places.lat),
            "division_code": ground.codes(sites.places.township),
            "address": [ground.address(t, name) for t, name in zip(township, city_villages().names, strict=True)],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "capacity_people": capacity,
            "effective_area_m2": effective,
            "total_area_m2": np.round(effective * rng.uniform(1.3, 2.6, size), -1),
            "indoor_area_m2": np.where([kind.indoor for kind in sites.kinds], effective, np.nan),
            "indoor": [kind.indoor for kind in sites.kinds],
            "outdoor": [kind.outdoor for kind in sites.kinds],
            "disaster_kinds": [list(kind.disasters) for kind in sites.kinds],
            "duration_class": [kind.duration for kind in sites.kinds],
            "level": ["乡镇级" if kind in _TOWN else "村(社区)级" for kind in sites.kinds],
        }
    )
