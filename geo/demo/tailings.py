"""尾矿库 of the demo: small and middling ponds in the hills where metals are mined, some of them above homes."""

from __future__ import annotations

import numpy as np
import shapely

from geo.demo.figures import DATA_DATE, TAILINGS_PONDS, stream
from geo.demo.ground import KM_LAT, KM_LON, Ground, Places, Row, city_ground, to_rows
from geo.demo.names import NameBook, invented_people, invented_phones
from geo.demo.shapes import multipolygon, points
from geo.demo.villages import city_villages
from layers.tailings_ponds import pond_class

__all__ = ["tailings_rows"]

_ABOVE_HOMES = 9
_WITH_OUTLINE = 14
_MINERALS = ("钨", "稀土", "铅锌", "萤石", "铜", "铁")
_SAFETY = ("normal", "defective", "endangered", None)
_STATUS = ("in_use", "idle", "closed", "building")


def _sites(ground: Ground, rng: np.random.Generator) -> tuple[Places, list[int | None]]:
    """The ponds' places; for those above homes, the number of the village below."""
    villages = city_villages()
    relief = ground.terrain.at(ground.terrain.relief_m, villages.places.lon, villages.places.lat)
    hilly = np.argsort(-relief, kind="stable")[:400]
    below = rng.choice(hilly, _ABOVE_HOMES, replace=False)
    homes, heights = villages.places.take(below), stream("ponds above homes")
    above = _highest(ground, [ground.near(each, homes, 0.45) for each in (rng, *[heights] * 11)])
    weight = np.clip(ground.terrain.relief_m - 70, 0, None) * np.clip(ground.terrain.elevation_m - 260, 0, None)
    others = ground.scatter(rng, weight, TAILINGS_PONDS - _ABOVE_HOMES)
    return above.plus(others), [int(each) for each in below] + [None] * len(others)


def _highest(ground: Ground, tries: list[Places]) -> Places:
    """Of several places for each pond the highest: a pond above homes lies above them."""
    heights = np.stack([ground.terrain.elevation_at(each.lon, each.lat) for each in tries])
    best, every = np.argmax(heights, axis=0), np.arange(len(tries[0]))
    lon, lat = (np.stack([getattr(each, name) for each in tries])[best, every] for name in ("lon", "lat"))
    return Places(lon, lat, tries[0].township)


def _outline(rng: np.random.Generator, lon: float, lat: float) -> shapely.MultiPolygon:
    """A pond's rounded outline, 150 to 500 m across."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    radius_km = rng.uniform(0.08, 0.25) * (1 + 0.25 * np.sin(2 * angle + rng.uniform(0, 6)))
    ring = np.column_stack((lon + radius_km * np.cos(angle) / KM_LON, lat + radius_km * np.sin(angle) / KM_LAT))
    return multipolygon(shapely.Polygon(np.round(ring, 7)))


def _shapes(ground: Ground, rng: np.random.Generator, sites: Places) -> list[shapely.Geometry]:
    """Points, and outlines of some where they lie within one township."""
    shapes = points(sites.lon, sites.lat)
    drawn = 0
    for index in rng.permutation(len(sites)).tolist():
        outline = _outline(rng, float(sites.lon[index]), float(sites.lat[index]))
        if drawn < _WITH_OUTLINE and shapely.contains(ground.townships[int(sites.township[index])].geom, outline):
            shapes[index] = outline
            drawn += 1
    return shapes


def _consultations(rng: np.random.Generator, size: int) -> list[object]:
    """When experts last consulted on each: mostly within the year, some too long ago, one never recorded."""
    days = rng.integers(20, 560, size).tolist()
    dates: list[object] = [DATA_DATE.fromordinal(DATA_DATE.toordinal() - int(each)) for each in days]
    dates[int(rng.integers(size))] = None
    return dates


def tailings_rows() -> list[Row]:
    """32 ponds; the class follows from storage and height, the grade from the layer's rule."""
    rng, ground = stream("tailings_ponds"), city_ground()
    sites, below = _sites(ground, rng)
    size = len(sites)
    storage = np.round(np.exp(rng.normal(13.6, 1.2, size)), -3)
    height = np.round(np.exp(rng.normal(3.2, 0.45, size)), 1)
    villages, books = city_villages(), NameBook(rng).take(size)
    people = [None if at is None else max(3, int(villages.people[at] * rng.uniform(0.03, 0.2))) for at in below]
    mineral = [_MINERALS[i] for i in rng.choice(6, size, p=(0.42, 0.2, 0.14, 0.1, 0.08, 0.06))]
    return to_rows(
        {
            "source_id": [f"{code[:6]}-WK{serial:03d}" for serial, code in enumerate(ground.codes(sites.township), 1)],
            "name": [f"{name}{ore}矿尾矿库(演示)" for name, ore in zip(books, mineral, strict=True)],
            "geom": _shapes(ground, rng, sites),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t) for t in sites.township.tolist()],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "mineral": mineral,
            "status": [_STATUS[i] for i in rng.choice(4, size, p=(0.55, 0.2, 0.2, 0.05))],
            "pond_class": [pond_class(v, h) for v, h in zip(storage.tolist(), height.tolist(), strict=True)],
            "safety": [_SAFETY[i] for i in rng.choice(4, size, p=(0.72, 0.17, 0.03, 0.08))],
            "storage_m3": storage,
            "dam_height_m": height,
            "above_homes": [at is not None for at in below],
            "downstream_people": people,
            "downstream_facilities": [None if at is None else f"{villages.names[at]}民房、村道" for at in below],
            "last_consultation": _consultations(rng, size),
            "operator": [f"{name}矿业(演示)" for name in books],
        }
    )
