"""地质灾害隐患点 of the demo: where slopes are steep, water is near and people live below."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from geo.demo.figures import HAZARD_POINTS, stream
from geo.demo.ground import Ground, Places, Row, city_ground, nearest_within, to_rows
from geo.demo.names import invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.shelters import shelter_sites
from geo.demo.villages import city_villages, habitation
from layers.hazard_points import HAZARD_TYPES, danger_grade
from layers.severity import GEOHAZARD_DANGER

__all__ = ["hazard_rows"]

Numbers = npt.NDArray[np.float64]

_TYPE_NUMBERS = {
    "landslide": "01",
    "rockfall": "02",
    "debris_flow": "03",
    "slope": "04",
    "subsidence": "05",
    "fissure": "06",
    "settlement": "07",
}
_TRIGGERS = {
    "landslide": ("降雨", "降雨、切坡建房", "降雨、坡脚开挖"),
    "rockfall": ("降雨、风化", "切坡修路", "风化、振动"),
    "debris_flow": ("强降雨", "强降雨、沟内松散堆积"),
    "slope": ("降雨、切坡建房", "坡脚开挖"),
    "subsidence": ("地下采空", "岩溶发育、抽排地下水"),
    "fissure": ("地下采空",),
    "settlement": ("抽排地下水",),
}
_STABILITY = ("较稳定", "基本稳定", "欠稳定", "不稳定")
_MONITORING = ("人工巡查", "简易裂缝监测", "简易裂缝监测、人工巡查", "自动化监测(裂缝计、雨量计)")
_DANGER_OF_GRADE = {level.grade: level.code for level in GEOHAZARD_DANGER.values}


def _sites(ground: Ground, rng: np.random.Generator) -> Places:
    terrain = ground.terrain
    steep = np.clip(terrain.relief_m / 100.0, 0.05, 2.5) ** 1.6
    wet = 0.35 + np.exp(-ground.stream_km / 1.5)
    return ground.scatter(rng, steep * wet * (0.03 + habitation(ground, city_villages())), HAZARD_POINTS)


def _types(ground: Ground, sites: Places, rng: np.random.Generator) -> list[str]:
    """Debris flows beside water below high relief, rockfalls where it is steepest, else mostly landslides."""
    terrain = ground.terrain
    relief = terrain.at(terrain.relief_m, sites.lon, sites.lat)
    water_km = terrain.at(ground.stream_km, sites.lon, sites.lat)
    likely = np.column_stack(
        (
            np.full(len(sites), 60.0),
            6 + relief / 8,
            np.where(water_km < 1.2, relief / 9, 1.0),
            np.full(len(sites), 9.0),
            np.where(relief < 60, 5.0, 1.5),
            np.full(len(sites), 0.5),
            np.where(relief < 40, 0.8, 0.1),
        )
    )
    drawn = rng.uniform(size=len(sites))[:, None] * likely.sum(axis=1)[:, None]
    return [list(_TYPE_NUMBERS)[i] for i in (np.cumsum(likely, axis=1) < drawn).sum(axis=1)]


def _threatened(rng: np.random.Generator, people_near: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """People, households and property (CNY) below each site; unknown values are NaN, as registers have them."""
    size = len(people_near)
    people = np.round(np.exp(rng.normal(2.9, 1.5, size)) * np.clip(people_near / 1600.0, 0.6, 2.0) + 2)
    people = np.minimum(people, 1900.0)
    households = np.ceil(people / rng.uniform(3.1, 4.4, size))
    property_cny = np.round(people * np.exp(rng.normal(1.0, 0.55, size)) / 0.5) * 0.5 * 1e4
    unknown = rng.uniform(size=size)
    no_people = (unknown < 0.02) | (unknown > 0.985)
    no_money = unknown < 0.035
    people[no_people], households[no_people], property_cny[no_money] = np.nan, np.nan, np.nan
    return people, households, property_cny


def _danger(people: Numbers, property_cny: Numbers) -> list[str | None]:
    """险情等级 by the layer's own rule, so that the demo cannot contradict it."""
    found = []
    for each, money in zip(people.tolist(), property_cny.tolist(), strict=True):
        known = {"threatened_people": None if each != each else each}
        decision = danger_grade({**known, "threatened_property_cny": None if money != money else money})
        found.append(_DANGER_OF_GRADE[decision.grade] if decision else None)
    return found


def _ids(ground: Ground, sites: Places, types: list[str]) -> list[str]:
    """County, type and serial number in twelve digits, as registers number their sites."""
    serials: dict[str, int] = {}
    found = []
    for township, kind in zip(sites.township.tolist(), types, strict=True):
        head = ground.townships[township].county.code + _TYPE_NUMBERS[kind]
        serials[head] = serials.get(head, 0) + 1
        found.append(f"{head}{serials[head]:04d}")
    return found


def _whole(values: Numbers) -> list[int | None]:
    return [None if value != value else int(value) for value in values.tolist()]


def hazard_rows() -> list[Row]:
    """2,201 hazards. They carry no grade: the layer's rule computes it from what they threaten."""
    rng, ground, villages, shelters = stream("hazard_points"), city_ground(), city_villages(), shelter_sites()
    sites = _sites(ground, rng)
    types = _types(ground, sites, rng)
    near = nearest_within(sites, villages.places)
    people, households, property_cny = _threatened(rng, villages.people[near].astype(float))
    volume = np.round(np.exp(rng.normal(8.3, 1.5, len(sites))), -1)
    volume[rng.uniform(size=len(sites)) < 0.04] = np.nan
    refuge = nearest_within(sites, shelters.places)
    groups = [f"{'上下中前后新老东西'[i]}{'屋坑排岭头'[j]}组" for i, j in rng.integers(0, (9, 5), (len(sites), 2))]
    titles = {choice.code: choice.title.zh for choice in HAZARD_TYPES.values}
    where = [villages.names[i] + group for i, group in zip(near.tolist(), groups, strict=True)]
    return to_rows(
        {
            "source_id": _ids(ground, sites, types),
            "name": [place + titles[kind] for place, kind in zip(where, types, strict=True)],
            "geom": points(sites.lon, sites.lat),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t, rest) for t, rest in zip(sites.township.tolist(), where, strict=True)],
            "responsible_person": invented_people(rng, len(sites)),
            "responsible_phone": invented_phones(rng, len(sites)),
            "hazard_type": types,
            "danger_level": _danger(people, property_cny),
            "volume_m3": volume,
            "threatened_people": _whole(people),
            "threatened_households": _whole(households),
            "threatened_property_cny": property_cny,
            "stability": [_STABILITY[i] for i in rng.choice(4, len(sites), p=(0.2, 0.45, 0.27, 0.08))],
            "triggers": [
                _TRIGGERS[kind][i % len(_TRIGGERS[kind])] for kind, i in zip(types, range(len(types)), strict=True)
            ],
            "monitoring_method": [_MONITORING[i] for i in rng.choice(4, len(sites), p=(0.4, 0.25, 0.2, 0.15))],
            "planned_shelter": [shelters.names[i] for i in refuge],
            "evacuation_route": [f"沿村道撤至{shelters.names[i]}" for i in refuge],
        }
    )
