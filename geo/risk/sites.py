"""Sites to be asked in bulk: CSV, NDJSON or GeoJSON, read row by row; a wrong row is an answer of its own."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from geo.crs import Crs
from geo.errors import InputError, OnemapError
from geo.limits import RiskLimits
from layers.text import Text

__all__ = ["BadSite", "Site", "read_sites"]

_KEYS = ("site", "id", "name", "编号", "名称")
_LON = ("lon", "lng", "longitude", "经度", "x")
_LAT = ("lat", "latitude", "纬度", "维度", "y")
_RADIUS = ("radius_m", "radius", "半径")


@dataclass(frozen=True, slots=True)
class Site:
    """One site: its row (from 1), its key as sent, CGCS2000 degrees and its own radius."""

    row: int
    key: str
    lon: float
    lat: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class BadSite:
    """A row that cannot be asked, and why."""

    row: int
    key: str
    why: Text


def _first(values: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((values[name] for name in names if values.get(name) not in (None, "")), None)


def _number(value: object, what: Text, row: int) -> float:
    try:
        number = float(str(value).strip())
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(
            Text(f"第 {row} 行:{what.zh} {value!r} 不是数字", f"row {row}: {what.en} {value!r} is not a number"),
            field=what.en,
        )
    return number


def _site(values: Mapping[str, object], row: int, crs: Crs, radius_m: float, limits: RiskLimits) -> Site | BadSite:
    folded = {str(name).strip().lower().lstrip("\ufeff"): value for name, value in values.items()}
    key = str(_first(folded, _KEYS) or row)
    try:
        x = _number(_first(folded, _LON), Text("经度", "lon"), row)
        y = _number(_first(folded, _LAT), Text("纬度", "lat"), row)
        lon, lat = crs.point_to_cgcs2000(x, y)
        given = _first(folded, _RADIUS)
        own_m = radius_m if given is None else _number(given, Text("半径", "radius_m"), row)
        if not 0 < own_m <= limits.radius_m:
            raise InputError(
                Text(
                    f"第 {row} 行:半径 {own_m:g} 应大于 0 且不超过 {limits.radius_m:,.0f} 米",
                    f"row {row}: radius_m={own_m:g} should be more than 0 and at most {limits.radius_m:,.0f}",
                ),
                field="radius_m",
            )
    except OnemapError as error:
        return BadSite(row, key, error.message)
    return Site(row, key, lon, lat, own_m)


def _csv_rows(text: str) -> Iterator[Mapping[str, object]]:
    yield from csv.DictReader(io.StringIO(text))


def _ndjson_rows(text: str) -> Iterator[Mapping[str, object] | str]:
    for line in text.splitlines():
        if line.strip():
            try:
                value = json.loads(line)
            except json.JSONDecodeError:
                yield line
                continue
            yield value if isinstance(value, dict) else line


def _geojson_rows(text: str) -> Iterator[Mapping[str, object] | str]:
    try:
        features = json.loads(text)["features"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(
            Text("不是 GeoJSON FeatureCollection", "this is no GeoJSON FeatureCollection"), field="sites"
        ) from error
    for feature in features:
        try:
            lon, lat = feature["geometry"]["coordinates"][:2]
            yield {"site": feature.get("id"), **(feature.get("properties") or {}), "lon": lon, "lat": lat}
        except (KeyError, TypeError, ValueError, AttributeError):
            yield json.dumps(feature)[:80]


def read_sites(
    content: bytes, kind: str, crs: Crs, radius_m: float, limits: RiskLimits, most: int
) -> Iterator[Site | BadSite]:
    """Every row of a file of sites; ``radius_m`` is for rows without their own. ``kind``: csv, ndjson or geojson.

    Raises:
        InputError: not text in UTF-8, not the kind that was said, or more than ``most`` rows.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(Text("站点文件应为 UTF-8 编码", "the file of sites should be UTF-8"), field="sites") from error
    rows: Iterator[Mapping[str, object] | str]
    rows = {"csv": _csv_rows, "ndjson": _ndjson_rows, "geojson": _geojson_rows}[kind](text)
    for row, values in enumerate(rows, start=1):
        if row > most:
            raise InputError(
                Text(f"站点超过 {most:,} 个;请分批", f"more than {most:,} sites; send them in parts"), field="sites"
            )
        if isinstance(values, str):
            yield BadSite(row, str(row), Text(f"第 {row} 行无法读取:{values[:60]!r}", f"row {row} cannot be read"))
        else:
            yield _site(values, row, crs, radius_m, limits)
