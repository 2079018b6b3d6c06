"""Hostile and broken files: a clear error within bounds of time and memory, nothing written, and the caller goes on."""

from __future__ import annotations

import csv
import io
import random
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from geo.errors import FileTooLarge, FileUnreadable, ImportCancelled, InputError, OnemapError
from geo.ingest import ImportOptions
from geo.ingest.sandbox import Limits, import_in_sandbox

LIMITS = Limits(memory_mb=2048, cpu_s=40, wall_s=60)
ROW = "A1,甲,114.93512,25.83117\n"
HEAD = "编号,名称,经度,纬度\n"
KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
    "<name>甲</name><Point><coordinates>114.93512,25.83117</coordinates></Point></Placemark></Document></kml>"
)
XXE = '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def _import(dsn: str, path: Path, limits: Limits = LIMITS, cancelled: Callable[[], bool] = lambda: False) -> object:
    options = ImportOptions(crs="CRS84", source="x")
    return import_in_sandbox(dsn, path, "hazard_points", options, run=uuid4(), limits=limits, cancelled=cancelled)


def _written(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT (SELECT count(*) FROM hazard_points), (SELECT count(*) FROM import_runs)")
        return row.fetchone()


def _sheet(cells: str, dimension: str = "A1:D2") -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{main}"><dimension ref="{dimension}"/>'
        f"<sheetData>{cells}</sheetData></worksheet>"
    ).encode()


def _workbook(path: Path, sheet: bytes, further: dict[str, bytes] | None = None) -> Path:
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" '
        'r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in (further or {}).items():
            archive.writestr(name, content)
    return path


def _text(cell: str, text: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>'


def _bomb(folder: Path) -> Path:
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sheet.xml", "w") as entry:
        for _ in range(300):
            entry.write(b" " * (1 << 20))
    return path


def _sparse(folder: Path) -> Path:
    rows = (
        f'<row r="1">{_text("A1", "编号")}{_text("B1", "经度")}</row><row r="1048576">{_text("XFD1048576", "x")}</row>'
    )
    return _workbook(folder / "sparse.xlsx", _sheet(rows, "A1:XFD1048576"))


def _traversal(folder: Path) -> Path:
    path = folder / "shapes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../etc/evil.shp", b"x")
    return path


def _ole(folder: Path) -> Path:
    path = folder / "locked.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    return path


def _locked_zip(folder: Path) -> Path:
    path = folder / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", b"x")
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    struct.pack_into("<H", content, at + 8, 1)
    path.write_bytes(content)
    return path


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


BAD: dict[str, tuple[Callable[[Path], Path], type[OnemapError], str]] = {
    "zip bomb": (_bomb, FileTooLarge, "unpacks to"),
    "path out of the archive": (_traversal, FileUnreadable, "a path out of itself"),
    "password": (_ole, FileUnreadable, "password"),
    "password of a zip": (_locked_zip, FileUnreadable, "password"),
    "empty": (lambda folder: _file(folder, "a.csv", b""), FileUnreadable, "empty"),
    "nothing but spaces": (lambda folder: _file(folder, "a.csv", b" \n\n \n"), FileUnreadable, "empty"),
    "workbook named csv": (
        lambda folder: _workbook(folder / "a.xlsx", _sheet("")).rename(folder / "a.csv"),
        FileUnreadable,
        "is zip/XLSX inside",
    ),
    "text named xlsx": (lambda folder: _file(folder, "a.xlsx", HEAD.encode()), FileUnreadable, "first bytes"),
    "picture named csv": (lambda folder: _file(folder, "a.csv", b"\x89PNG\r\n\x1a\n" * 9), FileUnreadable, "PNG"),
    "a program": (lambda folder: _file(folder, "a.exe", b"MZ" * 99), FileUnreadable, "not a kind"),
    "10,000 columns": (
        lambda folder: _file(folder, "a.csv", (",".join(f"c{n}" for n in range(10_000)) + "\n").encode()),
        FileTooLarge,
        "10,000 columns",
    ),
    "cut archive": (
        lambda folder: _file(folder, "a.zip", _workbook(folder / "w.xlsx", _sheet("")).read_bytes()[:300]),
        FileUnreadable,
        "archive",
    ),
    "one huge cell": (
        lambda folder: _file(folder, "a.csv", HEAD.encode() + b'A1,"' + b"x" * (30 << 20) + b'",115,26\n'),
        FileUnreadable,
        "field larger than field limit",
    ),
    "a web page named xls": (
        lambda folder: _file(folder, "a.xls", b"<html><table><tr><td>A1</td></tr></table></html>"),
        FileUnreadable,
        "a web page or an XML table inside",
    ),
    "text named xls": (
        lambda folder: _file(folder, "a.xls", HEAD.replace(",", "\t").encode("gb18030")),
        FileUnreadable,
        "is text",
    ),
    "a new workbook named xls": (
        lambda folder: _workbook(folder / "a.xlsx", _sheet("")).rename(folder / "a.xls"),
        FileUnreadable,
        "is zip/XLSX inside, not .xls",
    ),
    "nothing but NULs": (lambda folder: _file(folder, "a.csv", b"\0" * 9999), FileUnreadable, "empty"),
    "path out of a KMZ": (
        lambda folder: _traversal(folder).rename(folder / "a.kmz"),
        FileUnreadable,
        "a path out of itself",
    ),
    "a KML that asks for other files": (
        lambda folder: _file(folder, "a.kml", KML.replace("<kml", XXE + "<kml").replace("甲", "&x;").encode()),
        FileUnreadable,
        "cannot be read",
    ),
    "noise": (lambda folder: _file(folder, "a.geojson", bytes(range(256)) * 40), OnemapError, "."),
    "nested past all reason": (
        lambda folder: _file(folder, "a.geojson", b'{"type":"FeatureCollection","features":' + b"[" * 200_000),
        OnemapError,
        ".",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_ends_in_a_clear_error_and_writes_nothing(database_url: str, tmp_path: Path, name: str) -> None:
    make, kind, words = BAD[name]
    path = make(tmp_path)
    started = time.monotonic()
    with pytest.raises(kind, match=words) as caught:
        _import(database_url, path)
    assert caught.value.message.zh
    assert time.monotonic() - started < LIMITS.wall_s + 10
    assert _written(database_url) == (0, 0)


def test_a_sparse_sheet_ends_within_its_memory(database_url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        _import(database_url, _sparse(tmp_path), Limits(memory_mb=1500, cpu_s=30, wall_s=60))
    assert _written(database_url) == (0, 0)


def test_a_file_that_takes_too_long_is_stopped(database_url: str, tmp_path: Path) -> None:
    path = _file(tmp_path, "a.csv", (HEAD + "".join(f"A{n},甲,114.9,25.8\n" for n in range(400_000))).encode())
    with pytest.raises(FileTooLarge, match="took over"):
        _import(database_url, path, Limits(memory_mb=2048, cpu_s=60, wall_s=2.5))
    with pytest.raises(FileTooLarge, match="processor time"):
        _import(database_url, path, Limits(memory_mb=2048, cpu_s=3, wall_s=60))
    with pytest.raises(ImportCancelled):
        _import(database_url, path, LIMITS, cancelled=lambda: True)
    assert _written(database_url) == (0, 0)


def test_the_memory_limit_is_said_when_it_is_met(database_url: str, tmp_path: Path) -> None:
    path = _file(tmp_path, "a.csv", (HEAD + ROW * 300_000).encode())
    with pytest.raises(FileTooLarge, match="memory"):
        _import(database_url, path, Limits(memory_mb=64, cpu_s=30, wall_s=60))


def test_formulas_and_nuls_are_text_and_a_good_file_comes_after_bad_ones(database_url: str, tmp_path: Path) -> None:
    buffer = io.StringIO()
    rows = [["编号", "名称", "经度", "纬度", "备注"], ["A1", "=cmd|' /C calc'!A0", "114.9351", "25.8311", "a\0b"]]
    csv.writer(buffer).writerows(rows)
    _import(database_url, _file(tmp_path, "a.csv", buffer.getvalue().encode()))
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT name, extra->>'备注' FROM hazard_points").fetchall()
    assert found == [("=cmd|' /C calc'!A0", "ab")]


def test_a_kml_without_ids_is_no_kml_without_features(database_url: str, tmp_path: Path) -> None:
    _import(database_url, _file(tmp_path, "a.kml", KML.encode()))
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT name, ST_X(geom) FROM hazard_points").fetchall()
    assert found == [("甲", 114.93512)]


def test_a_row_of_which_only_the_id_is_known_is_refused_and_a_heading_is_noted(
    database_url: str, tmp_path: Path
) -> None:
    content = HEAD + "360721001,,,\n一、城关镇,,,\nA002,,,\n" + ROW
    report = _import(database_url, _file(tmp_path, "a.csv", content.encode()))
    assert isinstance(report, dict)
    assert {each["code"]: each["rows"] for each in report["findings"]} == {
        "coordinate-missing": [2, 4],
        "row-note": [3],
    }


def test_names_and_ids_that_no_index_can_hold_are_told_of_row_by_row(database_url: str, tmp_path: Path) -> None:
    rng = random.Random(5)
    endless = "".join(chr(rng.randint(0x4E00, 0x9FA5)) for _ in range(4000))  # which no compression makes short
    brim = endless[:200], endless[:300]
    rows = [f"A1,{endless},114.9,25.8", f"{endless},乙,114.91,25.81", f"{brim[0]},{brim[1]},114.92,25.82"]
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    report = import_in_sandbox(
        database_url, path, "hazard_points", ImportOptions(crs="CRS84", source="s" * 100), run=uuid4(), limits=LIMITS
    )
    found = report["findings"]
    assert {each["code"]: each["rows"] for each in found if "too-long" in each["code"]} == {
        "name-too-long": [2],
        "id-too-long": [3],
    }
    with psycopg.connect(database_url) as connection:
        kept = connection.execute(
            "SELECT source_id, name, extra::text FROM hazard_points ORDER BY source_id"
        ).fetchall()
    assert [(row[0], row[1]) for row in kept] == [("A1", endless[:299] + "…"), brim]
    assert endless in kept[0][2]
