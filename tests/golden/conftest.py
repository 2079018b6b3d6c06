"""A small town with every grade, geometry and family in it, drawn by each test of this folder."""

from __future__ import annotations

import math

import pytest

from tests.seeding import insert

GRADES = ["red", "orange", "yellow", "blue", None]
HAZARDS = ["landslide", "rockfall", "debris_flow", "subsidence", "slope"]


def _wave(lon: float, lat: float) -> str:
    return ", ".join(f"{lon + 0.002 * step:.4f} {lat + 0.004 * math.sin(step / 3):.5f}" for step in range(12))


@pytest.fixture(scope="module")
def town(module_database_url: str) -> str:
    """Its DSN."""
    dsn = module_database_url
    west = "MULTIPOLYGON(((114.8 24.8, 115 24.8, 115.01 25, 115 25.2, 114.8 25.2, 114.8 24.8)))"
    east = "MULTIPOLYGON(((115 24.8, 115.2 24.8, 115.2 25.2, 115 25.2, 115.01 25, 115 24.8)))"
    insert(dsn, "divisions", west, "360702", name="章贡区", level="county")
    insert(dsn, "divisions", east, "360704", name="赣县区", level="county")
    for number, grade in enumerate(GRADES):
        lon = 114.955 + 0.02 * number
        name = f"{'东坑背屋后'[number]}村第{number + 1}组隐患点"
        insert(
            dsn,
            "hazard_points",
            f"POINT({lon} 25.03)",
            f"h-{number}",
            name=name,
            grade=grade,
            hazard_type=HAZARDS[number],
        )
        line = f"MULTILINESTRING(({_wave(lon - 0.012, 25.015)}))"
        insert(
            dsn, "hazard_points", line, f"l-{number}", name=f"溪沟{number + 1}", grade=grade, hazard_type="debris_flow"
        )
        corners = [(lon - 0.008, 24.975), (lon + 0.008, 24.972), (lon + 0.006, 24.99), (lon - 0.005, 24.992)]
        ring = ", ".join(f"{x} {y}" for x, y in [*corners, corners[0]])
        insert(dsn, "forest_zones", f"MULTIPOLYGON((({ring})))", f"f-{number}", name=f"林班{number + 1}", grade=grade)
        insert(dsn, "shelters", f"POINT({lon} 25.0)", f"s-{number}", name=f"避难场所{number + 1}", demo=True)
        insert(
            dsn,
            "enterprises",
            f"POINT({lon - 0.008} 24.966)",
            f"e-{number}",
            name=f"㙍䢺𬇙化工{number + 1}厂",
            grade=grade,
        )
        insert(dsn, "reservoirs", f"POINT({lon + 0.008} 24.965)", f"r-{number}", name="长潭水库", grade=grade)
    insert(dsn, "helipads", "POINT(115.03 25.045)", "p-1", name="起降点")
    return dsn
