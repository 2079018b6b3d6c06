"""Whether a file as a whole looks like GCJ-02 or BD-09 that nobody declared: its distances from what is known agree.

No single point can tell. But where features of the same name are already known, a file in GCJ-02 lies off all of
them by just the shift of GCJ-02 there; and where its rows name townships, undoing the shift brings most of those
that lie outside back in (domain brief 2.4). It is said, and never undone unasked.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import psycopg
import shapely
from psycopg import sql

from geo.crs import Crs
from geo.ingest.geometry import Judged
from geo.ingest.named import Area
from geo.ingest.reading import Batch
from geo.ingest.report import Report
from geo.obfuscation import bd09_to_wgs84, gcj02_to_bd09, gcj02_to_wgs84, wgs84_to_gcj02
from layers.layer import Layer

__all__ = ["Suspicion"]

_SEEN = 20_000
_LEAST_NAMES, _CLOSE_M, _FAR_M = 5, 60.0, 250.0
_LEAST_OUTSIDE, _LEFT_OUTSIDE = 8, 0.35
_METRES_PER_DEG = 111_320.0

Floats = npt.NDArray[np.float64]
_KINDS = ("GCJ-02", "BD-09")


def _shifted(kind: str, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    shifted = wgs84_to_gcj02(lon, lat)
    return shifted if kind == "GCJ-02" else gcj02_to_bd09(*shifted)


def _undone(kind: str, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return gcj02_to_wgs84(lon, lat) if kind == "GCJ-02" else bd09_to_wgs84(lon, lat)


def _apart_m(lon: Floats, lat: Floats, other_lon: Floats, other_lat: Floats) -> float:
    """The median distance of pairs of places."""
    east = (lon - other_lon) * np.cos(np.radians(lat)) * _METRES_PER_DEG
    return float(np.median(np.hypot(east, (lat - other_lat) * _METRES_PER_DEG)))


class Suspicion:
    """Gathers names, places and named areas of a file's first rows, and judges them at its end."""

    def __init__(self, layer: Layer, crs: Crs, name_header: str | None) -> None:
        self._layer, self._name_header = layer, name_header
        self._idle = crs.code in ("GCJ02", "BD09")
        self._places: dict[str, tuple[float, float]] = {}
        self._repeated: set[str] = set()
        self._in_areas: dict[Area, list[tuple[float, float]]] = {}
        self._seen = 0

    def see(self, batch: Batch, judged: Judged, areas: Sequence[Area | None]) -> None:
        """Take note of a batch; of a long file only the first rows."""
        if self._idle or self._seen >= _SEEN or not len(batch):
            return
        self._seen += len(batch)
        names = batch.cells[self._name_header] if self._name_header else [None] * len(batch)
        for at, shape in enumerate(judged.geometry):
            if shape is None or shape.geom_type != "Point":
                continue
            place = (shape.x, shape.y)
            if isinstance(name := names[at], str) and len(name) > 1 and "\0" not in name:
                (self._repeated.add(name) if name in self._places else self._places.setdefault(name, place))
            if at < len(areas) and (area := areas[at]) is not None:
                self._in_areas.setdefault(area, []).append(place)

    def tell(self, connection: psycopg.Connection, report: Report) -> None:
        """Warn in ``report`` when the file looks like GCJ-02 or BD-09."""
        if self._idle:
            return
        found = self._by_names(connection) or self._by_areas()
        if found is None:
            return
        kind, zh, en = found
        datum = kind.lower().replace("-", "")
        report.warn(
            f"坐标疑似 {kind}(未声明):{zh};没有自动换算,确认后请用 --datum {datum} 重新导入",
            f"the coordinates look like {kind}, which was not declared: {en}; nothing was converted; "
            f"if it is so, import again with --datum {datum}",
        )

    def _by_names(self, connection: psycopg.Connection) -> tuple[str, str, str] | None:
        names = [name for name in self._places if name not in self._repeated]
        query = sql.SQL(
            "SELECT name, min(ST_X(ST_PointOnSurface(geom))), min(ST_Y(ST_PointOnSurface(geom))) FROM {} "
            "WHERE name = ANY(%s) AND GeometryType(geom) = 'POINT' GROUP BY name HAVING count(*) = 1 ORDER BY name"
        ).format(sql.Identifier(self._layer.name))
        rows = connection.execute(query, (names,)).fetchall() if names else []
        if len(rows) < _LEAST_NAMES:
            return None
        here = np.array([self._places[name] for name, _, _ in rows])
        there = np.array([(lon, lat) for _, lon, lat in rows], dtype=float)
        apart = _apart_m(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
        for kind in _KINDS:
            rest = _apart_m(here[:, 0], here[:, 1], *_shifted(kind, there[:, 0], there[:, 1]))
            if apart > _FAR_M and rest < _CLOSE_M:
                return (
                    kind,
                    f"与已有的 {len(rows)} 个同名要素相差约 {apart:.0f} 米,扣除 {kind} 偏移后只差 {rest:.0f} 米",
                    f"it lies {apart:.0f} m from {len(rows)} known features of the same names, "
                    f"but {rest:.0f} m with the shift of {kind} taken off",
                )
        return None

    def _by_areas(self) -> tuple[str, str, str] | None:
        outside = self._outside(None)
        if outside < _LEAST_OUTSIDE:
            return None
        left = {kind: self._outside(kind) for kind in _KINDS}
        kind = min(left, key=lambda each: left[each])
        if left[kind] > _LEFT_OUTSIDE * outside:
            return None
        return (
            kind,
            f"{outside} 个点不在所写的行政区划内,扣除 {kind} 偏移后只剩 {left[kind]} 个",
            f"{outside} points lie outside the divisions that they name, {left[kind]} with {kind} undone",
        )

    def _outside(self, kind: str | None) -> int:
        """How many places lie outside their areas, as they stand or with a shift undone."""
        count = 0
        for area, places in self._in_areas.items():
            xy = np.array(places)
            lon, lat = (xy[:, 0], xy[:, 1]) if kind is None else _undone(kind, xy[:, 0], xy[:, 1])
            shapely.prepare(area.geometry)
            count += int((~np.asarray(shapely.contains_xy(area.geometry, lon, lat), dtype=bool)).sum())
        return count
