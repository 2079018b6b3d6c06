"""Stock of depots from a bureau's table: depots found by id or name, quantities in their unit, nothing guessed."""

from __future__ import annotations

import io
from pathlib import Path
from uuid import UUID

import openpyxl
import psycopg
import pytest

from geo.errors import InputError, UnknownLayer
from geo.ingest import ImportOptions, Report
from geo.ingest.into import import_into, targets
from geo.ingest.mending import mending_workbook
from tests.seeding import insert

TABLE = """某县救灾物资库存表,,,,,,
序号,储备库名称,物资编码,品名,库存数量,单位,盘点日期
1,县储备库,1010101,救灾帐篷,120顶,,2026.10.31
2,县储备库,1010102,折叠床,约300余张,,2026年10月
3,县储备库,1.01E+06,棉被,"1,200",床,
4,镇储备点,9010101,编织袋,1.2万,条,
5,镇储备点,101,冲锋舟,/,艘,
合计,,,,1621,,
"""
BAD = """储备库编号,储备库名称,品名,数量,单位
CK1,,雨衣,20,
CK1,,,20,件
,,雨鞋,20,双
,没有的库,雨鞋,20,双
,重名库,雨鞋,20,双
CK1,,手电,20,把
CK1,,手电,25,把
CK1,,手电,20,把
CK9,,手电,-5,把
CK1,,喊话器,20个,只
"""


@pytest.fixture
def dsn(database_url: str) -> str:
    for own, name in (("CK1", "县储备库"), ("CK2", "镇 储备点"), ("CK3", "重名库"), ("CK4", "重名库")):
        insert(database_url, "supply_depots", "POINT(115.1 25)", own, name=name)
    return database_url


def _import(dsn: str, folder: Path, text: str | bytes = TABLE, name: str = "库存.csv", **options: object) -> Report:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return import_into(dsn, path, "supply_stock", ImportOptions(**options))  # type: ignore[arg-type]  # its own words


def _stock(dsn: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT source_id, item_name, item_code, quantity::float8, unit, counted_on::text FROM supply_stock "
            'ORDER BY source_id, item_name COLLATE "C"'
        ).fetchall()


def _codes(report: Report) -> dict[str, list[int]]:
    return {each.code: each.rows for each in report.findings}


def test_depots_are_found_by_their_names_and_quantities_keep_their_units(dsn: str, tmp_path: Path) -> None:
    report = _import(dsn, tmp_path)
    assert (report.source, report.counts.read, report.counts.inserted, report.counts.rejected) == ("test", 5, 5, 0)
    assert sorted(_stock(dsn)) == sorted(
        [
            ("CK1", "救灾帐篷", "1010101", 120.0, "顶", "2026-10-31"),
            ("CK1", "折叠床", "1010102", 300.0, "张", "2026-10-01"),
            ("CK1", "棉被", None, 1200.0, "床", None),
            ("CK2", "编织袋", "9010101", 12000.0, "条", None),
            ("CK2", "冲锋舟", None, None, "艘", None),
        ]
    )
    assert _codes(report) == {
        "row-total": [8],
        "date-precision": [4],
        "number-approximate": [4],
        "missing-mark": [7],
        "code-mangled": [5],
        "supply-class-unknown": [6],
        "supply-code-wrong": [7],
    }
    with psycopg.connect(dsn) as connection:
        kept = connection.execute("SELECT extra FROM supply_stock WHERE item_name = '冲锋舟'").fetchone()
    assert kept is not None
    assert (kept[0]["物资编码"], kept[0]["_flags"]) == ("101", {"item_code": "supply-code-wrong"})


def test_what_cannot_be_told_is_refused_with_its_reason_and_kept_verbatim(dsn: str, tmp_path: Path) -> None:
    report = _import(dsn, tmp_path, BAD)
    assert _codes(report) == {
        "stock-unit-missing": [2],
        "item-missing": [3],
        "depot-missing": [4],
        "depot-not-found": [5],
        "depot-ambiguous": [6],
        "stock-repeated": [8],
        "duplicate-row": [9],
        "depot-unknown": [10],
        "out-of-bounds": [10],
        "stock-unit-differs": [11],
    }
    assert (report.counts.inserted, report.counts.rejected, report.counts.flagged) == (3, 7, 2)
    assert _stock(dsn) == [
        ("CK1", "喊话器", None, 20.0, "个", None),
        ("CK1", "手电", None, 20.0, "把", None),
        ("CK9", "手电", None, None, "把", None),
    ]
    with psycopg.connect(dsn) as connection:
        kept = connection.execute('SELECT cells FROM import_rows WHERE "row" = 5').fetchone()
    assert kept == ({"储备库名称": "没有的库", "品名": "雨鞋", "数量": "20", "单位": "双"},)


def test_importing_again_changes_nothing_and_a_change_is_shown_before_it_is_made(dsn: str, tmp_path: Path) -> None:
    _import(dsn, tmp_path)
    again = _import(dsn, tmp_path)
    assert (again.counts.unchanged, again.counts.inserted, again.counts.updated) == (5, 0, 0)
    before = _stock(dsn)
    report = _import(dsn, tmp_path, TABLE.replace("120顶", "90顶"), dry_run=True)
    assert (report.counts.updated, report.changed_columns) == (1, {"quantity": 1})
    (change,) = report.changes
    assert (change.source_id, change.name, change.columns) == ("CK1", "救灾帐篷 (顶)", {"quantity": ("120", "90")})
    assert _stock(dsn) == before


def test_a_full_delivery_removes_what_it_lacks_unless_rows_of_it_were_refused(dsn: str, tmp_path: Path) -> None:
    _import(dsn, tmp_path)
    shorter = "\n".join(line for line in TABLE.splitlines() if "折叠床" not in line)
    doubtful = shorter.replace("编织袋", "")
    report = _import(dsn, tmp_path, doubtful, full=True)
    assert (report.counts.rejected, report.counts.retired, len(_stock(dsn))) == (1, 0, 5)
    assert any("mend them" in each.en for each in report.warnings)
    report = _import(dsn, tmp_path, shorter, full=True)
    assert (report.counts.retired, len(_stock(dsn))) == (1, 4)
    assert [(each.kind, each.name) for each in report.changes] == [("removed", "折叠床 (张)")]


def test_the_mended_workbook_brings_its_rows_into_the_stock(dsn: str, tmp_path: Path) -> None:
    report = _import(dsn, tmp_path, BAD)
    assert report.run is not None
    book = openpyxl.load_workbook(io.BytesIO(mending_workbook(dsn, UUID(report.run))))
    sheet = book.worksheets[0]
    heads = [str(cell.value) for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[heads.index("品名")].value == "雨衣":
            row[heads.index("单位")].value = "件"
    buffer = io.BytesIO()
    book.save(buffer)
    mended = _import(dsn, tmp_path, buffer.getvalue(), "修正.xlsx")
    assert mended.source == "test"
    assert mended.counts.inserted == 1
    assert ("CK1", "雨衣", None, 20.0, "件", None) in _stock(dsn)


def test_whose_depots_they_are_must_be_known(database_url: str, dsn: str, tmp_path: Path) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE supply_depots SET source = 'other' WHERE source_id = 'CK2'")
    with pytest.raises(InputError, match="there are: other、test"):
        _import(dsn, tmp_path)
    assert _import(dsn, tmp_path, source="other").counts.rejected == 3


def test_a_table_without_items_or_into_nothing_is_refused(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="of items"):
        _import(dsn, tmp_path, "储备库编号,数量\nCK1,5\n")
    with pytest.raises(UnknownLayer, match="supply_stock"):
        import_into(dsn, tmp_path / "库存.csv", "stock", ImportOptions())
    assert list(targets()).index("supply_stock") == list(targets()).index("supply_depots") + 1


def test_the_unit_may_stand_in_the_header(dsn: str, tmp_path: Path) -> None:
    _import(dsn, tmp_path, "储备库编号,品名,数量(顶)\nCK1,帐篷,5\n")
    assert _stock(dsn) == [("CK1", "帐篷", None, 5.0, "顶", None)]
