"""重点企业 of the demo: in parks near the county seats, mines in the hills; graded as the report counts them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.demo.codes import demo_uscc
from geo.demo.figures import DATA_DATE, ENTERPRISES_BY_GRADE, stream
from geo.demo.ground import KM_LAT, KM_LON, Ground, Places, Row, city_ground, thin, to_rows
from geo.demo.names import NameBook, invented_people, invented_phones
from geo.demo.seats import SEATS
from geo.demo.shapes import multipolygon, points

__all__ = ["enterprise_rows"]


@dataclass(frozen=True, slots=True)
class _Industry:
    """``danger`` orders the grades; ``chemicals`` are what such a plant may hold; ``site`` is park, hill or edge."""

    title: str
    suffix: str
    count: int
    danger: float
    site: str = "park"
    chemicals: tuple[str, ...] = ()


_INDUSTRIES = (
    _Industry(
        "化学原料和化学制品制造业", "精细化工", 26, 3.2, "park", ("甲醇、甲苯", "液氯、盐酸", "环氧乙烷", "硝酸、硫酸")
    ),
    _Industry("危险化学品仓储", "危化品仓储", 12, 3.0, "edge", ("汽油、柴油", "甲醇、乙醇", "液化石油气")),
    _Industry("烟花爆竹", "烟花仓储", 14, 2.9, "edge", ("烟花爆竹",)),
    _Industry("有色金属矿采选业", "钨矿", 30, 2.4, "hill", ("乳化炸药",)),
    _Industry("稀土金属冶炼", "稀土冶炼", 26, 2.1, "park", ("盐酸、液氨", "硫酸、草酸")),
    _Industry("金属冶炼(铝加工)", "铝业", 16, 2.2),
    _Industry("食品加工(涉氨制冷)", "冷链食品", 22, 2.0, "park", ("液氨",)),
    _Industry("家具制造业(粉尘涉爆)", "家具", 58, 1.4),
    _Industry("非金属矿物制品业", "建材", 33, 1.0, "edge"),
    _Industry("电子设备制造业", "电子科技", 34, 0.5),
    _Industry("纺织服装业", "服饰", 18, 0.3),
)
_MAJOR_HAZARDS = ("class_1",) + ("class_2",) * 3 + ("class_3",) * 4 + ("class_4",) * 5
"""13 major hazard installations (2019 report)."""
_PLANTS_WITH_BOUNDARY = 46
_APART_KM = 0.55
_FROM_SEATS_KM = 4.0
"""Fireworks and dangerous goods are not stored in the middle of a town."""


def _park_centres(ground: Ground, rng: np.random.Generator) -> Places:
    """An industrial park some kilometres from each county seat: the flattest of a few places tried, in its county."""
    best: list[tuple[float, float, int]] = []
    counties = {number: each.county.code for number, each in enumerate(ground.townships)}
    for code, (lon, lat) in SEATS.items():
        angle = rng.uniform(0, 2 * np.pi, 24)
        distance_km = rng.uniform(2.5, 6.0, 24)
        tried_lon = np.round(lon + distance_km * np.cos(angle) / KM_LON, 6)
        tried_lat = np.round(lat + distance_km * np.sin(angle) / KM_LAT, 6)
        township = ground.locate(tried_lon, tried_lat)
        relief = ground.terrain.at(ground.terrain.relief_m, tried_lon, tried_lat)
        cost = [r if counties.get(int(t)) == code else np.inf for r, t in zip(relief, township, strict=True)]
        pick = int(np.argmin(cost))
        best.append((float(tried_lon[pick]), float(tried_lat[pick]), int(township[pick])))
    lon_, lat_, township_ = (np.array(each) for each in zip(*best, strict=True))
    return Places(lon_, lat_, township_)


def _candidates(ground: Ground, rng: np.random.Generator, site: str, count: int) -> Places:
    """Places for one kind of site: in the parks, outside the towns, or in the hills."""
    terrain = ground.terrain
    if site == "hill":
        weight = np.clip(terrain.relief_m - 60, 0, None) * np.clip(terrain.elevation_m - 250, 0, None)
        return ground.scatter(rng, weight, count)
    parks = _park_centres(ground, stream("parks"))
    # The urban districts hold more plants than a mountain county does.
    share = np.array([3.0 if code in ("360702", "360703", "360704") else 1.0 for code in SEATS])
    at = parks.take(rng.choice(len(parks), count, p=share / share.sum()))
    if site == "park":
        return ground.near(rng, at, 1.3)
    found = ground.near(rng, at, 4.5)
    seats = np.array(list(SEATS.values()))
    km = np.hypot((found.lon[:, None] - seats[:, 0]) * KM_LON, (found.lat[:, None] - seats[:, 1]) * KM_LAT)
    return found.take(np.flatnonzero(km.min(axis=1) > _FROM_SEATS_KM))


def _sites(ground: Ground, rng: np.random.Generator) -> Places:
    """One place for each enterprise in the order of the industries, none too near another."""
    taken = Places(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))
    for industry in _INDUSTRIES:
        free = _candidates(ground, rng, industry.site, industry.count * 16)
        dx = (free.lon[:, None] - taken.lon[None, :]) * KM_LON
        dy = (free.lat[:, None] - taken.lat[None, :]) * KM_LAT
        clear = np.flatnonzero(np.all(np.hypot(dx, dy) >= _APART_KM, axis=1))
        one = Places(free.lon, free.lat, np.zeros(len(free), np.int64)).take(clear)
        kept = thin(one, {0: industry.count}, _APART_KM)
        taken = taken.plus(Places(kept.lon, kept.lat, ground.locate(kept.lon, kept.lat)))
    return taken


def _grades(rng: np.random.Generator, kinds: list[_Industry]) -> list[str | None]:
    """The report's counts exactly: the most dangerous are red, one (any) is not graded."""
    score = np.array([each.danger for each in kinds]) + rng.normal(0, 0.7, len(kinds))
    order = np.argsort(-score, kind="stable").tolist()
    ungraded = order.pop(int(rng.integers(len(order) // 2, len(order))))
    grades: list[str | None] = [None] * len(kinds)
    for grade, count in ENTERPRISES_BY_GRADE.items():
        for index in order[:count] if grade else [ungraded]:
            grades[index] = grade
        order = order[count:] if grade else order
    return grades


def _major_hazards(rng: np.random.Generator, kinds: list[_Industry], grades: list[str | None]) -> dict[int, str]:
    """Thirteen of the graded plants that hold chemicals, the worst classes among the red ones."""
    able = [i for i, each in enumerate(kinds) if each.danger >= 2.0 and each.chemicals and each.site != "hill"]
    drawn = sorted(rng.permutation([i for i in able if grades[i] in ("red", "orange")])[:13].tolist())
    drawn.sort(key=lambda i: grades[i] != "red")
    return dict(zip(drawn, _MAJOR_HAZARDS, strict=True))


def _boundary(rng: np.random.Generator, lon: float, lat: float) -> shapely.MultiPolygon:
    """A plant's boundary: a turned rectangle with one corner cut off, 120 to 420 m long."""
    a, b = rng.uniform(60, 210), rng.uniform(50, 130)
    cut = rng.uniform(0.3, 0.8)
    corners = np.array([(-a, -b), (a, -b), (a, b * cut), (a * cut, b), (-a, b)])
    turn = rng.uniform(0, np.pi)
    turned = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    ring = np.round(np.array([lon, lat]) + turned / (KM_LON * 1e3, KM_LAT * 1e3), 7)
    return multipolygon(shapely.Polygon(ring))


def _shapes(ground: Ground, rng: np.random.Generator, sites: Places, kinds: list[_Industry]) -> list[shapely.Geometry]:
    """Points; for some plants that hold chemicals or smelt, their boundary, where it lies within one township."""
    shapes: list[shapely.Geometry] = points(sites.lon, sites.lat)
    able = [i for i, each in enumerate(kinds) if each.danger >= 2.0 and each.site != "hill"]
    drawn = 0
    for index in rng.permutation(able).tolist():
        outline = _boundary(rng, float(sites.lon[index]), float(sites.lat[index]))
        home = ground.townships[int(sites.township[index])].geom
        if drawn < _PLANTS_WITH_BOUNDARY and shapely.contains(home, outline):
            shapes[index] = outline
            drawn += 1
    return shapes


def _codes(ground: Ground, township: npt.NDArray[np.int64]) -> list[str]:
    return [demo_uscc(ground.townships[t].county.code, serial) for serial, t in enumerate(township.tolist(), 1)]


_R_OF_CLASS = {"class_1": (100, 180), "class_2": (50, 100), "class_3": (10, 50), "class_4": (2, 10)}
"""Bounds of R by class (安全监管总局令第40号; domain brief 2.9)."""


def _classification(rng: np.random.Generator, classes: list[str | None]) -> dict[str, list[float | None]]:
    """R within its class and the α that it was computed with, for the major hazards."""
    r_values: list[float | None] = []
    alphas: list[float | None] = []
    for each in classes:
        least, most = _R_OF_CLASS[each] if each else (0.0, 0.0)
        r_values.append(round(float(rng.uniform(least, most * 0.99)), 1) if each else None)
        alphas.append(float(rng.choice((0.5, 1.0, 1.2, 1.5, 2.0))) if each else None)
    return {"hazard_r": r_values, "recorded_alpha": alphas}


def _inspections(rng: np.random.Generator, size: int) -> list[object]:
    """When each was last inspected: within a year and a half; of a few no inspection is recorded."""
    days = rng.integers(3, 540, size).tolist()
    known = rng.uniform(size=size) > 0.04
    today = DATA_DATE.toordinal()
    return [
        DATA_DATE.fromordinal(today - ago) if told else None for ago, told in zip(days, known.tolist(), strict=True)
    ]


def enterprise_rows() -> list[Row]:
    """289 enterprises: 57 red, 102 orange, 113 yellow, 16 blue, and the one that the report does not grade."""
    rng, ground = stream("enterprises"), city_ground()
    kinds = [industry for industry in _INDUSTRIES for _ in range(industry.count)]
    sites = _sites(ground, rng)
    size = len(sites)
    grades = _grades(rng, kinds)
    hazards = _major_hazards(rng, kinds, grades)
    held = rng.integers(0, 12, size)
    chemicals = [
        each.chemicals[i % len(each.chemicals)] if each.chemicals else None for each, i in zip(kinds, held, strict=True)
    ]
    return to_rows(
        {
            "source_id": [f"QY{serial:04d}" for serial in range(1, size + 1)],
            "name": [f"{name}{each.suffix}(演示)" for name, each in zip(NameBook(rng).take(size), kinds, strict=True)],
            "geom": _shapes(ground, rng, sites, kinds),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t) for t in sites.township.tolist()],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "grade": grades,
            "uscc": _codes(ground, sites.township),
            "industry": [each.title for each in kinds],
            "hazardous_chemicals": chemicals,
            "major_hazard_level": [hazards.get(i) for i in range(size)],
            **_classification(stream("major hazards"), [hazards.get(i) for i in range(size)]),
            "chemical_park": [each.site == "park" and each.danger >= 3 for each in kinds],
            "workers": np.round(np.exp(rng.normal(4.3, 0.8, size))).astype(np.int64),
            "status": [("在产", "停产")[i] for i in rng.choice(2, size, p=(0.94, 0.06))],
            "last_inspected": _inspections(stream("inspections"), size),
        }
    )
