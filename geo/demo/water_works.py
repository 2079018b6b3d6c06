"""堤防闸站 of the demo: dikes along the rivers where towns stand, sluices, and pump stations on low ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from geo.demo.figures import WATER_WORKS_BY_KIND, stream
from geo.demo.ground import Ground, Places, Row, city_ground, to_rows
from geo.demo.names import NameBook, invented_people, invented_phones
from geo.demo.shapes import points
from geo.demo.terrain import Grid
from geo.demo.towns import numbered

__all__ = ["water_works_rows"]

_RIVER_CELLS = 300
"""A cell through which more than this many cells drain lies on a river worth a dike (about 330 km²)."""
_SUFFIX = {"dike": "堤", "sluice": "水闸", "pump_station": "泵站"}
_SAFETY = ("class_1", "class_2", "class_3", "class_4", None)
_Columns = dict[str, Sequence[object] | npt.NDArray[np.generic]]
_GEOD = pyproj.Geod(ellps="GRS80")


def _course(ground: Ground, row: int, column: int, cells: int) -> Grid:
    """Degrees of the water's way from a cell, ``cells`` cells long, as a rounded line."""
    terrain = ground.terrain
    columns, cell = len(terrain.lon), row * len(terrain.lon) + column
    way: list[tuple[float, float]] = []
    downstream = terrain.drainage.downstream.ravel()
    while cell >= 0 and len(way) < cells:
        way.append((terrain.lon[cell % columns], terrain.lat[cell // columns]))
        cell = int(downstream[cell])
    line = np.array(way)
    for _ in range(3):  # Chaikin: corners are cut, so that the cells' steps are not seen
        if len(line) > 2:
            line = np.vstack(
                (
                    line[:1],
                    np.column_stack((0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:])).reshape(
                        -1, 2
                    ),
                    line[-1:],
                )
            )
    return line


def _dike(ground: Ground, rng: np.random.Generator, township: int) -> shapely.MultiLineString | None:
    """A dike beside the river nearest to a township's town, within the township; None where there is none."""
    terrain, home = ground.terrain, ground.townships[township]
    rivers = np.argwhere(terrain.drainage.upstream_cells > _RIVER_CELLS)
    away = np.hypot(terrain.lon[rivers[:, 1]] - home.centre[0], terrain.lat[rivers[:, 0]] - home.centre[1])
    near = int(np.argmin(away))
    cells = int(rng.integers(4, 12))
    if away[near] > 0.04:
        return None
    course = _course(ground, int(rivers[near, 0]), int(rivers[near, 1]), cells)
    if len(course) < 3:
        return None
    beside = shapely.offset_curve(shapely.LineString(course), 0.0012)
    inside = shapely.get_parts(shapely.intersection(beside, shapely.buffer(home.geom, -2e-5)))
    lines = [part for part in inside if part.geom_type == "LineString"]
    if not lines:
        return None
    longest = shapely.simplify(max(lines, key=lambda part: float(part.length)), 2e-5)
    rounded = shapely.LineString(np.round(shapely.get_coordinates(longest), 7))
    return shapely.MultiLineString([rounded]) if rounded.length > 0.012 else None


def _dikes(ground: Ground, rng: np.random.Generator, count: int) -> tuple[list[shapely.Geometry], list[int]]:
    shapes: list[shapely.Geometry] = []
    homes: list[int] = []
    for township in rng.permutation(len(ground.townships)).tolist():
        found = _dike(ground, rng, township) if len(shapes) < count else None
        if found is not None:
            shapes.append(found)
            homes.append(township)
    if len(shapes) < count:
        raise RuntimeError(f"only {len(shapes)} of {count} dikes")
    return shapes, homes


def _points(ground: Ground, rng: np.random.Generator) -> Places:
    """Sluices on the streams, then pump stations on the low ground beside the rivers."""
    terrain = ground.terrain
    gentle = np.exp(-terrain.relief_m / 60.0)
    sluices = ground.scatter(rng, (ground.stream_km < 1.2).astype(float) * gentle, WATER_WORKS_BY_KIND["sluice"])
    pumps = np.exp(-terrain.river_km / 2.0) * gentle
    return sluices.plus(ground.scatter(rng, pumps, WATER_WORKS_BY_KIND["pump_station"]))


def _lengths(shapes: list[shapely.Geometry]) -> list[float | None]:
    lengths = [_GEOD.geometry_length(shape) for shape in shapes]
    return [round(each, -1) if each else None for each in lengths]


def _values(ground: Ground, rng: np.random.Generator, kinds: list[str], lon: Grid, lat: Grid) -> _Columns:
    """Levels over the ground (crest above guarantee above warning), flood standard, flow and safety."""
    size, is_dike = len(kinds), np.array([kind == "dike" for kind in kinds])
    ground_m = np.round(ground.terrain.elevation_at(lon, lat), 1)
    warning = ground_m + rng.uniform(0.5, 1.5, size)
    guarantee = warning + rng.uniform(0.8, 1.8, size)
    crest = guarantee + rng.uniform(0.6, 1.5, size)
    levels = {"crest_level_m": crest, "warning_level_m": warning, "guarantee_level_m": guarantee}
    flow = np.where(is_dike, np.nan, np.round(np.exp(rng.normal(2.2, 0.9, size)), 1))
    return {
        "safety": [_SAFETY[i] for i in rng.choice(5, size, p=(0.5, 0.31, 0.09, 0.02, 0.08))],
        "works_class": [("Ⅲ", "Ⅳ", "Ⅴ")[i] for i in rng.choice(3, size, p=(0.2, 0.5, 0.3))],
        "return_period_years": rng.choice((10.0, 20.0, 50.0), size, p=(0.45, 0.45, 0.1)),
        **{name: np.where(is_dike, np.round(each, 2), np.nan) for name, each in levels.items()},
        "vertical_datum": ["yellow_sea_1985" if each else None for each in is_dike.tolist()],
        "design_flow_m3s": flow,
    }


def water_works_rows() -> list[Row]:
    """36 dikes as lines, 53 sluices, 301 pump stations; the layer's rule grades them by their safety class."""
    rng, ground = stream("water_works"), city_ground()
    dikes, homes = _dikes(ground, rng, WATER_WORKS_BY_KIND["dike"])
    others = _points(ground, rng)
    shapes = [*dikes, *points(others.lon, others.lat)]
    kinds = [kind for kind, count in WATER_WORKS_BY_KIND.items() for _ in range(count)]
    size = len(kinds)
    starts = np.array([shapely.get_coordinates(shape)[0] for shape in shapes])
    township = np.concatenate((np.array(homes, np.int64), others.township))
    codes = ground.codes(township)
    values = _values(ground, rng, kinds, starts[:, 0], starts[:, 1])
    river = ground.terrain.river[ground.terrain.cell_of(starts[:, 0], starts[:, 1])].tolist()
    defects = np.where(rng.uniform(size=size) < 8 / 89, rng.integers(1, 4, size), 0)
    columns: _Columns = {
        "source_id": numbered(codes, "SG"),
        "name": [f"{name}{_SUFFIX[kind]}" for name, kind in zip(NameBook(rng).take(size), kinds, strict=True)],
        "geom": shapes,
        "division_code": codes,
        "address": [ground.address(t) for t in township.tolist()],
        "responsible_person": invented_people(rng, size),
        "responsible_phone": invented_phones(rng, size),
        "kind": kinds,
        "length_m": [*_lengths(dikes), *[None] * len(others)],
        "river": [ground.terrain.river_names[i] for i in river],
        "open_defects": defects,
        **values,
    }
    return to_rows(columns)
