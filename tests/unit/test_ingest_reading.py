"""Files of every kind become the same table: encoding, delimiter, header and row numbers found and told."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely

from geo.errors import FileUnreadable
from geo.ingest.reading import Table, open_table
from geo.ingest.reading.encoding import detect_encoding
from geo.ingest.reading.table import unique_headers

SIMPLIFIED = "编号,名称,乡镇\n1,王家屋后滑坡,沙石镇\n2,李屋崩塌,章贡区水南镇\n"
TRADITIONAL = "編號,名稱,鄉鎮\n1,東興國小避難收容處所,竹北市\n2,頭前溪堤防,新豐鄉\n"
JAPANESE = "番号,名称,所在地\n1,新池ため池,屋島東町\n2,ひょうたん池,サンポート高松\n"
KOREAN = "번호,이름,주소\n1,대피소,서울특별시 중구\n2,헬기장,부산광역시 해운대구\n"

KNOWN = {"编号", "名称", "经度", "纬度"}


def _open(path: Path, encoding: str | None = None, sheet: str | None = None) -> Table:
    return open_table(path, encoding=encoding, sheet=sheet, is_known=KNOWN.__contains__)


def _rows(table: Table) -> list[tuple[int, dict[str, object]]]:
    found: list[tuple[int, dict[str, object]]] = []
    for batch in table.batches():
        for at, row in enumerate(batch.rows.tolist()):
            found.append((row, {header: cells[at] for header, cells in batch.cells.items()}))
    return found


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8-sig"),
        (SIMPLIFIED, "utf-16", "utf-16"),
        (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", "utf-16-be"),
        (SIMPLIFIED, "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (JAPANESE, "cp932", "cp932"),
        (KOREAN, "cp949", "cp949"),
        ("id,name\n1,a\n", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_told_by_the_bytes(tmp_path: Path, text: str, written: str, found: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(written))
    table = _open(path)
    assert table.encoding == found
    assert [list(row.values()) for _, row in _rows(table)] == [line.split(",") for line in text.splitlines()[1:]]


def test_a_file_that_turns_into_another_encoding_late_is_still_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n" + b"1,2\n" * 400_000 + "三,四\n".encode("gbk"))
    with pytest.raises(FileUnreadable, match="--encoding"):
        for _ in _open(path, encoding="utf-8").batches():
            pass
    assert _open(path).encoding != "utf-8"


def test_bytes_of_no_encoding_are_refused_and_the_user_may_declare_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(128, 256)) * 40)
    with pytest.raises(FileUnreadable, match="--encoding"):
        _open(path)
    path.write_bytes(SIMPLIFIED.encode("gbk"))
    assert _open(path, encoding="GBK").encoding == "gb18030"
    with pytest.raises(FileUnreadable, match="unknown encoding"):
        _open(path, encoding="martian")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(SIMPLIFIED.replace(",", delimiter), encoding="utf-8")
    table = _open(path)
    assert (table.delimiter, len(table.headers)) == (delimiter, 3)


def test_row_numbers_are_the_spreadsheets_with_blank_rows_and_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('某县隐患点一览表\n\n编号,名称\n1,"两行\n名称"\n\n2,乙,多出来的\n3\n', encoding="utf-8")
    table = _open(path)
    assert table.header_row == 3
    assert _rows(table) == [
        (4, {"编号": "1", "名称": "两行\n名称"}),
        (6, {"编号": "2", "名称": "乙"}),
        (7, {"编号": "3", "名称": None}),
    ]
    (batch,) = table.batches()
    assert batch.beyond == {1: ["多出来的"]}


def test_headers_are_unique_and_nameless_columns_have_their_letters() -> None:
    assert unique_headers(["姓名", None, " 姓名 ", ""]) == ("姓名", "(B)", "姓名 (2)", "(D)")


def _workbook(path: Path, fill: Callable[[openpyxl.Workbook], None]) -> Path:
    book = openpyxl.Workbook()
    fill(book)
    book.save(path)
    return path


def test_a_workbook_is_read_from_the_sheet_and_row_of_its_header(tmp_path: Path) -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.worksheets[0].title = "说明"
        book["说明"]["A1"] = "填表说明"
        sheet = book.create_sheet("隐患点主表")
        sheet["B2"] = "某县一览表"
        for column, (header, cell) in enumerate(
            {"编号": 360721001, "名称": "甲", "经度": 114.93, "日期": datetime.date(2024, 5, 1), "空": None}.items(),
            start=2,
        ):
            sheet.cell(3, column, header)
            sheet.cell(5, column, cell)
        hidden = book.create_sheet("编号 名称 经度 纬度")
        hidden.append(["编号", "名称", "经度", "纬度"])
        hidden.sheet_state = "hidden"

    table = _open(_workbook(tmp_path / "a.xlsx", fill))
    assert (table.sheet, table.header_row, table.headers) == ("隐患点主表", 3, ("编号", "名称", "经度", "日期", "空"))
    day = datetime.date(2024, 5, 1)
    assert _rows(table) == [(5, {"编号": 360721001, "名称": "甲", "经度": 114.93, "日期": day, "空": None})]
    assert "说明" in table.warnings[0].zh


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "a.xlsx", lambda book: book.create_sheet("数据").append(["编号"]))
    assert _open(path, sheet="数据").sheet == "数据"
    with pytest.raises(FileUnreadable, match="数据"):
        _open(path, sheet="没有")


@pytest.fixture
def frame() -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        {"编号": ["A", "B"], "名称": ["王家屋后滑坡", "李屋崩塌"], "人数": [12, None]},
        geometry=[shapely.Point(115, 26), shapely.Point(115.1, 26)],
        crs="EPSG:4490",
    )


@pytest.mark.parametrize("with_cpg", [True, False])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_gbk_shapefile_is_read_with_and_without_cpg_loose_and_zipped(
    tmp_path: Path, frame: geopandas.GeoDataFrame, with_cpg: bool, zipped: bool
) -> None:
    path = tmp_path / "点.shp"
    frame.to_file(path, encoding="gb18030", engine="pyogrio")
    if not with_cpg:
        path.with_suffix(".cpg").unlink()
    if zipped:
        archive = tmp_path / "点.zip"
        with zipfile.ZipFile(archive, "w") as file:
            for part in tmp_path.glob("点.[!z]*"):
                file.write(part, f"数据/{part.name}")
        path = archive
    table = _open(path)
    assert table.has_geometry
    assert table.crs == "EPSG:4490"
    assert [row["名称"] for _, row in _rows(table)] == ["王家屋后滑坡", "李屋崩塌"]
    assert table.encoding == (None if with_cpg else "gb18030")


def test_a_shapefile_without_prj_declares_no_crs(tmp_path: Path, frame: geopandas.GeoDataFrame) -> None:
    path = tmp_path / "a.shp"
    frame.to_file(path, encoding="utf-8", engine="pyogrio")
    path.with_suffix(".prj").unlink()
    assert _open(path).crs is None


def test_a_geopackage_with_several_layers_says_which_it_took(tmp_path: Path, frame: geopandas.GeoDataFrame) -> None:
    path = tmp_path / "a.gpkg"
    frame.to_file(path, layer="one", engine="pyogrio")
    frame.to_file(path, layer="two", engine="pyogrio")
    table = _open(path)
    assert table.sheet == "one"
    assert "two" in table.warnings[0].en
    assert _open(path, sheet="two").sheet == "two"


def test_geojson_keeps_texts_that_look_like_dates_and_missing_geometries(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"FeatureCollection","features":['
        '{"type":"Feature","properties":{"编号":"0012","日期":"2024-05-01"},"geometry":null},'
        '{"type":"Feature","properties":{"编号":"0013","日期":"2024"},"geometry":{"type":"Point","coordinates":[1,2]}}]}',
        encoding="utf-8",
    )
    table = _open(path)
    assert _rows(table) == [(1, {"编号": "0012", "日期": "2024-05-01"}), (2, {"编号": "0013", "日期": "2024"})]
    (batch,) = table.batches()
    assert batch.geometry is not None
    assert batch.geometry.tolist() == [None, shapely.Point(1, 2)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n  \n"),
        ("a.xlsx", b"not a workbook"),
        ("a.gpkg", b"not a geopackage"),
        ("a.geojson", b"{ broken"),
        ("a.shp", b"\x00"),
        ("a.zip", b"PK nothing"),
        ("a.docx", b"PK"),
        ("noending", b"a,b\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_said_to(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileUnreadable) as caught:
        _open(path)
    assert caught.value.message.zh
    assert caught.value.message.en


def test_a_file_that_is_not_there_is_said_to(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match="no file"):
        _open(tmp_path / "nowhere.csv")


def test_an_encoding_is_never_believed_when_the_characters_are_rare() -> None:
    assert detect_encoding(bytes([0x81, 0x40, 0x90, 0x50, 0xFE, 0x60]) * 50, whole=True) is None
