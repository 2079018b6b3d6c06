"""医疗卫生机构 of the demo: a health centre in every township, the counties' hospitals, and the city's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.demo.figures import HOSPITALS, TOWNSHIPS, stream
from geo.demo.ground import Row, city_ground, to_rows
from geo.demo.names import invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.towns import at_towns, numbered, seat_townships

__all__ = ["hospital_rows"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of institution: how it is called, its grade, beds (median), and whether it takes emergencies."""

    code: str
    suffix: str
    level: str
    beds: float
    emergency: bool


_TOWNSHIP = _Kind("township", "卫生院", "一级", 34, False)
_OF_COUNTIES = (
    _Kind("general", "人民医院", "二级甲等", 620, True),
    _Kind("chinese_medicine", "中医院", "二级甲等", 330, True),
    _Kind("maternity", "妇幼保健院", "二级乙等", 150, True),
)
_OF_THE_CITY = (_Kind("general", "市立医院", "三级甲等", 1500, True),) * 8 + (
    _Kind("specialised", "专科医院", "三级乙等", 320, False),
) * 5
_COMMUNITY = _Kind("community", "社区卫生服务中心", "一级", 18, False)


def hospital_rows() -> list[Row]:
    """402 institutions: 295 of townships, 54 of counties, 13 of the city, 40 of communities."""
    rng, ground = stream("hospitals"), city_ground()
    seats = seat_townships(ground)
    communities = HOSPITALS - TOWNSHIPS - len(_OF_COUNTIES) * len(seats) - len(_OF_THE_CITY)
    kinds = [_TOWNSHIP] * TOWNSHIPS + [kind for kind in _OF_COUNTIES for _ in seats]
    kinds += [*_OF_THE_CITY, *[_COMMUNITY] * communities]
    homes = [*range(TOWNSHIPS), *seats * len(_OF_COUNTIES), *[seats[i % 3] for i in range(len(_OF_THE_CITY))]]
    homes += [seats[i % len(seats)] for i in range(communities)]
    size = len(kinds)
    sites = ground.near(rng, at_towns(ground, homes), 0.6)
    beds = np.round(np.array([kind.beds for kind in kinds]) * np.exp(rng.normal(0, 0.25, size)))
    names = [
        ground.townships[t].name if kind is _TOWNSHIP else ground.county_name(t)
        for kind, t in zip(kinds, homes, strict=True)
    ]
    ids = numbered(ground.codes(sites.township), "YY")
    twice = {kind for kind in kinds if kind in (*_OF_THE_CITY, _COMMUNITY)}
    return to_rows(
        {
            "source_id": ids,
            "name": [
                f"{name}{f'第{int(own[-2:])}' if kind in twice else ''}{kind.suffix}"
                for name, kind, own in zip(names, kinds, ids, strict=True)
            ],
            "geom": points(sites.lon, sites.lat),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t) for t in homes],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "kind": [kind.code for kind in kinds],
            "level": [kind.level for kind in kinds],
            "beds": beds.astype(np.int64),
            "staff": np.ceil(beds * rng.uniform(0.9, 1.6, size)).astype(np.int64),
            "ambulances": np.where([kind.emergency for kind in kinds], np.ceil(beds / 120), 1).astype(np.int64),
            "emergency": [kind.emergency for kind in kinds],
            "power": [
                ("双路供电、柴油发电机", "柴油发电机", None)[2 if u > 0.9 else int(not kind.emergency)]
                for kind, u in zip(kinds, rng.uniform(size=size).tolist(), strict=True)
            ],
        }
    )
