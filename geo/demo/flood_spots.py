"""易涝隐患点 of the demo: low places of the towns, fords over streams, and old houses near water."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.demo.figures import DATA_DATE, FLOOD_SPOTS_BY_KIND, stream
from geo.demo.ground import Ground, Places, Row, city_ground, to_rows
from geo.demo.names import NameBook, invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.towns import at_towns, numbered
from geo.demo.villages import city_villages

__all__ = ["flood_spot_rows"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of spot: how it is called, how many people (median) and how deep (median, m), and what is done."""

    suffix: str
    people: float
    depth_m: float
    measures: str


_KINDS = {
    "low_lying": _Kind("低洼易涝点", 140, 0.6, "布设移动泵车,积水超0.3米封闭道路"),
    "ford": _Kind("漫水桥", 0, 0.9, "水位漫过桥面即双向封控、专人值守"),
    "unsafe_house": _Kind("危旧房屋", 5, 0.4, "预警即转移,雨停评估后返回"),
    "compound": _Kind("易受淹小区", 620, 0.8, "备沙袋挡水板,地下车库提前清空"),
    "underpass": _Kind("下穿通道", 0, 1.4, "积水自动报警,超警戒线断行"),
}
_GRADES: tuple[str | None, ...] = ("red", "orange", "yellow", "blue", None)
_SHARES = (0.03, 0.12, 0.37, 0.4, 0.08)


def _sites(ground: Ground, rng: np.random.Generator, kind: str, count: int) -> Places:
    """Where such spots are: on streams, by villages near water, or in the low parts of the larger towns."""
    terrain = ground.terrain
    if kind == "ford":
        area = terrain.drainage.upstream_cells
        return ground.scatter(rng, ((area > 12) & (area < 400)).astype(float) * np.exp(-terrain.relief_m / 90.0), count)
    if kind == "unsafe_house":
        villages = city_villages().places
        near = np.exp(-terrain.at(ground.stream_km, villages.lon, villages.lat))
        chosen = rng.choice(len(villages), count, replace=False, p=near / near.sum())
        return ground.near(rng, villages.take(chosen), 0.2)
    centres = np.array([each.centre for each in ground.townships])
    low = np.exp(-terrain.at(terrain.river_km, centres[:, 0], centres[:, 1]) / 3.0)
    chosen = rng.choice(len(centres), count, p=low / low.sum())
    return ground.near(rng, at_towns(ground, np.sort(chosen)), 0.7)


def flood_spot_rows() -> list[Row]:
    """436 spots of five kinds, graded as their (invented) source says."""
    rng, ground = stream("flood_spots"), city_ground()
    kinds = [kind for kind, count in FLOOD_SPOTS_BY_KIND.items() for _ in range(count)]
    parts = [_sites(ground, rng, kind, count) for kind, count in FLOOD_SPOTS_BY_KIND.items()]
    sites = parts[0]
    for part in parts[1:]:
        sites = sites.plus(part)
    size = len(sites)
    people = np.round(np.array([_KINDS[kind].people for kind in kinds]) * np.exp(rng.normal(0, 0.6, size)))
    people[rng.uniform(size=size) < 0.05] = np.nan
    days = rng.integers(30, 2200, size).tolist()
    known = rng.uniform(size=size) < 0.7
    river = ground.terrain.river[ground.terrain.cell_of(sites.lon, sites.lat)].tolist()
    names = NameBook(rng).take(size)
    return to_rows(
        {
            "source_id": numbered(ground.codes(sites.township), "YL"),
            "name": [f"{name}{_KINDS[kind].suffix}" for name, kind in zip(names, kinds, strict=True)],
            "geom": points(sites.lon, sites.lat),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t) for t in sites.township.tolist()],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "grade": [_GRADES[i] for i in rng.choice(5, size, p=_SHARES)],
            "kind": kinds,
            "threatened_people": [None if p != p else int(p) for p in people.tolist()],
            "threatened_households": [None if p != p else int(np.ceil(p / 3.4)) for p in people.tolist()],
            "depth_m": np.round(
                np.array([_KINDS[kind].depth_m for kind in kinds]) * np.exp(rng.normal(0, 0.3, size)), 1
            ),
            "last_flooded": [
                DATA_DATE.fromordinal(DATA_DATE.toordinal() - d) if k else None
                for d, k in zip(days, known.tolist(), strict=True)
            ],
            "river": [ground.terrain.river_names[i] + "流域" for i in river],
            "measures": [_KINDS[kind].measures for kind in kinds],
        }
    )
