"""The table inside a sheet is found: whatever stands above it, between its rows and below it is told, not imported."""

from __future__ import annotations

from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely
import xlwt

from geo.ingest.columns import KnownHeaders, match_columns
from geo.ingest.reading import Table, open_table
from layers.registry import discover

HAZARDS = discover()["hazard_points"]
KNOWN = KnownHeaders(HAZARDS)


def _open(path: Path, encoding: str | None = None) -> Table:
    return open_table(path, encoding=encoding, sheet=None, is_known=KNOWN.__contains__)


def _rows(table: Table) -> tuple[list[list[object]], list[int], dict[str, list[int]]]:
    rows: list[list[object]] = []
    numbers: list[int] = []
    skipped: dict[str, list[int]] = {}
    for batch in table.batches():
        rows += [list(row) for row in zip(*batch.cells.values(), strict=True)]
        numbers += batch.rows.tolist()
        for code, found in batch.skipped.items():
            skipped.setdefault(code, []).extend(found)
    return rows, numbers, skipped


@pytest.fixture
def bureau(tmp_path: Path) -> Path:
    """A sheet as a bureau makes it: title, two header rows, units, merged townships, subtotals, notes."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "隐患点主表"
    sheet.append(["安平县地质灾害隐患点一览表"])
    sheet.merge_cells("A1:H1")
    sheet.append(["填报单位:安平县应急管理局", None, None, None, None, None, "2026年6月"])
    sheet.append(["序号", "乡镇", "统一编号", "位置", None, "责任人", None, "威胁人口"])
    sheet.append([None, None, None, "经度", "纬度", "姓名", "电话", None])
    for cells in ("A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:G3", "H3:H4"):
        sheet.merge_cells(cells)
    sheet.append([None, None, None, "(°)", "(°)", None, None, "(人)"])
    sheet.append([1, "青石镇", "360700010001", 115.1, 25.1, "张三", "13800000000", 12])
    sheet.append([2, None, "360700010002", 115.2, 25.2, "李四", "13800000001", 30])
    sheet.merge_cells("B6:B7")
    sheet.append(["小计", None, 2, None, None, None, None, 42])
    sheet.append(["序号", "乡镇", "统一编号", "经度", "纬度", "姓名", "电话", "威胁人口"])
    sheet.append([3, "白水乡", "360700010003", 115.3, 25.3, "王五", "13800000002", 9])
    sheet.append(["合计", None, 3, None, None, None, None, 51])
    sheet.append(["注:数据截至2026年6月"])
    sheet.append(["填表人:张三", None, None, "审核人:李四"])
    path = tmp_path / "隐患点.xlsx"
    book.save(path)
    return path


def test_a_bureaus_sheet_gives_its_table(bureau: Path) -> None:
    table = _open(bureau)
    assert table.headers == (
        "序号",
        "乡镇",
        "统一编号",
        "经度(°)",
        "纬度(°)",
        "责任人",
        "责任人电话",
        "威胁人口(人)",
    )
    rows, numbers, skipped = _rows(table)
    assert numbers == [6, 7, 10]
    assert [row[1] for row in rows] == ["青石镇", "青石镇", "白水乡"], "merged cells are filled down"
    assert skipped == {"row-total": [8, 11], "row-header-repeated": [9], "row-note": [12, 13]}
    columns = match_columns(HAZARDS, table.headers, {})
    assert (columns.longitude, columns.latitude) == ("经度(°)", "纬度(°)")
    assert columns.places.divisions == ("乡镇",)
    assert set(columns.fields) == {"source_id", "responsible_person", "responsible_phone", "threatened_people"}


def test_the_same_sheet_as_csv_and_as_xls(bureau: Path, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(bureau).active
    assert sheet is not None
    values = [list(row) for row in sheet.iter_rows(values_only=True)]
    csv = tmp_path / "a.csv"
    csv.write_text("\n".join(",".join("" if c is None else str(c) for c in row) for row in values), "gb18030")
    old = xlwt.Workbook()
    page = old.add_sheet("表")
    for at, row in enumerate(values):
        for column, cell in enumerate(row):
            if cell is not None:
                page.write(at, column, cell)
    xls = tmp_path / "a.xls"
    old.save(str(xls))
    for path in (csv, xls):
        _, numbers, skipped = _rows(_open(path))
        assert numbers == [6, 7, 10]
        assert set(skipped) == {"row-total", "row-header-repeated", "row-note"}
        assert match_columns(HAZARDS, _open(path).headers, {}).longitude == "经度(°)"
    assert _open(xls).format == "XLS"
    assert _open(csv).encoding == "gb18030"


def test_sheets_of_one_header_are_one_table_and_hidden_ones_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number, name in enumerate(("青石镇", "白水乡", "旧数据")):
        sheet = book.create_sheet(name)
        sheet.append(["统一编号", "经度", "纬度"])
        sheet.append([f"A{number}", 115.1, 25.1])
    book["旧数据"].sheet_state = "hidden"
    book["Sheet"].append(["封面"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    table = _open(path)
    rows, numbers, _ = _rows(table)
    assert [row[0] for row in rows] == ["A0", "A1"]
    assert numbers == [2, 10_000_002]
    told = " ".join(each.zh for each in table.warnings)
    assert "白水乡" in told
    assert "旧数据" in told


def test_a_row_of_column_numbers_is_no_feature(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("统一编号,经度,纬度\n(1),(2),(3)\nA,115.1,25.1\n", "utf-8")
    assert _rows(_open(path))[1] == [3]


def test_a_plain_table_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "统一编号,名称,经度,纬度\nA,总计划地块,115.1,25.1\nB,注浆站,115.2,25.2\n合计1,x,115,25.2\n", "utf-8"
    )
    assert _rows(_open(path))[1:] == ([2, 3, 4], {})


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("utf-8", "隐患点名称与类型"),
        ("utf-8-sig", "隐患点名称与类型"),
        ("utf-16", "隐患点名称与类型"),
        ("gb18030", "安平县青石镇后山滑坡隐患点,监测员每日巡查两次"),
        ("big5", "臺灣省南投縣信義鄉神木村土石流潛勢溪流,避難收容處所"),
        ("cp932", "ため池の名称と所在地、堤体の高さ及び総貯水量について"),
        ("cp949", "대피소의 이름과 위치 그리고 수용 인원을 적은 표입니다 서울특별시 종로구 세종대로 학교"),
    ],
)
def test_every_encoding_is_told_by_its_bytes(tmp_path: Path, encoding: str, words: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("id,lon,lat,note\n" + f"A,115.1,25.1,{words}\n" * 5).encode(encoding))
    rows, _, _ = _rows(_open(path))
    assert [row[3] for row in rows] == [words] * 5 if "," not in words else rows[0][3] == words.split(",")[0]


@pytest.mark.parametrize(("ending", "driver"), [("fgb", "FlatGeobuf"), ("kml", "KML"), ("parquet", None)])
def test_other_formats_bring_their_geometry_and_crs(tmp_path: Path, ending: str, driver: str | None) -> None:
    frame = geopandas.GeoDataFrame(
        {"编号": ["A", "B"], "Name": ["一", "二"]},
        geometry=[shapely.Point(115.1, 25.1), shapely.Point(115.2, 25.2)],
        crs=4326,
    )
    path = tmp_path / f"a.{ending}"
    if driver is None:
        frame.to_parquet(path)
    else:
        frame.to_file(path, driver=driver)
    table = _open(path)
    (batch,) = list(table.batches())
    assert batch.geometry is not None
    found = dict(zip(batch.cells["编号"], batch.geometry, strict=True))  # FlatGeobuf orders by place
    assert {key: (shape.x, shape.y) for key, shape in found.items()} == {"A": (115.1, 25.1), "B": (115.2, 25.2)}
    assert table.crs is not None
    assert "编号" in table.headers
