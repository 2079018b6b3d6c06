"""直升机起降点 of the demo: one near the town of every township, and a few more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.demo.figures import HELIPADS, stream
from geo.demo.ground import Ground, Places, Row, city_ground, to_rows
from geo.demo.names import invented_people, invented_phones
from geo.demo.shapes import points

__all__ = ["helipad_rows"]

_CLOSED = 5


@dataclass(frozen=True, slots=True)
class _Surface:
    """A kind of landing place with its size in metres (森林航空临时起降点 practice)."""

    title: str
    length_m: int
    width_m: int


_SURFACES = (_Surface("水泥硬化", 40, 40), _Surface("压实土质", 50, 50), _Surface("草地", 80, 60))
_CLEARANCE = ("良好", "良好,北侧有低压线", "一般,西侧有山体", "一般,周边有树木")


def _sites(ground: Ground, rng: np.random.Generator) -> Places:
    """For each township the flattest of some places around its town; the extra ones near the first townships' towns."""
    every = np.arange(len(ground.townships))
    extra = rng.choice(every, HELIPADS - len(every), replace=False)
    township = np.concatenate((every, np.sort(extra)))
    centres = np.array([ground.townships[i].centre for i in township])
    towns = Places(centres[:, 0], centres[:, 1], township)
    tries = [ground.near(rng, towns, 0.8 if k < 4 else 1.4) for k in range(6)]
    relief = np.stack([ground.terrain.at(ground.terrain.relief_m, each.lon, each.lat) for each in tries])
    best = np.argmin(relief, axis=0)
    pick = np.arange(len(township))
    lon, lat = (np.stack([getattr(each, name) for each in tries])[best, pick] for name in ("lon", "lat"))
    return Places(lon, lat, township)


def helipad_rows() -> list[Row]:
    """312 landing places: at least one in use in each of the 295 townships; a few of the extra ones are closed."""
    rng, ground = stream("helipads"), city_ground()
    sites = _sites(ground, rng)
    size = len(sites)
    surfaces = [_SURFACES[i] for i in rng.choice(3, size, p=(0.5, 0.2, 0.3))]
    names = [ground.townships[t].name for t in sites.township.tolist()]
    number = [1 if i < len(ground.townships) else 2 for i in range(size)]
    return to_rows(
        {
            "source_id": [f"{code}-QJ{n}" for code, n in zip(ground.codes(sites.township), number, strict=True)],
            "name": [
                f"{name}直升机临时起降点" + ("(备用)" if n > 1 else "") for name, n in zip(names, number, strict=True)
            ],
            "geom": points(sites.lon, sites.lat),
            "division_code": ground.codes(sites.township),
            "address": [ground.address(t) for t in sites.township.tolist()],
            "responsible_person": invented_people(rng, size),
            "responsible_phone": invented_phones(rng, size),
            "status": ["open"] * (size - _CLOSED) + ["closed"] * _CLOSED,
            "length_m": [float(each.length_m) for each in surfaces],
            "width_m": [float(each.width_m) for each in surfaces],
            "surface": [each.title for each in surfaces],
            "clearance": [_CLEARANCE[i] for i in rng.choice(4, size, p=(0.55, 0.15, 0.15, 0.15))],
            "pads": rng.choice((1, 2), size, p=(0.85, 0.15)),
            "elevation_m": np.round(ground.terrain.elevation_at(sites.lon, sites.lat), 1),
        }
    )
