"""What is refused before it is opened: files that are not what their name says, and archives that hide too much."""

from __future__ import annotations

import csv
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import python_calamine as calamine

from geo.errors import FileTooLarge, FileUnreadable
from layers.text import Text

__all__ = ["check_columns", "check_file", "readable"]

MOST_COLUMNS = 2_000
UNPACKED_MAX_BYTES = 2 << 30
RATIO_MAX = 200
"""A workbook of real rows packs to about a tenth; only a bomb packs better than this."""
_RATIO_FROM_BYTES = 64 << 20
_MOST_ENTRIES = 10_000

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIPPED = (".zip", ".xlsx", ".xlsm", ".kmz")
_TEXTS = (".csv", ".tsv", ".txt", ".geojson", ".json", ".kml")
_BINARIES = {
    b"SQLite format 3\x00": "GeoPackage (.gpkg)",
    b"PAR1": "GeoParquet (.parquet)",
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"fgb\x03": "FlatGeobuf (.fgb)",
}


def _wrong(path: Path, zh: str, en: str) -> FileUnreadable:
    return FileUnreadable(Text(f"{path.name}{zh}", f"{path.name} {en}"))


def _kind(head: bytes) -> str | None:
    if head.startswith(_ZIP):
        return "zip/XLSX"
    if head.startswith(_OLE):
        return "XLS (.xls)"
    return next((kind for magic, kind in _BINARIES.items() if head.startswith(magic)), None)


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _wrong(path, f" 不是完整的压缩文件:{error}", f"is no whole archive: {error}") from error
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name[:3] or "\0" in name:
            raise _wrong(path, f" 内有越界的路径 {name[:80]!r},拒绝读取", f"holds a path out of itself: {name[:80]!r}")
        if entry.flag_bits & 1:
            raise _wrong(path, " 有密码保护;请另存为无密码的文件", "is protected by a password; save it without")
    unpacked, packed = sum(entry.file_size for entry in entries), max(1, sum(e.compress_size for e in entries))
    bomb = unpacked > _RATIO_FROM_BYTES and unpacked / packed > RATIO_MAX
    if bomb or unpacked > UNPACKED_MAX_BYTES or len(entries) > _MOST_ENTRIES:
        size = f"{unpacked / (1 << 20):,.0f} MB"
        raise FileTooLarge(
            Text(
                f"{path.name} 解压后达 {size}({len(entries)} 个文件),超过上限,拒绝读取;请拆分后导入",
                f"{path.name} unpacks to {size} ({len(entries)} files), which is over the limit; split it",
            )
        )


def check_file(path: Path) -> None:
    """Look at a file's first bytes and at the list of an archive, without unpacking anything.

    Raises:
        FileUnreadable: another kind of file than its name says, protected, or with a path out of the archive.
        FileTooLarge: it unpacks to too much.
    """
    if not path.is_file():
        return  # ``open_table`` says so
    with path.open("rb") as file:
        head = file.read(16)
    kind, ending = _kind(head), path.suffix.lower()
    if ending in _TEXTS and kind is not None:
        raise _wrong(
            path,
            f" 的内容是 {kind},不是 {ending};请改正后缀或另存",
            f"is {kind} inside, not {ending}; correct its ending or save it anew",
        )
    if ending in _ZIPPED:
        if head.startswith(_OLE):
            raise _wrong(
                path,
                " 有密码保护,或是旧版 .xls;请另存为无密码的 .xlsx",
                "is protected by a password, or an old .xls; save it as .xlsx without one",
            )
        if head and not head.startswith(_ZIP):
            raise _wrong(
                path,
                f" 不是 {ending} 文件(文件头不符);若是文本请改后缀为 .csv",
                f"is no {ending} file by its first bytes; if it is text, name it .csv",
            )
    if ending == ".xls" and head and not head.startswith(_OLE):
        _refuse_false_xls(path, head, kind)
    if head.startswith(_ZIP):
        _check_archive(path)


def _refuse_false_xls(path: Path, head: bytes, kind: str | None) -> None:
    """A web page, a text or an .xlsx that a system calls .xls: Excel opens them with a warning; here it is said which.

    Old files of BIFF 2 to 5 begin with the record BOF instead of a container; those are let through.
    """
    if head[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08"):
        return
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(b"<"):
        zh, en = "网页或 XML 表格", "a web page or an XML table"
    else:
        zh, en = (kind, kind) if kind else ("文本(CSV 或 TSV)", "text (CSV or TSV)")
    raise _wrong(
        path,
        f" 的内容是{zh},不是 .xls;请用表格软件打开后另存为 .xlsx,或改正后缀",
        f"is {en} inside, not .xls; open it with a spreadsheet and save it as .xlsx, or correct its ending",
    )


def check_columns(path: Path, count: int) -> None:
    """Refuse a table of more columns than any form has.

    Raises:
        FileTooLarge: more than ``MOST_COLUMNS``.
    """
    if count > MOST_COLUMNS:
        raise FileTooLarge(
            Text(
                f"{path.name} 有 {count:,} 列,超过 {MOST_COLUMNS:,} 列;请检查分隔符或删去空列",
                f"{path.name} has {count:,} columns, more than {MOST_COLUMNS:,}; check its delimiter",
            )
        )


_READERS_FAILURES = (
    UnicodeError,
    calamine.CalamineError,
    calamine.ZipError,
    calamine.XmlError,
    csv.Error,
    zlib.error,
    zipfile.BadZipFile,
    struct.error,
    EOFError,
)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What a reader meets in the middle of a damaged file, said as what it is.

    Raises:
        FileUnreadable: the file is damaged, or not in the encoding in which it is read.
    """
    try:
        yield
    except UnicodeError as error:
        encoding = error.encoding if isinstance(error, UnicodeDecodeError | UnicodeEncodeError) else ""
        raise FileUnreadable(
            Text(
                f"{path.name} 的文字不全是 {encoding} 编码,或文件已损坏;请用 --encoding 声明,例如 --encoding gb18030",
                f"{path.name} is not {encoding} throughout, or damaged; declare its encoding, such as gb18030",
            ),
            field="encoding",
        ) from error
    except _READERS_FAILURES as error:
        raise _wrong(path, f" 已损坏,无法读完:{error}", f"is damaged and cannot be read to its end: {error}") from error
