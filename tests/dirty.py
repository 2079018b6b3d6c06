"""Dirty workbooks with the truth beside them: one made-up city, and every way in which its sheets go wrong.

Seeded: the same number gives the same workbook. Where two readings of a row both lie in the township that it names
(a few ddd.mmss), no reader can tell and none is drawn.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pyproj
import shapely

__all__ = ["DIRT", "HEADERS", "Row", "divisions", "draw", "write_workbook"]

WEST, SOUTH, COUNTY_DEG = 113.9, 24.6, 0.6
COLUMNS, ROWS_OF_COUNTIES = 4, 3
COUNTIES = (
    "安平县",
    "东陵县",
    "南溪区",
    "西峡县",
    "北塘县",
    "中和区",
    "上犹湾县",
    "下关区",
    "清江县",
    "白河县",
    "黄岗县",
    "青川区",
)
TOWNS = ("青石镇", "白水乡", "城关镇", "大坪乡", "新丰镇", "石门乡")
HEADERS = (
    *("序号", "县（市、区）", "乡镇(街道)", "统一编号", "隐患点名称 ", "经度", "纬度"),
    *("灾害类型", "威胁人口（人）", "威胁财产(万元)", "填报时间"),
)
SUB_HEADERS = {"经度": "位置", "纬度": "位置", "威胁人口（人）": "威胁对象", "威胁财产(万元)": "威胁对象"}
ANY = "*"


@dataclass
class Row:
    """One row: its cells, where it truly is, and what must become of it. ``flag`` and ``reason`` are codes."""

    cells: dict[str, object]
    lon: float
    lat: float
    kind: str = "plain"
    flag: str | None = None
    reason: str | None = None
    people: int | None = 0
    tolerance_m: float = 0.5
    number: int = 0
    source_id: str = field(default="")


def _boxes() -> Iterator[tuple[int, str, int, str, tuple[float, float, float, float]]]:
    for index, county in enumerate(COUNTIES):
        west = WEST + COUNTY_DEG * (index % COLUMNS)
        south = SOUTH + COUNTY_DEG * (index // COLUMNS)
        for at, town in enumerate(TOWNS):
            left, low = west + COUNTY_DEG / 3 * (at % 3), south + COUNTY_DEG / 2 * (at // 3)
            yield index, county, at, town, (left, low, left + COUNTY_DEG / 3, low + COUNTY_DEG / 2)


def divisions() -> list[dict[str, object]]:
    """Rows of the divisions layer: 12 counties of 6 townships each, whose names come again in every county."""
    rows: list[dict[str, object]] = []
    for index, county, at, town, box in _boxes():
        code = f"3699{index + 21}"
        if at == 0:
            west, south = box[:2]
            outline = shapely.box(west, south, west + COUNTY_DEG, south + COUNTY_DEG)
            rows.append({"source_id": code, "name": county, "level": "county", "geom": outline})
        rows.append(
            {
                "source_id": f"{code}{100 + at}",
                "name": town,
                "level": "township",
                "parent_code": code,
                "geom": shapely.box(*box),
            }
        )
    return rows


def _dms(value: float, form: str) -> str:
    ticks = round(value * 36_000_0)
    degrees, rest = divmod(ticks, 36_000_0)
    minutes, seconds = divmod(rest, 6_000)
    return form.format(d=degrees, m=minutes, s=f"{seconds / 100:.2f}", dm=f"{rest / 6_000:.5f}")


def _project(row: Row, code: int) -> tuple[float, float]:
    x, y = pyproj.Transformer.from_crs(4490, code, always_xy=True).transform(row.lon, row.lat)
    return round(x, 3), round(y, 3)


Dirt = Callable[[Row, random.Random], None]
DIRT: dict[str, Dirt] = {}


def _place(
    row: Row, x: object, y: object, flag: str | None = None, reason: str | None = None, off: float = 0.5
) -> None:
    row.cells["经度"], row.cells["纬度"] = x, y
    row.flag, row.reason, row.tolerance_m = flag, reason, off


def _written(name: str, form_x: str, form_y: str | None = None, flag: str | None = None) -> None:
    """A notation of degrees, minutes and seconds (to a hundredth: 0.3 m), or of decimals ({v})."""

    def make(row: Row, _: random.Random) -> None:
        forms = (form_x, form_x if form_y is None else form_y)
        cells = [
            form.replace("{v}", f"{value:.6f}") if "{v}" in form else _dms(value, form)
            for value, form in zip((row.lon, row.lat), forms, strict=True)
        ]
        _place(row, *cells, flag=flag)

    DIRT[name] = make


_written("degree signs", "{d}°{m}′{s}″")
_written("typewriter signs", "{d}°{m}'{s}\"")
_written("two apostrophes", "{d}º{m}'{s}''")
_written("curly quotes", "{d}°{m}’{s}”")
_written("degrees in words", "{d}度{m}分{s}秒")
_written("hyphens", "{d}-{m}-{s}")
_written("full-width colons", "{d}：{m}：{s}")
_written("blanks between", "{d} {m} {s}")
_written("letters before", "E{d}°{m}'{s}\"", "N{d}°{m}'{s}\"")
_written("letters behind", "{v}E", "{v}N")
_written("axes in words", "东经{d}°{m}′{s}″", "北纬{d}°{m}′{s}″")
_written("degrees and minutes", "{d}°{dm}′")
_written("a degree sign behind", "{v}°")
_written("blanks and marks around", "\u3000{v}\u200b ", "\u00a0{v}")
_written("labelled", "经度:{v}", "纬度:{v}")


def _dirt(name: str) -> Callable[[Dirt], Dirt]:
    def register(make: Dirt) -> Dirt:
        DIRT[name] = make
        return make

    return register


def _simple(name: str, make: Callable[[Row], tuple[object, object]], **expected: object) -> None:
    DIRT[name] = lambda row, _: _place(row, *make(row), **expected)  # type: ignore[arg-type]


def _wide(text: str) -> str:
    return text.translate({ord(char): ord(char) + 0xFEE0 for char in "0123456789."})


_simple("decimals as text", lambda r: (f"{r.lon:.6f}", f"{r.lat:.6f}"))
_simple("decimals as numbers", lambda r: (round(r.lon, 6), round(r.lat, 6)))
_simple("full-width digits", lambda r: (_wide(f"{r.lon:.6f}"), _wide(f"{r.lat:.6f}")))
_simple("a full stop for the point", lambda r: (f"{r.lon:.6f}".replace(".", "。"), f"{r.lat:.6f}"))
_simple("a blank at the point", lambda r: (f"{r.lon:.6f}".replace(".", ". "), f"{r.lat:.6f}"))
_simple("a comma for the point", lambda r: (f"{r.lon:.6f}".replace(".", ","), f"{r.lat:.6f}".replace(".", ",")))
_simple("a pair in one cell", lambda r: (f"{r.lon:.6f}，{r.lat:.6f}", None))
_simple("a pair, latitude first", lambda r: (None, f"{r.lat:.6f},{r.lon:.6f}"), flag=ANY)
_simple("a pair of degrees", lambda r: (f"东经{_dms(r.lon, '{d}°{m}′{s}″')}北纬{_dms(r.lat, '{d}°{m}′{s}″')}", None))
_simple("WKT", lambda r: (f"POINT({r.lon:.6f} {r.lat:.6f})", None))
_simple("exchanged", lambda r: (f"{r.lat:.6f}", f"{r.lon:.6f}"), flag="coordinate-exchanged")
_simple(
    "exchanged degrees", lambda r: (_dms(r.lat, "{d}-{m}-{s}"), _dms(r.lon, "{d}-{m}-{s}")), flag="coordinate-exchanged"
)
_simple("exchanged, with letters", lambda r: (f"N{r.lat:.6f}", f"E{r.lon:.6f}"), flag="coordinate-exchanged")
_simple("two decimals", lambda r: (f"{r.lon:.2f}", f"{r.lat:.2f}"), flag="coordinate-coarse", off=1000.0)


def _three(row: Row) -> int:
    return 4488 + round(row.lon / 3)


def _six(row: Row) -> int:
    return 4478 + int(row.lon // 6) + 1


def _bare_code(row: Row) -> int:
    return 4534 + round(row.lon / 3) - 25


_INFERRED = "coordinate-crs-inferred"
_simple("survey metres", lambda r: _project(r, _three(r))[::-1], flag=_INFERRED)
_simple("metres in GIS order", lambda r: _project(r, _three(r)), flag=_INFERRED)
_simple("metres of 6°", lambda r: _project(r, _six(r)), flag=_INFERRED)
_simple("metres of the next zone", lambda r: _project(r, _three(r) - 1), flag=_INFERRED)
_simple("metres with thousands", lambda r: tuple(f"{v:,.3f}" for v in _project(r, _three(r))), flag=_INFERRED)
_simple("metres without zone", lambda r: _project(r, _bare_code(r))[::-1], flag="coordinate-zone-inferred")
_simple("metres as text", lambda r: tuple(f"{v}米" for v in _project(r, _three(r))[::-1]), flag=_INFERRED)


def _packed(value: float) -> str:
    return "".join(_parts(value))


def _parts(value: float) -> tuple[str, str, str]:
    degrees, minutes, seconds = _dms(value, "{d}|{m}|{s}").split("|")
    return degrees, f"{int(minutes):02d}", f"{float(seconds):05.2f}"


@_dirt("packed degrees")
def _(row: Row, _: random.Random) -> None:
    _place(row, _packed(row.lon), _packed(row.lat), flag="coordinate-notation-inferred")


@_dirt("ddd.mmss")
def _(row: Row, rng: random.Random) -> None:
    while True:
        pair = []
        for value in (row.lon, row.lat):
            degrees, minutes, seconds = _parts(value)
            pair.append(f"{degrees}.{minutes}{seconds.replace('.', '')}")
        box = shapely.box(*_box_of(row)).buffer(0.01)
        if not shapely.contains_xy(box, float(pair[0]), float(pair[1])):
            break
        _move(row, rng)
    _place(row, *pair, flag="coordinate-notation-inferred")


def _box_of(row: Row) -> tuple[float, float, float, float]:
    for _, county, _, town, box in _boxes():
        if (county, town) == (row.cells["县（市、区）"], row.cells["乡镇(街道)"]):
            return box
    raise KeyError


def _move(row: Row, rng: random.Random) -> None:
    west, south, east, north = _box_of(row)
    row.lon, row.lat = rng.uniform(west + 0.004, east - 0.004), rng.uniform(south + 0.004, north - 0.004)


@_dirt("a wrong digit")
def _(row: Row, rng: random.Random) -> None:
    lon, lat = (f"{value:.6f}" for value in (row.lon, row.lat))
    wrong = rng.choice([(f"1{lon[2]}{lon[1]}{lon[3:]}", lat), (lon, f"{int(lat[0]) + 1}{lat[1:]}"), (lon[1:], lat)])
    wrong = wrong if wrong != (lon, lat) else (lon, f"{int(lat[0]) + 1}{lat[1:]}")
    _place(row, *wrong, flag="coordinate-outside-division", off=1e9)


@_dirt("the seat of another county")
def _(row: Row, rng: random.Random) -> None:
    other = rng.choice([box for _, county, _, _, box in _boxes() if county != row.cells["县（市、区）"]])
    x, y = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    _place(row, f"{x:.6f}", f"{y:.6f}", flag="coordinate-outside-division", off=1e9)


_simple("zeros", lambda r: (0, 0), reason="coordinate-zero")
_simple("one zero", lambda r: (f"{r.lon:.6f}", "0"), reason="coordinate-zero")
_simple("nothing", lambda r: (None, None), reason="coordinate-missing")
_simple("a stroke", lambda r: ("/", "/"), reason="coordinate-missing")
_simple("none in words", lambda r: ("无", "暂无"), reason="coordinate-missing")
_simple("a lost error", lambda r: ("#N/A", "#REF!"), reason="coordinate-missing")
_simple("half a pair", lambda r: (f"{r.lon:.6f}", None), reason="coordinate-missing")
_simple("1900", lambda r: ("1900", "1900"), reason="coordinate-out-of-range")
_simple("a digit too many", lambda r: (f"1{r.lon:.6f}", f"{r.lat:.6f}"), reason="coordinate-out-of-range")
_simple("words", lambda r: ("村委会旁", "往东200米"), reason="coordinate-unreadable")
_simple("two points", lambda r: (f"{r.lon:.6f}".replace(".", ".."), f"{r.lat:.6f}"), reason="coordinate-unreadable")
_simple("minutes over 60", lambda r: ("115°75′10″", "25°10′10″"), reason="coordinate-unreadable")
_simple("scientific", lambda r: ("1.15E+02", "2.5E+01"), reason="coordinate-unreadable")
_simple("dotted", lambda r: tuple(".".join(_parts(v)) for v in (r.lon, r.lat)), reason="coordinate-ambiguous")


def _people(name: str, cell: object, people: int | None, flag: str | None = None) -> None:
    def make(row: Row, _: random.Random) -> None:
        row.cells["威胁人口（人）"], row.people, row.flag = cell, people, flag

    DIRT[name] = make


_people("an estimate", "约300余人", 300, "number-approximate")
_people("households and people", "12户45人", 45)
_people("a numeral", "三百二十", 320)
_people("a range", "32~40", None, "number-range")
_people("at least", "≥50", None, "number-range")
_people("ten thousands", "1.2万", 12_000)
_people("no number", "若干", None, "number-unreadable")
_people("unknown", "不详", None)
_people("full-width people", "１２０", 120)
_people("people with thousands", "1,200人", 1200)
_people("fewer than none", "-3", None, "out-of-bounds")
_people("half a person", "12.5", None, "not-whole")


@_dirt("a type of no register")
def _(row: Row, _: random.Random) -> None:
    row.cells["灾害类型"], row.flag = "塌方", "choice-unknown"


@_dirt("a date that is none")
def _(row: Row, _: random.Random) -> None:
    row.cells["填报时间"], row.flag = "去年汛期", "date-unreadable"


@_dirt("no id")
def _(row: Row, _: random.Random) -> None:
    row.cells["统一编号"], row.reason = None, "id-missing"


@_dirt("a mangled id")
def _(row: Row, _: random.Random) -> None:
    row.cells["统一编号"], row.reason = "3.60721E+11", "id-unreadable"


def draw(seed: int, count: int) -> list[Row]:
    """``count`` rows, every kind of dirt as often as any other, a third of them clean."""
    rng = random.Random(seed)
    kinds, boxes = list(DIRT), list(_boxes())
    rows = []
    for index in range(count):
        _, county, _, town, _ = rng.choice(boxes)
        people = rng.randrange(400)
        cells: dict[str, object] = {
            "序号": index + 1,
            "县（市、区）": county,
            "乡镇(街道)": town,
            "统一编号": f"3699{index:08d}",
            "隐患点名称 ": f"{town}第{index}号隐患点",
            "灾害类型": rng.choice(("滑坡", "崩塌", "泥石流", " 不稳定斜坡")),
            "威胁人口（人）": people,
            "威胁财产(万元)": rng.choice((120, "35.5", "1,200", None)),
            "填报时间": rng.choice(("2024.5.1", "2024/5/1", "2024年5月1日", "20240501", 45413, "2024-05")),
        }
        row = Row(cells, 0.0, 0.0, source_id=f"3699{index:08d}", people=people)
        _move(row, rng)
        cells["经度"], cells["纬度"] = f"{row.lon:.6f}", f"{row.lat:.6f}"
        row.lon, row.lat = round(row.lon, 6), round(row.lat, 6)
        if index % 3:
            row.kind = kinds[(index // 3 * 2 + index % 3) % len(kinds)]
            DIRT[row.kind](row, rng)
        rows.append(row)
    return rows


def write_workbook(path: Path, rows: list[Row], per_sheet: int = 5000) -> None:
    """The rows in sheets of one header each: title, two header rows, units, subtotals, headers again, notes."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, start in enumerate(range(0, len(rows), per_sheet)):
        sheet = book.create_sheet(f"第{number + 1}批")
        sheet.append([f"全市地质灾害隐患点一览表(第{number + 1}批)"])
        sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=len(HEADERS))
        sheet.append([SUB_HEADERS.get(name, name) for name in HEADERS])
        sheet.append([name if name in SUB_HEADERS else None for name in HEADERS])
        for column, name in enumerate(HEADERS, start=1):
            if name not in SUB_HEADERS:
                sheet.merge_cells(start_row=2, end_row=3, start_column=column, end_column=column)
        sheet.append([None] * 5 + ["(°)", "(°)"])
        line = 5
        for at, row in enumerate(rows[start : start + per_sheet]):
            if at and at % 400 == 0:
                sheet.append(["小计", None, None, 400])
                sheet.append([name.strip() for name in HEADERS])
                line += 2
            sheet.append([row.cells.get(name) for name in HEADERS])
            row.number = number * 10_000_000 + line
            line += 1
        sheet.append(["合计", None, None, len(rows)])
        sheet.append(["注:数据由各县上报,截至2024年5月"])
    book.save(path)
