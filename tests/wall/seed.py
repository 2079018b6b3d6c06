"""A small, hostile county for the browser: every grade, a name full of markup, one without a name, help far away."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import psycopg
import rasterio
from affine import Affine

from geo.rasters import RasterKind, add_raster, rasters_directory

CENTRE = (115.30, 25.95)
"""lon, lat of the county's middle: what the tests click."""

TOWNSHIP = "360731101"
"""A township in the east of the county, away from what the tests click."""

MARKUP = '<img src=x onerror="window.hacked=1"><b>下坝组滑坡</b>'

GRADES = ("red", "orange", "yellow", "blue", None)

_BASIS = json.dumps({"kind": "rule", "zh": "威胁 612 人,险情等级为大型", "en": "threatens 612 people: large"})
_SQUARE = "SRID=4490;MULTIPOLYGON((({w} {s},{e} {s},{e} {n},{w} {n},{w} {s})))"


def _square(lon: float, lat: float, half_deg: float) -> str:
    return _SQUARE.format(w=lon - half_deg, e=lon + half_deg, s=lat - half_deg, n=lat + half_deg)


def _around(count: int, radius_deg: float) -> list[tuple[float, float]]:
    """Places on a sunflower around the centre: evenly spread, none on another, the same each time."""
    places = []
    for at in range(count):
        far, angle = radius_deg * math.sqrt((at + 0.5) / count), at * math.pi * (3 - math.sqrt(5))
        places.append((CENTRE[0] + far * math.cos(angle), CENTRE[1] + far * math.sin(angle)))
    return places


def _insert(
    connection: psycopg.Connection[tuple[object, ...]], layer: str, rows: list[tuple[str, str | None, str, str | None]]
) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {layer} (source, source_id, name, geom, grade, grade_basis, data_date, demo)"
            " VALUES ('test', %s, %s, ST_GeomFromEWKT(%s), %s, %s, '2026-06-18', true)",
            [(*row, _BASIS if row[3] else "{}") for row in rows],
        )


def _point(place: tuple[float, float]) -> str:
    return f"SRID=4490;POINT({place[0]} {place[1]})"


def seed(database_url: str) -> None:
    """Fill a migrated, empty database."""
    with psycopg.connect(database_url) as connection:
        hazards: list[tuple[str, str | None, str, str | None]] = [
            (f"G{at:03}", f"隐患点 {at}", _point(place), GRADES[at % 5]) for at, place in enumerate(_around(60, 0.09))
        ]
        hazards[0] = (hazards[0][0], MARKUP, _point(CENTRE), "orange")
        hazards[4] = (hazards[4][0], None, *hazards[4][2:])
        _insert(connection, "hazard_points", hazards)
        _insert(
            connection,
            "enterprises",
            [(f"Q{at}", f"企业 {at}", _point(place), GRADES[at % 4]) for at, place in enumerate(_around(9, 0.05))],
        )
        _insert(connection, "forest_zones", [("F1", "罗坳林区", _square(115.33, 25.97, 0.008), "yellow")])
        _insert(
            connection,
            "shelters",
            [(f"S{at}", f"避难场所 {at}", _point(place), None) for at, place in enumerate(_around(12, 0.07))],
        )
        _insert(connection, "helipads", [("H1", "县医院起降点", _point((CENTRE[0] + 0.2, CENTRE[1])), None)])
        _insert(
            connection,
            "divisions",
            [
                ("3607", "赣州市", _square(*CENTRE, 0.5), None),
                ("360731", "于都县", _square(*CENTRE, 0.25), None),
                (TOWNSHIP, "银坑镇", _square(CENTRE[0] + 0.075, CENTRE[1], 0.02), None),
            ],
        )
        connection.execute("UPDATE divisions SET demo = false, level = 'county' WHERE source_id = '360731'")
        connection.execute("UPDATE divisions SET demo = false, level = 'city' WHERE source_id = '3607'")
        connection.execute("UPDATE divisions SET demo = false, level = 'township' WHERE source_id = %s", (TOWNSHIP,))
        connection.execute("UPDATE divisions SET division_code = source_id")
        connection.execute("UPDATE hazard_points SET division_code = '360731'")
        connection.execute(
            "UPDATE hazard_points SET division_code = %s FROM divisions"
            " WHERE divisions.source_id = %s AND ST_Covers(divisions.geom, hazard_points.geom)",
            (TOWNSHIP, TOWNSHIP),
        )


PEOPLE_A_CELL = 12.0
PEOPLE_EDGE_LON = CENTRE[0]
"""West of it the people are counted, east of it nobody has: a ring around the centre is known by half."""


def seed_people(database_url: str, state: Path) -> None:
    """A grid of people over the western half of the county."""
    cell, west, north = 0.005, CENTRE[0] - 0.25, CENTRE[1] + 0.25
    columns = round((PEOPLE_EDGE_LON - west) / cell)
    band = np.full((100, 2 * columns), -1.0, np.float32)
    band[:, :columns] = PEOPLE_A_CELL
    path, transform = state / "people.tif", Affine(cell, 0, west, 0, -cell, north)
    shape = {"height": band.shape[0], "width": band.shape[1], "count": 1, "dtype": "float32", "nodata": -1}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:4490", transform=transform, **shape) as file:
        file.write(band, 1)
    add_raster(database_url, rasters_directory(state), path, RasterKind.POPULATION, name="people", demo=True)
