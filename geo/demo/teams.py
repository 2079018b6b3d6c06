"""救援队伍 of the demo: one in every township, county teams at the seats, and 43 with a speciality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.demo.figures import SPECIAL_TEAMS, TOWNSHIPS, stream
from geo.demo.ground import Row, city_ground, to_rows
from geo.demo.names import invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.towns import at_towns, numbered, seat_townships

__all__ = ["team_rows"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of team: median size, median minutes to the scene, and what it brings."""

    code: str
    level: str
    suffix: str
    people: float
    minutes: float
    equipment: str
    speciality: str
    affiliation: str


_TOWNSHIP = _Kind("township", "township", "综合应急救援队", 32, 25, "风力灭火器、冲锋舟、水泵", "先期处置", "乡镇政府")
_FIRE = _Kind("fire", "county", "消防救援大队", 46, 12, "水罐车、抢险救援车、破拆工具", "综合救援", "消防救援局")
_FOREST = _Kind(
    "forest_fire", "county", "森林消防专业队", 34, 35, "灭火水泵、无人机、隔离带开辟车", "森林灭火", "林业局"
)
_SPECIAL = (
    (_Kind("flood", "county", "水上应急分队", 24, 40, "冲锋舟、救生抛投器、潜水装备", "水域救援", "水利局"), 10),
    (_Kind("engineering", "county", "工程抢险队", 40, 60, "挖掘机、抢险排水车、发电机", "道路抢通", "交通运输局"), 9),
    (_Kind("chemical", "city", "危化救援队", 30, 55, "防化服、堵漏工具、泡沫车", "危化品处置", "应急管理局"), 4),
    (_Kind("mine", "city", "矿山救护队", 36, 70, "正压氧气呼吸器、生命探测仪", "矿山救援", "应急管理局"), 4),
    (_Kind("medical", "county", "卫生应急队", 22, 45, "救护车、帐篷医院", "医疗救治", "卫生健康委"), 6),
    (
        _Kind(
            "communication", "city", "应急通信保障队", 16, 60, "卫星便携站、370MHz基站、无人机", "通信保障", "通信公司"
        ),
        4,
    ),
    (_Kind("social", "county", "公益救援队", 42, 75, "橡皮艇、绳索救援装备", "水域、山岳搜救", "民政登记"), 6),
)
"""The 43 teams that a city's database of teams holds (荆州's 2019 report), spread over kinds plausibly."""


def _homes(rng: np.random.Generator, seats: list[int]) -> tuple[list[_Kind], list[int]]:
    """Every team's kind, and the township in which it is stationed."""
    kinds = [_TOWNSHIP] * TOWNSHIPS + [_FIRE] * len(seats) + [_FOREST] * len(seats)
    homes = [*range(TOWNSHIPS), *seats, *seats]
    for kind, count in _SPECIAL:
        kinds += [kind] * count
        homes += [seats[i] for i in np.sort(rng.choice(len(seats), count, replace=False)).tolist()]
    if len(kinds) != TOWNSHIPS + 2 * len(seats) + SPECIAL_TEAMS:
        raise RuntimeError("the teams with a speciality are not as many as the report counts")
    return kinds, homes


def team_rows() -> list[Row]:
    """374 teams: 295 of townships, 18 of the fire service, 18 forest fire teams, 43 with a speciality."""
    rng, ground = stream("rescue_teams"), city_ground()
    kinds, homes = _homes(rng, seat_townships(ground))
    size = len(kinds)
    sites = ground.near(rng, at_towns(ground, homes), 0.5)
    people = np.maximum(8, np.round(np.array([k.people for k in kinds]) * np.exp(rng.normal(0, 0.18, size))))
    minutes = np.maximum(3, np.round(np.array([k.minutes for k in kinds]) * np.exp(rng.normal(0, 0.25, size))))
    minutes[rng.uniform(size=size) < 0.04] = np.nan
    names = [
        f"{ground.townships[home].name if kind is _TOWNSHIP else ground.county_name(home)}{kind.suffix}"
        for kind, home in zip(kinds, homes, strict=True)
    ]
    return to_rows(
        {
            "source_id": numbered(ground.codes(sites.township), "DW"),
            "name": names,
            "geom": points(sites.lon, sites.lat),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t) for t in homes],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "kind": [kind.code for kind in kinds],
            "level": [kind.level for kind in kinds],
            "people": people.astype(np.int64),
            "people_72h": np.floor(people * rng.uniform(0.4, 0.8, size)).astype(np.int64),
            "response_minutes": minutes,
            "vehicles": np.round(people / rng.uniform(8, 20, size)).astype(np.int64),
            "equipment": [kind.equipment for kind in kinds],
            "speciality": [kind.speciality for kind in kinds],
            "affiliation": [names[i].removesuffix(kind.suffix) + kind.affiliation for i, kind in enumerate(kinds)],
        }
    )
