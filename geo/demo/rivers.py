"""河流 of the demo: the drainage of its terrain as reaches from confluence to confluence, drawn downstream.

They follow the valleys of the demo's own terrain, so they agree with its elevation grid; only the largest bear the
names of real rivers. One reach in twelve has no declared direction, as registers have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from geo.demo.figures import stream
from geo.demo.ground import Ground, Row, city_ground, to_rows
from geo.demo.names import NameBook, invented_people, invented_phones
from geo.demo.terrain import CELL_DEG, CELL_KM2, Grid
from geo.demo.towns import numbered

__all__ = ["river_rows"]

_LEAST_CELLS = 8
"""A cell through which at least this many drain lies on a stream (9 km²)."""
_NAMED_CELLS, _NAMED_KM = 300, 3.0
"""A stream this large and this near to one of the real rivers is that river."""
_CLASSES = ((8000, "main"), (1500, "tributary_1"), (300, "tributary_2"), (60, "tributary_3"), (0, "stream"))
_SUFFIX = {"main": "江", "tributary_1": "江", "tributary_2": "河", "tributary_3": "水", "stream": "溪"}
_UNDECLARED_EACH = 12
_GEOD = pyproj.Geod(ellps="GRS80")

Cells = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Streams:
    """By flat cell: where its water goes (-1: out of the city), how much drains through it, its name and county."""

    cells: list[int]
    downstream: dict[int, int]
    upstream_cells: Cells
    county: dict[int, str]
    name: dict[int, str]


def _class_of(cells: int) -> str:
    return next(name for least, name in _CLASSES if cells >= least)


@cache
def _bends() -> Grid:
    """By flat cell, how far beside its middle the water runs, so that a river winds."""
    return stream("river bends").uniform(-0.34, 0.34, (city_ground().terrain.elevation_m.size, 2)) * CELL_DEG


def _places(ground: Ground, cells: list[int]) -> Grid:
    """Where in its cell the water runs."""
    terrain = ground.terrain
    rows, columns = np.divmod(np.array(cells), len(terrain.lon))
    return np.column_stack((terrain.lon[columns], terrain.lat[rows])) + _bends()[cells]


def _counties(ground: Ground, cells: list[int]) -> dict[int, str]:
    places = _places(ground, cells)
    township = ground.locate(places[:, 0], places[:, 1])
    return {cell: ground.townships[at].code[:6] for cell, at in zip(cells, township.tolist(), strict=True) if at >= 0}


def _names(ground: Ground, cells: list[int], downstream: dict[int, int], upstream: Cells) -> dict[int, str]:
    """Real names near the real rivers; elsewhere a stream keeps its invented one up to its farthest spring."""
    terrain, book = ground.terrain, NameBook(stream("rivers"))
    near, which = terrain.river_km.ravel(), terrain.river.ravel()
    largest: dict[int, int] = {}
    for cell in cells:
        below = downstream[cell]
        if below >= 0 and (below not in largest or upstream[cell] > upstream[largest[below]]):
            largest[below] = cell
    invented: dict[int, str] = {}
    found: dict[int, str] = {}
    # From the mouths up: what is below is named already.
    for cell in sorted(cells, key=lambda each: (-int(upstream[each]), each)):
        below = downstream[cell]
        if below in invented and largest[below] == cell:
            invented[cell] = invented[below]
        else:
            invented[cell] = book.take(1)[0] + _SUFFIX[_class_of(int(upstream[cell]))]
        named = upstream[cell] >= _NAMED_CELLS and near[cell] <= _NAMED_KM
        found[cell] = terrain.river_names[int(which[cell])] if named else invented[cell]
    return found


def _streams(ground: Ground) -> _Streams:
    drainage = ground.terrain.drainage
    upstream, way = drainage.upstream_cells.ravel(), drainage.downstream.ravel()
    county = _counties(ground, np.flatnonzero(upstream >= _LEAST_CELLS).tolist())
    cells = sorted(county)
    downstream = {cell: int(way[cell]) if int(way[cell]) in county else -1 for cell in cells}
    return _Streams(cells, downstream, upstream, county, _names(ground, cells, downstream, upstream))


def _reaches(streams: _Streams) -> list[list[int]]:
    """Cells of each reach, drawn downstream: it ends where another comes in, and where name or county change."""
    above: dict[int, list[int]] = {}
    for cell in streams.cells:
        above.setdefault(streams.downstream[cell], []).append(cell)

    def begins(cell: int) -> bool:
        comes_from = above.get(cell, [])
        return len(comes_from) != 1 or _label(streams, comes_from[0]) != _label(streams, cell)

    found = []
    for first in streams.cells:
        if not begins(first) or streams.downstream[first] < 0:
            continue
        reach = [first]
        while (below := streams.downstream[reach[-1]]) >= 0:
            reach.append(below)
            if begins(below):
                break
        found.append(reach)
    return found


def _label(streams: _Streams, cell: int) -> tuple[str, str]:
    return streams.name[cell], streams.county[cell]


def _line(ground: Ground, reach: list[int]) -> shapely.MultiLineString:
    """A reach through its cells, its corners cut; its ends stay, so that reaches meet."""
    line = _places(ground, reach)
    for _ in range(2):
        if len(line) > 2:
            cut = np.column_stack((0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]))
            line = np.vstack((line[:1], cut.reshape(-1, 2)[1:-1], line[-1:]))
    return shapely.MultiLineString([np.round(line, 7)])


def river_rows() -> list[Row]:
    """Every reach with its river's name and class; the length is the line's own."""
    ground, rng = city_ground(), stream("river keepers")
    streams = _streams(ground)
    reaches = _reaches(streams)
    shapes = [_line(ground, reach) for reach in reaches]
    sizes = [int(streams.upstream_cells[reach[-2]]) for reach in reaches]
    heads = [reach[0] for reach in reaches]
    codes = [streams.county[cell] for cell in heads]
    counties = {each.county.code: each.county.name for each in ground.townships}
    names = [streams.name[cell] for cell in heads]
    into = [streams.name[reach[-1]] for reach in reaches]
    return to_rows(
        {
            "source_id": numbered(codes, "HD"),
            "name": names,
            "geom": shapes,
            "division_code": codes,
            "address": [counties[code] for code in codes],
            "responsible_person": invented_people(rng, len(reaches)),
            "responsible_phone": invented_phones(rng, len(reaches)),
            "river_code": [None] * len(reaches),
            "river_class": [_class_of(size) for size in sizes],
            "flow_direction": [None if n % _UNDECLARED_EACH == 7 else "digitised" for n in range(len(reaches))],
            "basin": ["赣江水系(演示)"] * len(reaches),
            "flows_into": [below if below != name else None for below, name in zip(into, names, strict=True)],
            "length_m": [round(_GEOD.geometry_length(shape), -1) for shape in shapes],
            "basin_area_m2": [round(size * CELL_KM2) * 1e6 for size in sizes],
        }
    )
