"""Degrees, minutes and seconds in three columns are one coordinate, however the columns are called."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import psycopg
import pytest

from geo.errors import InputError
from geo.ingest import ImportOptions, Report, import_file
from layers.registry import discover

LAYER = discover()["hazard_points"]
POINT = ("115", "56", "38.4", "28", "32", "42")
HEADERS = (
    "经度(度),经度(分),经度(秒),纬度(度),纬度(分),纬度(秒)",
    "东经度,东经分,东经秒,北纬度,北纬分,北纬秒",
    "经度°,经度′,经度″,纬度°,纬度′,纬度″",
    "经度,分,秒,纬度,分,秒",
    "lon_deg,lon_min,lon_sec,lat_deg,lat_min,lat_sec",
)


def _import(dsn: str, path: Path, **options: object) -> Report:
    return import_file(dsn, path, LAYER, ImportOptions(crs="CRS84", **options))  # type: ignore[arg-type]  # its own words


def _write(path: Path, headers: str, *rows: tuple[str, ...]) -> Path:
    lines = ["编号,名称," + headers, *(f"A{n},甲," + ",".join(row) for n, row in enumerate(rows))]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _places(dsn: str) -> list[tuple[float, float]]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT ST_X(geom), ST_Y(geom) FROM hazard_points ORDER BY source_id").fetchall()
    return [(round(lon, 9), round(lat, 9)) for lon, lat in rows]


@pytest.mark.parametrize("headers", HEADERS)
def test_three_columns_are_one_coordinate(database_url: str, tmp_path: Path, headers: str) -> None:
    report = _import(database_url, _write(tmp_path / "a.csv", headers, POINT))
    assert (report.counts.inserted, report.counts.flagged) == (1, 0)
    assert _places(database_url) == [(115.944, 28.545)]
    roles = {each.header: each.role for each in report.columns}
    assert set(roles.values()) >= {"longitude", "longitude_minutes", "longitude_seconds", "latitude_minutes"}
    assert "extra" not in roles.values()


def test_a_merged_header_over_three_columns_is_read_so(database_url: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["统一编号", "名称", "经度", None, None, "纬度", None, None])
    sheet.append([None, None, "度", "分", "秒", "度", "分", "秒"])
    sheet.append(["A1", "甲", 115, 56, 38.4, 28, 32, 42])
    sheet.merge_cells("C1:E1")
    sheet.merge_cells("F1:H1")
    path = tmp_path / "a.xlsx"
    book.save(path)
    assert _import(database_url, path).counts.inserted == 1
    assert _places(database_url) == [(115.944, 28.545)]


def test_each_row_may_do_otherwise_and_what_is_no_angle_is_refused(database_url: str, tmp_path: Path) -> None:
    path = _write(
        tmp_path / "a.csv",
        HEADERS[0],
        POINT,
        ("115°", "56′", "38.4″", "28度", "32分", "42秒"),
        ("115.944", "", "", "28.545", "/", ""),
        ("115", "56.64", "", "28", "32.7", ""),
        ("115", "76", "38.4", "28", "32", "42"),
        ("115", "", "38.4", "28", "32", "42"),
        ("", "", "", "", "", ""),
    )
    report = _import(database_url, path)
    assert (report.counts.inserted, report.counts.rejected) == (4, 3)
    assert _places(database_url) == [(115.944, 28.545)] * 4
    assert {each.code: each.rows for each in report.findings if each.code.startswith("coordinate")} == {
        "coordinate-unreadable": [6, 7],
        "coordinate-missing": [8],
    }


def test_the_parts_can_be_named_by_the_user(database_url: str, tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "a,b,c,d,e,f", POINT)
    with pytest.raises(InputError):
        _import(database_url, path)
    axes = [f"{axis}{part}" for axis in ("longitude", "latitude") for part in ("", "_minutes", "_seconds")]
    _import(database_url, path, mapping=dict(zip("abcdef", axes, strict=True)))
    assert _places(database_url) == [(115.944, 28.545)]


def test_a_column_whose_header_names_all_three_is_still_a_column_of_its_own(database_url: str, tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "经度（度分秒）,纬度（度分秒）", ("115°56′38.4″", "28°32′42″"))
    assert _import(database_url, path).counts.inserted == 1
    assert _places(database_url) == [(115.944, 28.545)]
