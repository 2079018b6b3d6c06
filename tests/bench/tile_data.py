"""A province full of places: seeded points and polygons over Jiangxi, put straight into two layers' tables."""

from __future__ import annotations

import math

import numpy as np
import psycopg
import shapely

from geo.demo.outlines import city_outlines

POINTS_LAYER = "hazard_points"
POLYGONS_LAYER = "forest_zones"
CENTRES = 400
GRADES = ("red", "orange", "yellow", "blue", "")
SHARES = (0.01, 0.04, 0.15, 0.6, 0.2)


def province() -> shapely.MultiPolygon:
    """The real outline of the province, thinned to 100 m."""
    (found,) = [each.geom for each in city_outlines() if each.level == "province"]
    return found.simplify(0.001)


def places(count: int, outline: shapely.MultiPolygon, seed: int) -> np.ndarray:
    """``count`` places inside: half of them anywhere, half around towns."""
    rng = np.random.default_rng(seed)
    west, south, east, north = outline.bounds
    shapely.prepare(outline)
    centres = rng.uniform((west, south), (east, north), (CENTRES, 2))
    found: list[np.ndarray] = []
    while sum(map(len, found)) < count:
        even = rng.uniform((west, south), (east, north), (count // 2, 2))
        towns = centres[rng.integers(0, CENTRES, count // 2)] + rng.normal(0, 0.04, (count // 2, 2))
        both = np.concatenate((even, towns))
        rng.shuffle(both)
        found.append(both[shapely.contains_xy(outline, both[:, 0], both[:, 1])])
    return np.concatenate(found)[:count]


def polygon(lon: float, lat: float, rng: np.random.Generator) -> shapely.MultiPolygon:
    """A forest compartment: some forty vertices, a few kilometres across."""
    corners = int(rng.integers(30, 50))
    radius = rng.uniform(0.005, 0.03) * rng.uniform(0.6, 1.0, corners)
    angles = np.linspace(0, 2 * math.pi, corners, endpoint=False)
    ring = np.column_stack((lon + radius * np.cos(angles), lat + radius * np.sin(angles)))
    return shapely.MultiPolygon([shapely.Polygon(ring)])


def fill(dsn: str, points: int, polygons: int, seed: int = 7) -> None:
    """Load both layers, each in one transaction, and gather statistics."""
    outline = province()
    rng = np.random.default_rng(seed)
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TEMPORARY TABLE given (n int, lon float8, lat float8, grade text) ON COMMIT DROP")
        at = places(points, outline, seed)
        grades = rng.choice(len(GRADES), points, p=SHARES)
        with connection.cursor().copy("COPY given FROM STDIN") as copy:
            for number, ((lon, lat), grade) in enumerate(zip(at, grades, strict=True)):
                copy.write_row((number, float(lon), float(lat), GRADES[grade] or None))
        connection.execute(
            f"INSERT INTO {POINTS_LAYER} (source, source_id, name, geom, grade, grade_basis, hazard_type, "
            "division_code, demo) SELECT 'bench', 'JX' || lpad(n::text, 8, '0'), '第' || n || '号滑坡隐患点', "
            "ST_SetSRID(ST_MakePoint(lon, lat), 4490), grade, '{}', "
            "(ARRAY['landslide', 'rockfall', 'debris_flow'])[n % 3 + 1], "
            "'36' || lpad((floor((lon - 113) * 2) * 20 + floor((lat - 24) * 2))::text, 4, '0'), true "
            "FROM given"
        )
        rows = [(f"LB{number:06}", polygon(*at[number], rng).wkt, GRADES[number % 4]) for number in range(polygons)]
        connection.cursor().executemany(
            f"INSERT INTO {POLYGONS_LAYER} (source, source_id, name, geom, grade, grade_basis, demo) VALUES "
            "('bench', %s, '林班', ST_GeomFromText(%s, 4490), %s, '{}', true)",
            rows,
        )
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
