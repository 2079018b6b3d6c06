"""Sites to be asked in bulk: CSV, NDJSON or GeoJSON, read row by row; a wrong row is an answer of its own."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from geo.crs import Crs
from geo.errors import InputError, OnemapError
from geo.ingest.headers import Header, read_header
from geo.ingest.notation import read_number
from geo.ingest.values import tidy
from geo.limits import RiskLimits
from layers.text import Text

__all__ = ["BadSite", "Site", "read_sites"]

_KEYS = ("site", "id", "name", "编号", "名称")
_LON = ("lon", "lng", "longitude", "经度", "东经", "x")
_LAT = ("lat", "latitude", "纬度", "维度", "北纬", "y")
_RADIUS = ("radiusm", "radius", "半径")
_KILOMETRES = ("km", "公里", "千米")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


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


def _text(value: object) -> str:
    """As text that can be told: half of a surrogate pair, which JSON may hold, has no form in UTF-8."""
    return str(value).encode("utf-8", "replace").decode()


def _first(values: Mapping[Header, object], names: tuple[str, ...]) -> tuple[Header, object] | None:
    """The first of the columns of these names that holds anything."""
    found = ((head, value) for name in names for head, value in values.items() if head.key == name)
    return next(((head, value) for head, value in found if value not in (None, "")), None)


def _wrong(row: int, what: Text, value: object, values: Mapping[Header, object]) -> InputError:
    if value is None:
        listed = "、".join(head.key for head in values)[:200]
        zh, en = f"第 {row} 行:没有{what.zh};列:{listed}", f"row {row}: no {what.en}; columns: {listed}"
    else:
        told = repr(value)[:60]
        zh, en = f"第 {row} 行:{what.zh} {told} 不是数字", f"row {row}: {what.en} {told} is not a number"
    return InputError(Text(_text(zh), _text(en)), field=what.en)


def _angle(values: Mapping[Header, object], names: tuple[str, ...], what: Text, axis: str, row: int) -> float:
    """A coordinate in any notation that can mean one thing only: 115.3, 115°18′, 东经115度18分, not 115.18.00."""
    found = _first(values, names)
    value = None if found is None else found[1]
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    written = read_number(value)
    if not math.isfinite(written.value) or written.method == "dotted" or written.axis not in (None, axis):
        raise _wrong(row, what, value, values)
    return written.value


def _radius_m(values: Mapping[Header, object], row: int) -> float | None:
    found = _first(values, _RADIUS)
    if found is None:
        return None
    head, value = found
    text = tidy(str(value))
    if not _NUMBER.fullmatch(text):
        raise _wrong(row, Text("半径", "radius_m"), value, values)
    in_kilometres = any(word in _KILOMETRES for word in (*head.remarks, head.suffix))
    return float(text) * (1000.0 if in_kilometres else 1.0)


def _site(values: Mapping[str, object], row: int, crs: Crs, radius_m: float, limits: RiskLimits) -> Site | BadSite:
    named = {read_header(str(name)): value for name, value in values.items()}
    key = _first(named, _KEYS)
    told = _text(row if key is None else key[1])
    try:
        x = _angle(named, _LON, Text("经度", "lon"), "E", row)
        y = _angle(named, _LAT, Text("纬度", "lat"), "N", row)
        if x == y == 0:
            raise InputError(
                Text(f"第 {row} 行:0, 0 表示没有坐标", f"row {row}: 0, 0 is what is written for no place"), field="lon"
            )
        lon, lat = crs.point_to_cgcs2000(x, y)
        given = _radius_m(named, row)
        own_m = radius_m if given is None else given
        if not 0 < own_m <= limits.radius_m:
            raise InputError(
                Text(
                    f"第 {row} 行:半径 {own_m:g} 应大于 0 且不超过 {limits.radius_m:,.0f} 米",
                    f"row {row}: radius_m={own_m:g} should be more than 0 and at most {limits.radius_m:,.0f}",
                ),
                field="radius_m",
            )
    except OnemapError as error:
        return BadSite(row, told, error.message)
    return Site(row, told, lon, lat, own_m)


def _csv_rows(text: str) -> Iterator[Mapping[str, object] | str]:
    """Rows of a table whose cells are parted by the sign that its header has most of."""
    header = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=header.count))
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:  # a cell of megabytes
            yield str(error)


def _ndjson_rows(text: str) -> Iterator[Mapping[str, object] | str]:
    for line in text.splitlines():
        if line.strip():
            try:
                value = json.loads(line)
            except (json.JSONDecodeError, RecursionError):
                yield line
                continue
            yield value if isinstance(value, dict) else line


def _geojson_rows(text: str) -> Iterator[Mapping[str, object] | str]:
    try:
        features = json.loads(text)["features"]
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError) as error:
        raise _no_collection() from error
    if not isinstance(features, list):
        raise _no_collection()
    for feature in features:
        try:
            lon, lat = feature["geometry"]["coordinates"][:2]
            yield {"site": feature.get("id"), **(feature.get("properties") or {}), "lon": lon, "lat": lat}
        except (KeyError, TypeError, ValueError, AttributeError):
            yield json.dumps(feature)[:80]


def _no_collection() -> InputError:
    return InputError(Text("不是 GeoJSON FeatureCollection", "this is no GeoJSON FeatureCollection"), field="sites")


def _decoded(content: bytes) -> str:
    """UTF-8, or what a Chinese spreadsheet writes as CSV.

    Raises:
        InputError: neither.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(
        Text("站点文件应为 UTF-8 或 GBK 编码", "the file of sites should be UTF-8 (or GBK)"), field="sites"
    )


def read_sites(
    content: bytes, kind: str, crs: Crs, radius_m: float, limits: RiskLimits, most: int
) -> Iterator[Site | BadSite]:
    """Every row of a file of sites; ``radius_m`` is for rows without their own. ``kind``: csv, ndjson or geojson.

    Raises:
        InputError: not text, not the kind that was said, or more than ``most`` rows.
    """
    text = _decoded(content)
    rows: Iterator[Mapping[str, object] | str]
    rows = {"csv": _csv_rows, "ndjson": _ndjson_rows, "geojson": _geojson_rows}[kind](text)
    for row, values in enumerate(rows, start=1):
        if row > most:
            raise InputError(
                Text(f"站点超过 {most:,} 个;请分批", f"more than {most:,} sites; send them in parts"), field="sites"
            )
        if isinstance(values, str):
            told = _text(repr(values[:60]))
            yield BadSite(row, str(row), Text(f"第 {row} 行无法读取:{told}", f"row {row} cannot be read: {told}"))
        else:
            yield _site(values, row, crs, radius_m, limits)
