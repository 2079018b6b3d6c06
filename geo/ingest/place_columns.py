"""Columns that say where a row is: longitude and latitude, X and Y, a pair in one cell, and the divisions it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from geo.ingest.headers import read_header

__all__ = ["PLACE_ROLES", "PlaceColumns", "division_rank", "find_places", "place_role"]

LONGITUDE, LATITUDE, GRID_X, GRID_Y, COORDINATES = "longitude", "latitude", "grid_x", "grid_y", "coordinates"
_PARTS = ("minutes", "seconds")
PLACE_ROLES = (
    *(LONGITUDE, LATITUDE, GRID_X, GRID_Y, COORDINATES),
    *(f"{axis}_{part}" for axis in (LONGITUDE, LATITUDE) for part in _PARTS),
)
"""What ``--map 列名=…`` takes beside the layer's fields."""

_UNITS = {
    "": ("度", "°", "deg", "degree", "degrees"),
    "minutes": ("分", "′", "'", "min", "minute", "minutes"),
    "seconds": ("秒", "″", "′′", '"', "''", "sec", "second", "seconds"),
}
"""What stands behind the name of an axis where its degrees, minutes and seconds have columns of their own."""
_BARE = {"minutes": frozenset(("分", "′", "'", "min")), "seconds": frozenset(("秒", "″", "′′", '"', "sec"))}
_REPEATED = re.compile(r" \(\d+\)$")

_WORDS = {
    LONGITUDE: "经度 东经 所在地经度 地理经度 经度坐标 坐标经度 中心经度 中心点经度 gps经度 经度x 东经度 经 "
    "longitude lon lng long jd jd84 longitude_deg x_lon lon_wgs84 gpslon",
    LATITUDE: "纬度 北纬 维度 所在地纬度 地理纬度 纬度坐标 坐标纬度 中心纬度 中心点纬度 gps纬度 纬度y 北纬度 纬 "
    "北维 地理维度 latitude lat wd wd84 latitude_deg y_lat lat_wgs84 gpslat",
    GRID_X: "x x坐标 坐标x x值 纵坐标 北坐标 northing x84 x2000 xcoord point_x",
    GRID_Y: "y y坐标 坐标y y值 横坐标 东坐标 easting y84 y2000 ycoord point_y",
    COORDINATES: "经纬度 坐标 地理坐标 经纬度坐标 坐标经纬度 位置坐标 gps坐标 gps 中心坐标 中心点坐标 "
    "经纬坐标 空间坐标 lonlat lnglat latlon latlng lonlat84 coordinates coordinate wkt "
    "geom the_geom geometry shape 东经北纬 北纬东经",
}
"""维度 is 纬度 misspelt, often enough to be read so (domain brief 4.2)."""

_DIVISIONS = (
    "省 省份 省市 所在省 province",
    "市州 设区市 市 地市 地级市 州市 所在市 所属市 城市",
    "县 县市 区县 县区 县市区 市县 所在县 所属县 所在区县 所属区县 县名 县区名称 区 行政区 行政区域 所属区域 所在区域 "
    "所在地区 行政区划 所在行政区 所属县市 所属县区 县市及乡镇市区 county countyname county01",
    "乡镇 乡 镇 街道 乡镇街道 乡镇名称 镇街 镇乡 街镇 所在乡镇 所属乡镇 所属镇街 乡镇市区 township town "
    "townname town01",
    "村 行政村 村社区 社区 村居 村名 所在村 所属村 village vill01",
)
"""Headers of divisions, the largest first."""


@dataclass(frozen=True, slots=True)
class PlaceColumns:
    """The columns that say where a file's rows are. ``either_order``: X and Y promise no order, nor does a pair."""

    longitude: str | None = None
    latitude: str | None = None
    coordinates: str | None = None
    either_order: bool = False
    divisions: tuple[str, ...] = ()
    longitude_parts: tuple[str, ...] = ()
    """The columns of minutes and of seconds, where ``longitude`` holds whole degrees; and so of the latitude."""
    latitude_parts: tuple[str, ...] = ()

    @property
    def headers(self) -> frozenset[str]:
        """The columns that are read as coordinates."""
        named = (self.longitude, self.latitude, self.coordinates, *self.longitude_parts, *self.latitude_parts)
        return frozenset(header for header in named if header is not None)

    def roles(self) -> dict[str, str]:
        """Header → role, for the report."""
        x, y = (GRID_X, GRID_Y) if self.either_order else (LONGITUDE, LATITUDE)
        named = [(self.longitude, x), (self.latitude, y), (self.coordinates, COORDINATES)]
        for axis, headers in ((LONGITUDE, self.longitude_parts), (LATITUDE, self.latitude_parts)):
            named += [(header, f"{axis}_{part}") for header, part in zip(headers, _PARTS, strict=False)]
        return dict.fromkeys(self.divisions, "division") | {
            header: role for header, role in named if header is not None
        }


@lru_cache(maxsize=1)
def _roles() -> Mapping[str, tuple[str, int]]:
    return {
        read_header(word).key: (role, rank) for role, words in _WORDS.items() for rank, word in enumerate(words.split())
    }


@lru_cache(maxsize=1)
def _ranks() -> Mapping[str, int]:
    return {read_header(word).key: rank for rank, words in enumerate(_DIVISIONS) for word in words.split()}


@lru_cache(maxsize=4096)
def _part(header: str) -> str | None:
    """The role of 经度(分), 东经秒 or lon_deg: a part of an axis."""
    read = read_header(header)
    bracketed = [(part, read.key) for part, units in _UNITS.items() if any(each in units for each in read.remarks)]
    behind = [
        (part, read.key.removesuffix(unit))
        for part, units in _UNITS.items()
        for unit in units
        if read.key.endswith(unit)
    ]
    for part, base in bracketed or behind:
        axis = _roles().get(base, ("", 0))[0]
        if axis in (LONGITUDE, LATITUDE):
            return f"{axis}_{part}" if part else axis
    return None


def place_role(header: str) -> tuple[str, int] | None:
    """The role of a column of coordinates, and its rank among the role's words (0 is best)."""
    read = read_header(header)
    part = _part(header)
    if part is not None and (part not in (LONGITUDE, LATITUDE) or read.key not in _roles()):
        return part, 0
    return _roles().get(read.key) or (_roles().get(read.bare) if read.suffix else None)


def division_rank(header: str) -> int | None:
    """How deep the divisions are that a column names: 0 province … 4 village; None when it names none."""
    return _ranks().get(read_header(header).key)


def find_places(ranked: Mapping[str, Sequence[str]], headers: Iterable[str]) -> PlaceColumns:
    """The place columns of a file; ``ranked`` maps each role to the headers that claim it, the best first."""
    headers = tuple(headers)
    best = {role: found[0] for role, found in ranked.items() if found}
    depths = ((division_rank(header), header) for header in headers)
    divisions = tuple(header for _, header in sorted((rank, header) for rank, header in depths if rank is not None))
    pair = best.get(COORDINATES)
    if LONGITUDE in best and LATITUDE in best:
        return PlaceColumns(
            best[LONGITUDE],
            best[LATITUDE],
            pair,
            False,
            divisions,
            _parts_of(LONGITUDE, best, headers),
            _parts_of(LATITUDE, best, headers),
        )
    if GRID_X in best and GRID_Y in best:
        return PlaceColumns(best[GRID_X], best[GRID_Y], pair, True, divisions)
    if pair is not None:
        return PlaceColumns(None, None, pair, True, divisions)
    return PlaceColumns(best.get(LONGITUDE), best.get(LATITUDE), None, False, divisions)


def _parts_of(axis: str, best: Mapping[str, str], headers: Sequence[str]) -> tuple[str, ...]:
    """The columns of an axis' minutes and seconds: by their names, or bare 分 and 秒 right behind its degrees."""
    named = tuple(best[role] for part in _PARTS if (role := f"{axis}_{part}") in best)
    if named and f"{axis}_minutes" in best:
        return named
    behind = headers[headers.index(best[axis]) + 1 :]
    found = []
    for header, part in zip(behind, _PARTS, strict=False):
        if _REPEATED.sub("", header).strip() not in _BARE[part]:
            break
        found.append(header)
    return tuple(found)
