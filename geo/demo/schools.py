"""学校 of the demo: two in every town, the counties' at their seats, small schools and kindergartens in villages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.demo.figures import SCHOOLS, TOWNSHIPS, stream
from geo.demo.ground import Ground, Places, Row, city_ground, to_rows
from geo.demo.names import NameBook, invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.towns import at_towns, numbered, seat_townships
from geo.demo.villages import city_villages

__all__ = ["school_rows"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of school: how it is called, its students (median) and how many of them sleep there."""

    code: str
    suffix: str
    students: float
    boarding: float


_CENTRAL = _Kind("primary", "中心小学", 780, 0.12)
_JUNIOR = _Kind("junior", "初级中学", 640, 0.55)
_VILLAGE = _Kind("primary", "小学", 120, 0.0)
_KINDERGARTEN = _Kind("kindergarten", "幼儿园", 85, 0.0)
_OF_COUNTIES = (
    _Kind("senior", "高级中学", 2600, 0.8),
    _Kind("senior", "第二高级中学", 1900, 0.8),
    _Kind("vocational", "职业技术学校", 1800, 0.85),
    _Kind("special", "特殊教育学校", 90, 0.6),
)
_COLLEGE = _Kind("higher", "职业技术学院", 9500, 0.95)
_COLLEGES = 5
_VILLAGE_PRIMARIES = 820


def _in_villages(rng: np.random.Generator, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Numbers of ``count`` different villages, the populous ones rather."""
    people = city_villages().people.astype(float)
    return np.sort(rng.choice(len(people), count, replace=False, p=people / people.sum()))


def _sites(ground: Ground, rng: np.random.Generator) -> tuple[Places, list[_Kind], list[str]]:
    """Every school's place, kind, and the first part of its name."""
    seats, villages = seat_townships(ground), city_villages()
    towns = [*range(TOWNSHIPS), *range(TOWNSHIPS)]
    county = [seat for _ in _OF_COUNTIES for seat in seats]
    kinds = [_CENTRAL] * TOWNSHIPS + [_JUNIOR] * TOWNSHIPS
    kinds += [kind for kind in _OF_COUNTIES for _ in seats] + [_COLLEGE] * _COLLEGES
    names = [ground.townships[t].name for t in towns] + [ground.county_name(t) for t in county]
    names += NameBook(rng).take(_COLLEGES)
    in_towns = ground.near(rng, at_towns(ground, [*towns, *county, *[seats[0]] * _COLLEGES]), 0.7)
    chosen = [_in_villages(rng, _VILLAGE_PRIMARIES), _in_villages(rng, SCHOOLS - len(kinds) - _VILLAGE_PRIMARIES)]
    for numbers, kind in zip(chosen, (_VILLAGE, _KINDERGARTEN), strict=True):
        kinds += [kind] * len(numbers)
        names += [villages.names[i] for i in numbers.tolist()]
    in_villages = ground.near(rng, villages.places.take(np.concatenate(chosen)), 0.2)
    return in_towns.plus(in_villages), kinds, names


def school_rows() -> list[Row]:
    """2,204 schools, from kindergartens to five colleges."""
    rng, ground = stream("schools"), city_ground()
    sites, kinds, names = _sites(ground, rng)
    size = len(sites)
    students = np.round(np.array([kind.students for kind in kinds]) * np.exp(rng.normal(0, 0.4, size)))
    share = np.clip(np.array([kind.boarding for kind in kinds]) * rng.uniform(0.6, 1.2, size), 0, 1)
    boarders = np.floor(students * share)
    unknown = rng.uniform(size=size) < 0.015
    return to_rows(
        {
            "source_id": numbered(ground.codes(sites.township), "XX"),
            "name": [f"{name}{kind.suffix}" for name, kind in zip(names, kinds, strict=True)],
            "geom": points(sites.lon, sites.lat),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t) for t in sites.township.tolist()],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "kind": [kind.code for kind in kinds],
            "students": [None if u else int(n) for u, n in zip(unknown.tolist(), students.tolist(), strict=True)],
            "boarders": [None if u else int(n) for u, n in zip(unknown.tolist(), boarders.tolist(), strict=True)],
            "staff": np.ceil(students / rng.uniform(11, 17, size)).astype(np.int64),
            "floor_area_m2": np.round(students * rng.uniform(5, 11, size) + boarders * 4, -1),
        }
    )
