"""物资储备库 of the demo, and their stock: the city's, the counties', flood stores by the rivers, every township's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from geo.demo.figures import DATA_DATE, FLOOD_STORES, SOURCE, TOWNSHIPS, stream
from geo.demo.ground import Places, Row, city_ground, to_rows
from geo.demo.names import invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.towns import at_towns, numbered, seat_townships

__all__ = ["STOCK_COLUMNS", "depot_rows", "stock_rows"]


@dataclass(frozen=True, slots=True)
class _Item:
    """One item: name, unit, and the city's whole quantity of which a depot holds its share."""

    name: str
    unit: str
    quantity: float
    whole: bool = True
    code: str = "1999999"
    """GB/T 38565: the first digit, then its catch-all 99 at every level; finer classes were not verified."""


_RELIEF = (
    _Item("救灾帐篷", "顶", 504 * 18),
    _Item("折叠床", "张", 2712 * 18),
    _Item("棉被", "床", 3140 * 18),
    _Item("棉衣", "件", 3500 * 18),
    _Item("毛毯", "床", 3000 * 18),
    _Item("毛巾被", "床", 2750 * 18),
    _Item("10kW柴油发电机", "台", 2 * 60, code="2999999"),
)
"""南昌县's stock (2022 report) for each of the city's 18 counties."""
_FLOOD = (
    _Item("卵石", "万方", 11.707, whole=False, code="3999999"),
    _Item("块石", "万方", 2.35, whole=False, code="3999999"),
    _Item("草袋", "万条", 118.92, whole=False, code="3999999"),
    _Item("编织袋", "万条", 137.2, whole=False, code="3999999"),
    _Item("防浪布", "万米", 14.68, whole=False, code="3999999"),
    _Item("木桩", "根", 7360, code="3999999"),
    _Item("冲锋舟", "艘", 160, code="2999999"),
    _Item("救生衣", "件", 5400, code="2999999"),
)
_LEVEL_WEIGHT = {"city": 60.0, "county": 14.0, "township": 1.0}
_CAPACITY_M3 = {"city": 9000.0, "county": 1800.0, "township": 160.0}
STOCK_COLUMNS = ("source", "source_id", "item_code", "item_name", "quantity", "unit", "counted_on")


@dataclass(frozen=True)
class _Depots:
    places: Places
    ids: tuple[str, ...]
    levels: tuple[str, ...]
    kinds: tuple[str, ...]
    names: tuple[str, ...]


@cache
def _depots() -> _Depots:
    """1 of the city, 18 of counties, 27 flood stores by the rivers, 295 of townships."""
    rng, ground = stream("depot_sites"), city_ground()
    seats = seat_townships(ground)
    by_river = ground.scatter(
        rng, np.exp(-ground.terrain.river_km / 0.8) * (ground.terrain.relief_m < 60).astype(float), FLOOD_STORES
    )
    towns = ground.near(rng, at_towns(ground, [seats[0], *seats, *range(TOWNSHIPS)]), 0.7)
    cut = 1 + len(seats)
    places = towns.take(np.arange(cut)).plus(by_river).plus(towns.take(np.arange(cut, len(towns))))
    levels = ["city"] + ["county"] * (len(seats) + FLOOD_STORES) + ["township"] * TOWNSHIPS
    kinds = ["comprehensive"] + ["relief"] * len(seats) + ["flood"] * FLOOD_STORES + ["relief"] * TOWNSHIPS
    township = places.township.tolist()
    names = ["赣州市应急物资储备库(演示)"]
    names += [f"{ground.county_name(t)}救灾物资储备库" for t in township[1:cut]]
    names += [
        f"{ground.county_name(t)}{ground.townships[t].name}防汛物资仓库" for t in township[cut : cut + FLOOD_STORES]
    ]
    names += [f"{ground.townships[t].name}救灾物资储备点" for t in township[cut + FLOOD_STORES :]]
    ids = numbered(ground.codes(places.township), "CK")
    return _Depots(places, tuple(ids), tuple(levels), tuple(kinds), tuple(names))


def depot_rows() -> list[Row]:
    """341 depots; what they hold is in ``stock_rows``."""
    rng, ground, depots = stream("supply_depots"), city_ground(), _depots()
    size = len(depots.ids)
    capacity = np.round(np.array([_CAPACITY_M3[each] for each in depots.levels]) * np.exp(rng.normal(0, 0.3, size)), -1)
    value = np.round(capacity * rng.uniform(180, 420, size), -3)
    value[rng.uniform(size=size) < 0.06] = np.nan
    township = depots.places.township.tolist()
    return to_rows(
        {
            "source_id": depots.ids,
            "name": depots.names,
            "geom": points(depots.places.lon, depots.places.lat),
            "division_code": ground.codes(depots.places.township),
            "address": [ground.address(t) for t in township],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "kind": depots.kinds,
            "level": depots.levels,
            "capacity_m3": capacity,
            "floor_area_m2": np.round(capacity / rng.uniform(2.8, 4.5, size), -1),
            "stock_value_cny": value,
            "affiliation": [
                "应急管理局" if level != "township" else f"{ground.townships[t].name}政府"
                for level, t in zip(depots.levels, township, strict=True)
            ],
        }
    )


def stock_rows() -> list[tuple[object, ...]]:
    """The stock, in the order of ``STOCK_COLUMNS``: the items of the reports, shared out by the depots' size."""
    rng, depots = stream("supply_stock"), _depots()
    weight = np.array([_LEVEL_WEIGHT[each] for each in depots.levels])
    weight = weight * np.exp(rng.normal(0, 0.25, len(weight)))
    rows: list[tuple[object, ...]] = []
    for items, kinds in ((_RELIEF, ("relief", "comprehensive")), (_FLOOD, ("flood", "comprehensive"))):
        holders = [i for i, kind in enumerate(depots.kinds) if kind in kinds]
        share = weight[holders] / weight[holders].sum()
        for item in items:
            held = share * item.quantity
            for at, amount in zip(holders, held.tolist(), strict=True):
                quantity = round(amount) if item.whole else round(amount, 3)
                if quantity:
                    rows.append((SOURCE, depots.ids[at], item.code, item.name, quantity, item.unit, DATA_DATE))
    return rows
