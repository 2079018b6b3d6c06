"""The workbook that the user mends and sends back: refused and flagged rows in their own columns, the bad cells marked.

Cells are written as text or numbers, never as formulas: what begins with ``=`` stays the text that it was. Our own
columns stand on the right; by them the mended file is known when it comes back (``mended.py``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import psycopg
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from geo.errors import DatabaseUnreachable, NotFound
from geo.ingest.mended import ID_MARK, ROW_MARK, TODO_MARK, WHY_MARK, marked
from geo.ingest.reasons import REASONS, Effect
from layers.text import Lang, Text

__all__ = ["ROWS_SHOWN", "mending_workbook"]

ROWS_SHOWN = 100_000
"""Rows of one workbook; the refused ones come first, and what is left out is said."""
_COMMENTS_SHOWN = 5_000
_CELL_CHARACTERS = 32_767
_EXACT = 10**15

_REFUSED = PatternFill("solid", fgColor="FFFFC7CE")
_FLAGGED = PatternFill("solid", fgColor="FFFFEB9C")
_OURS = PatternFill("solid", fgColor="FFE7E6E6")
_BOLD = Font(bold=True)
_WRAPPED = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    refused: bool
    source_id: str | None
    reasons: Sequence[Mapping[str, str | None]]
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Run:
    id: UUID
    report: Mapping[str, object]
    headers: tuple[str, ...]
    places: tuple[str, ...]
    """Headers of coordinates."""
    has_id: bool


def _run(connection: psycopg.Connection, run: UUID) -> _Run:
    row = connection.execute("SELECT report FROM import_runs WHERE id = %s", (run,)).fetchone()
    if row is None or not isinstance(row[0], Mapping):
        raise NotFound(Text(f"没有导入 {run} 的报告", f"there is no report of import {run}"))
    report = row[0]
    columns = [each for each in report["columns"] if not str(each["header"]).startswith("〔onemap ")]
    return _Run(
        run,
        report,
        tuple(str(each["header"]) for each in columns),
        tuple(str(each["header"]) for each in columns if each["role"] not in ("field", "ordinal", "extra")),
        any(each["field"] in ("source_id", "depot") for each in columns),
    )


def _rows(connection: psycopg.Connection, run: UUID) -> Iterator[_Row]:
    with closing(connection.cursor("mending")) as cursor:
        cursor.execute(
            'SELECT "row", outcome, source_id, reasons, cells FROM import_rows WHERE run = %s '
            'ORDER BY outcome DESC, "row" LIMIT %s',
            (run, ROWS_SHOWN),
        )
        for number, outcome, source_id, reasons, cells in cursor:
            yield _Row(int(number), outcome == "rejected", source_id, reasons, cells)


class _Sheet:
    """Writes cells of one sheet that no spreadsheet will take for anything but what they are."""

    def __init__(self, sheet: WriteOnlyWorksheet, lang: Lang) -> None:
        self._sheet = sheet
        self._lang: Lang = lang
        self._comments = 0

    def cell(self, value: object, fill: PatternFill | None = None, comment: str | None = None) -> Cell:
        """A cell as text or as a number, coloured and commented where something is wrong."""
        cell = WriteOnlyCell(self._sheet)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= _EXACT:
            text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)[:_CELL_CHARACTERS]
            cell.data_type = "s"
            cell.number_format = "@"
            cell.quotePrefix = True
        else:
            cell.value = value
        if fill is not None:
            cell.fill = fill
        if comment is not None and self._comments < _COMMENTS_SHOWN:
            cell.comment = Comment(comment, "onemap", width=320, height=90)
            self._comments += 1
        return cell

    def add(self, cells: Sequence[Cell]) -> None:
        """One row."""
        self._sheet.append(cells)


def _blamed(row: _Row, run: _Run, lang: Lang) -> dict[str, str]:
    """Header → what is wrong there and what to do."""
    found: dict[str, str] = {}
    for each in row.reasons:
        reason = REASONS[str(each["code"])]
        said = (
            f"{reason.what.get(lang)}。{reason.todo.get(lang)}"
            if lang == "zh"
            else (f"{reason.what.get(lang)}. {reason.todo.get(lang)}")
        )
        column = each.get("column")
        headers = [column] if column in run.headers else [name for name in (column or "").split(" / ") if name]
        if not headers and each.get("field") == "geom":
            headers = list(run.places)
        for header in headers:
            if header is not None:
                found[header] = f"{found[header]}\n{said}" if header in found else said
    return found


def _write_row(sheet: _Sheet, run: _Run, row: _Row, lang: Lang) -> None:
    blamed = _blamed(row, run, lang)
    fill = _REFUSED if row.refused else _FLAGGED
    reasons = [REASONS[str(each["code"])] for each in row.reasons]
    first = [each for each in reasons if (each.effect is Effect.REJECTED) == row.refused] or reasons
    cells = [
        sheet.cell(row.cells.get(header), fill if header in blamed else None, blamed.get(header))
        for header in run.headers
    ]
    cells.append(sheet.cell(row.number, _OURS))
    cells.append(sheet.cell(";".join(dict.fromkeys(each.what.get(lang) for each in first)), fill))
    cells.append(sheet.cell(";".join(dict.fromkeys(each.todo.get(lang) for each in first)), _OURS))
    if not run.has_id:
        # Without an id of its own a row would be another feature once it is mended.
        cells.append(sheet.cell(row.source_id or f"{run.id.hex[:12]}-{row.number}", _OURS))
    sheet.add(cells)


def _write_summary(sheet: _Sheet, run: _Run, lang: Lang, shown: int, total: int) -> None:
    counts = run.report["counts"]
    assert isinstance(counts, Mapping)
    loaded = counts["inserted"] + counts["updated"] + counts["unchanged"]
    rows: list[tuple[Text, object]] = [
        (Text("文件", "file"), run.report["file"]),
        (Text("导入到", "into"), f"{run.report['layer']} ({run.report['source']})"),
        (Text("总条数", "rows"), counts["read"]),
        (Text("成功", "loaded"), loaded),
        (Text("其中存疑", "of them flagged"), counts["flagged"]),
        (Text("失败", "rejected"), counts["rejected"]),
        (Text("停用", "retired"), counts.get("retired", 0)),
        (
            Text("怎么用", "how to use it"),
            Text(
                "在第一张表中改正着色的单元格(红:未导入;黄:已导入但存疑),保留灰色的列,存盘后重新导入本文件:只更新这些行",
                "mend the coloured cells of the first sheet (red: not loaded; yellow: loaded, but doubtful), leave the "
                "grey columns, save, and import this file: it takes just these rows",
            ).get(lang),
        ),
    ]
    if shown < total:
        rows.append((Text("注意", "note"), f"{shown:,} / {total:,}"))
    for title, value in rows:
        sheet.add([sheet.cell(title.get(lang)), sheet.cell(value)])


def _build(connection: psycopg.Connection, run: _Run, lang: Lang) -> bytes:
    book = Workbook(write_only=True)
    found = book.create_sheet("待修正" if lang == "zh" else "to mend")
    assert isinstance(found, WriteOnlyWorksheet)
    found.freeze_panes = "A2"
    sheet = _Sheet(found, lang)
    ours = [marked(run.id, each) for each in (ROW_MARK, WHY_MARK, TODO_MARK, *(() if run.has_id else (ID_MARK,)))]
    head = [sheet.cell(each) for each in run.headers] + [sheet.cell(each, _OURS) for each in ours]
    for cell in head:
        cell.font, cell.alignment = _BOLD, _WRAPPED
    sheet.add(head)
    shown = 0
    for row in _rows(connection, run.id):
        _write_row(sheet, run, row, lang)
        shown += 1
    counted = connection.execute("SELECT count(*) FROM import_rows WHERE run = %s", (run.id,)).fetchone()
    summary = book.create_sheet("说明" if lang == "zh" else "about")
    assert isinstance(summary, WriteOnlyWorksheet)
    _write_summary(_Sheet(summary, lang), run, lang, shown, int(counted[0]) if counted else shown)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def mending_workbook(dsn: str, run: UUID, lang: Lang = "zh") -> bytes:
    """The XLSX of a run's refused and flagged rows.

    Raises:
        NotFound: no such run, or one that is not done.
        DatabaseUnreachable: PostGIS does not answer.
    """
    try:
        with psycopg.connect(dsn, application_name="onemap report") as connection:
            return _build(connection, _run(connection, run), lang)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(Text(f"连不上数据库:{error}", f"the database cannot be reached: {error}")) from error
