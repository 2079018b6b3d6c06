"""Columns that say where a row is: longitude and latitude, X and Y, a pair in one cell, and the divisions it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from geo.ingest.headers import read_header

__all__ = ["PLACE_ROLES", "PlaceColumns", "division_rank", "find_places", "place_role"]

LONGITUDE, LATITUDE, GRID_X, GRID_Y, COORDINATES = "longitude", "latitude", "grid_x", "grid_y", "coordinates"
PLACE_ROLES = (LONGITUDE, LATITUDE, GRID_X, GRID_Y, COORDINATES)
"""What ``--map 列名=…`` takes beside the layer's fields."""

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

    def roles(self) -> dict[str, str]:
        """Header → role, for the report."""
        x, y = (GRID_X, GRID_Y) if self.either_order else (LONGITUDE, LATITUDE)
        named = ((self.longitude, x), (self.latitude, y), (self.coordinates, COORDINATES))
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


def place_role(header: str) -> tuple[str, int] | None:
    """The role of a column of coordinates, and its rank among the role's words (0 is best)."""
    read = read_header(header)
    return _roles().get(read.key) or (_roles().get(read.bare) if read.suffix else None)


def division_rank(header: str) -> int | None:
    """How deep the divisions are that a column names: 0 province … 4 village; None when it names none."""
    return _ranks().get(read_header(header).key)


def find_places(ranked: Mapping[str, Sequence[str]], headers: Iterable[str]) -> PlaceColumns:
    """The place columns of a file; ``ranked`` maps each role to the headers that claim it, the best first."""
    best = {role: found[0] for role, found in ranked.items() if found}
    depths = ((division_rank(header), header) for header in headers)
    divisions = tuple(header for _, header in sorted((rank, header) for rank, header in depths if rank is not None))
    pair = best.get(COORDINATES)
    if LONGITUDE in best and LATITUDE in best:
        return PlaceColumns(best[LONGITUDE], best[LATITUDE], pair, False, divisions)
    if GRID_X in best and GRID_Y in best:
        return PlaceColumns(best[GRID_X], best[GRID_Y], pair, True, divisions)
    if pair is not None:
        return PlaceColumns(None, None, pair, True, divisions)
    return PlaceColumns(best.get(LONGITUDE), best.get(LATITUDE), None, False, divisions)
