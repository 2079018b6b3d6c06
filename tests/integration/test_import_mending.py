"""The workbook that is mended and sent back: the user's own columns, the bad cells marked, just those rows taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import openpyxl
import psycopg
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from api.cli import build
from geo.errors import InputError, NotFound
from geo.ingest import ImportOptions, Report, import_file
from geo.ingest.mending import mending_workbook
from layers.registry import discover

LAYER = discover()["hazard_points"]
OPTIONS = ImportOptions(crs="CRS84", source="某局")
CONTENT = """统一编号,灾害名称,经度,纬度,威胁人口（人）,备注
360721001,王家屋后滑坡,114.93512,25.83117,120,
360721002,李屋崩塌,暂无,,3,=1+1
360721003,张屋泥石流,114.93732,25.83337,很多,"=HYPERLINK(""http://example.com"")"
"""


def _import(dsn: str, path: Path, options: ImportOptions = OPTIONS) -> Report:
    return import_file(dsn, path, LAYER, options)


def _first(dsn: str, tmp_path: Path, content: str = CONTENT) -> Report:
    path = tmp_path / "隐患点.csv"
    path.write_text(content, encoding="utf-8")
    return _import(dsn, path)


def _workbook(dsn: str, report: Report, tmp_path: Path) -> tuple[Path, openpyxl.Workbook, Worksheet]:
    path = tmp_path / "修正.xlsx"
    assert report.run is not None
    path.write_bytes(mending_workbook(dsn, UUID(report.run)))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return path, book, sheet


def _rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return [tuple(row) for row in connection.execute(query.encode()).fetchall()]


def test_refused_and_flagged_rows_are_kept_verbatim_with_their_reasons(database_url: str, tmp_path: Path) -> None:
    report = _first(database_url, tmp_path)
    found = _rows(
        database_url,
        "SELECT \"row\", outcome, source_id, reasons->0->>'code', cells->>'备注', cells->>'经度', geom IS NULL "
        f"FROM import_rows WHERE run = '{report.run}' ORDER BY 1",
    )
    assert found == [
        (3, "rejected", "360721002", "coordinate-missing", "=1+1", "暂无", True),
        (4, "flagged", "360721003", "number-unreadable", '=HYPERLINK("http://example.com")', "114.93732", False),
    ]


def test_the_workbook_has_the_users_columns_and_marks_the_bad_cells(database_url: str, tmp_path: Path) -> None:
    report = _first(database_url, tmp_path)
    _, _, sheet = _workbook(database_url, report, tmp_path)
    head = [cell.value for cell in sheet[1]]
    assert head[:6] == ["统一编号", "灾害名称", "经度", "纬度", "威胁人口（人）", "备注"]
    assert [cell.value for cell in sheet[2]][:4] == ["360721002", "李屋崩塌", "暂无", None]
    assert sheet["C2"].fill.fgColor.rgb == sheet["D2"].fill.fgColor.rgb == "FFFFC7CE"
    assert sheet["E3"].fill.fgColor.rgb == "FFFFEB9C"
    assert sheet["C2"].comment is not None
    assert "没有坐标" in sheet["C2"].comment.text
    assert sheet["A2"].fill.fill_type is None


def test_no_cell_is_a_formula(database_url: str, tmp_path: Path) -> None:
    _, _, sheet = _workbook(database_url, _first(database_url, tmp_path), tmp_path)
    assert (sheet["F2"].value, sheet["F2"].data_type) == ("=1+1", "s")
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_mended_file_brings_just_its_rows_as_the_first_was_declared(database_url: str, tmp_path: Path) -> None:
    path, book, sheet = _workbook(database_url, _first(database_url, tmp_path), tmp_path)
    sheet["C2"], sheet["D2"], sheet["E3"] = "114.93622", "25.83227", 45
    book.save(path)
    report = _import(database_url, path, ImportOptions())
    counts = report.counts
    assert (report.source, report.crs) == ("某局", "CRS84")
    assert (counts.read, counts.inserted, counts.updated, counts.rejected, counts.flagged) == (2, 1, 1, 0, 0)
    found = _rows(
        database_url, "SELECT source_id, threatened_people, extra ? '威胁人口（人）' FROM hazard_points ORDER BY 1"
    )
    assert found == [("360721001", 120, False), ("360721002", 3, False), ("360721003", 45, False)]
    assert not _rows(database_url, "SELECT 1 FROM hazard_points WHERE extra::text LIKE '%onemap%'")
    assert _import(database_url, path, ImportOptions()).counts.unchanged == 2


def test_without_ids_a_mended_row_is_still_the_same_feature(database_url: str, tmp_path: Path) -> None:
    content = "\n".join(line.partition(",")[2] for line in CONTENT.splitlines()) + "\n"
    path, book, sheet = _workbook(database_url, _first(database_url, tmp_path, content), tmp_path)
    sheet["B2"], sheet["C2"], sheet["D3"] = "114.93622", "25.83227", 45
    book.save(path)
    counts = _import(database_url, path, ImportOptions()).counts
    assert (counts.inserted, counts.updated, counts.rejected) == (1, 1, 0)
    assert _rows(database_url, "SELECT count(*) FROM hazard_points") == [(3,)]


def test_a_mended_file_is_neither_full_nor_of_another_layer(database_url: str, tmp_path: Path) -> None:
    path, _, _ = _workbook(database_url, _first(database_url, tmp_path), tmp_path)
    with pytest.raises(InputError, match="--full"):
        _import(database_url, path, replace(OPTIONS, full=True))
    with pytest.raises(InputError, match="hazard_points"):
        import_file(database_url, path, discover()["shelters"], OPTIONS)


def test_there_is_no_workbook_of_no_run(database_url: str) -> None:
    with pytest.raises(NotFound):
        mending_workbook(database_url, UUID(int=7))


def test_the_command_writes_the_workbook_and_shows_what_would_change(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_DATABASE_URL", database_url)
    _first(database_url, tmp_path)
    path, book = tmp_path / "隐患点.csv", tmp_path / "修正.xlsx"
    path.write_text(CONTENT.replace(",120,", ",150,").replace("360721003,张屋泥石流", "360721004,张屋泥石流"), "utf-8")
    words = ["import", str(path), "--layer", "hazard_points", "--crs", "CRS84", "--source", "某局"]
    monkeypatch.setenv("COLUMNS", "200")
    result = CliRunner().invoke(build(), [*words, "--full", "--dry-run", "--report", str(book)])
    assert result.exit_code == 0, result.output
    assert "threatened_people: 120 → 150" in result.stdout
    assert "停用 1" in result.stdout
    assert openpyxl.load_workbook(book).worksheets[0]["C2"].value == "暂无"
    assert _rows(database_url, "SELECT count(*) FROM hazard_points WHERE retired_at IS NULL") == [(2,)]
    wrong = CliRunner().invoke(build(), [*words, "--report", "report.pdf"])
    assert wrong.exit_code == 2


def test_rows_of_one_number_in_two_sheets_are_both_kept_and_both_sent_back(database_url: str, tmp_path: Path) -> None:
    path, book = tmp_path / "两批.xlsx", openpyxl.Workbook()
    sheets = book.worksheets[0], book.create_sheet("第2批")
    for sheet, prefix in zip(sheets, ("A", "B"), strict=True):
        sheet.append(["统一编号", "灾害名称", "经度", "纬度"])
        sheet.append([f"{prefix}001", "王家屋后滑坡", "暂无", None])
        sheet.append([f"{prefix}002", "李屋崩塌", "114.9", "25.83117"])
    book.save(path)
    report = _import(database_url, path)
    assert report.counts.rejected == 2
    kept = _rows(
        database_url,
        'SELECT outcome, source_id, cells->>\'统一编号\', count(*) OVER (), min("row") OVER () <> max("row") OVER () '
        f"FROM import_rows WHERE run = '{report.run}' AND outcome = 'rejected' ORDER BY 2",
    )
    assert kept == [("rejected", "A001", "A001", 2, True), ("rejected", "B001", "B001", 2, True)]
    _, _, mending = _workbook(database_url, report, tmp_path)
    assert {"A001", "B001"} <= {cell.value for cell in mending["A"]}
