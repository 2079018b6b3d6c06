"""Workbooks (XLSX, XLS): the sheets are chosen, the header found, the typed cells streamed, merged ones filled."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import python_calamine as calamine

from geo.errors import FileUnreadable
from geo.ingest.reading.header import Found, RowJudge, find_table
from geo.ingest.reading.table import BATCH_ROWS, Batch, Cell, Table, unique_headers
from layers.text import Text

__all__ = ["read_workbook"]

_HEADER_WITHIN = 30
_SHEET_ROWS = 10_000_000
"""Row numbers of a second sheet that is read on begin behind this, of a third behind twice this."""
_EXACT = 1e15
"""A workbook keeps 15 digits; a longer whole number has lost its last ones and stays a float."""


def _open(path: Path) -> calamine.CalamineWorkbook:
    try:
        return calamine.load_workbook(path)
    except calamine.PasswordError as error:
        raise FileUnreadable(
            Text(
                f"{path.name} 有密码保护;请另存为无密码的文件",
                f"{path.name} is protected by a password; save it without",
            )
        ) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise FileUnreadable(
            Text(f"{path.name} 不是可读的工作簿:{error}", f"{path.name} is no workbook that can be read: {error}")
        ) from error


def _rows(sheet: calamine.CalamineSheet) -> Iterator[list[Cell]]:
    """Every row from the sheet's first, so that the index is the user's row number less one."""
    if sheet.start is None:
        return
    for row in sheet.iter_rows():
        yield [_cell(cell) for cell in row]


def _cell(cell: Cell) -> Cell:
    """An empty string is an empty cell; a workbook knows only floats, so 12.0 is the 12 that the user typed."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return int(cell)
    return None if cell == "" else cell


def _merged(sheet: calamine.CalamineSheet) -> list[tuple[int, int, int, int]]:
    """Merged cells: first row, first column, last row, last column, counted from 0 as the rows' cells are."""
    left = sheet.start[1] if sheet.start else 0
    ranges = sheet.merged_cell_ranges or []
    return [(top, first - left, bottom, last - left) for (top, first), (bottom, last) in ranges]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet with its header."""

    name: str
    found: Found
    headers: tuple[str, ...]
    known: int
    judge: RowJudge


def _read_head(workbook: calamine.CalamineWorkbook, name: str, is_known: Callable[[str], bool]) -> _Sheet:
    sheet = workbook.get_sheet_by_name(name)
    rows = list(islice(_rows(sheet), _HEADER_WITHIN))
    found = find_table(rows, is_known, _merged(sheet))
    headers = unique_headers(found.names, sheet.start[1] if sheet.start else 0)
    known = sum(is_known(each) for each in found.names if each)
    return _Sheet(name, found, headers, known, RowJudge(headers, rows[: found.body]))


def _choose_sheets(
    workbook: calamine.CalamineWorkbook, wanted: str | None, is_known: Callable[[str], bool]
) -> list[_Sheet]:
    """The wanted sheet; else the visible one whose header knows the most columns, and those with the same header."""
    if wanted is not None:
        if wanted in workbook.sheet_names:
            return [_read_head(workbook, wanted, is_known)]
        names = "、".join(workbook.sheet_names)
        raise FileUnreadable(
            Text(f"没有工作表 {wanted!r};有:{names}", f"there is no sheet {wanted!r}; there are: {names}"),
            field="sheet",
        )
    sheets = []
    for each in workbook.sheets_metadata:
        if each.typ == calamine.SheetTypeEnum.WorkSheet and each.visible == calamine.SheetVisibleEnum.Visible:
            with contextlib.suppress(FileUnreadable):  # an empty sheet beside others is no error
                sheets.append(_read_head(workbook, each.name, is_known))
    if not sheets:
        raise FileUnreadable(Text("工作簿里没有数据", "the workbook holds no data"))
    best = max(sheets, key=lambda sheet: sheet.known)
    return [best, *(each for each in sheets if each is not best and each.known and each.headers == best.headers)]


class _Filler:
    """Fills merged cells down: each row of a merged block has the value of its first."""

    def __init__(self, merged: list[tuple[int, int, int, int]]) -> None:
        self._starting: dict[int, list[tuple[int, int]]] = {}
        for top, left, bottom, _ in merged:
            if bottom > top:
                self._starting.setdefault(top, []).append((left, bottom))
        self._open: list[tuple[int, int, Cell]] = []

    def fill(self, index: int, cells: list[Cell]) -> list[Cell]:
        """The cells of the row at ``index`` (from 0), the rows being asked for in order."""
        self._open = [each for each in self._open if each[1] >= index]
        for column, _, value in self._open:
            if column >= len(cells):
                cells.extend([None] * (column + 1 - len(cells)))
            if cells[column] is None:
                cells[column] = value
        for column, bottom in self._starting.get(index, ()):
            if column < len(cells) and cells[column] is not None:
                self._open.append((column, bottom, cells[column]))
        return cells


def _body(
    sheet: calamine.CalamineSheet, head: _Sheet, offset: int, skipped: dict[str, list[int]]
) -> Iterator[tuple[int, list[Cell]]]:
    """The numbered rows of one sheet that are features; the others go to ``skipped``."""
    filler = _Filler([each for each in _merged(sheet) if each[0] >= head.found.body])
    for index, cells in enumerate(_rows(sheet)):
        if index < head.found.body or all(cell is None for cell in cells):
            continue
        filled = filler.fill(index, cells)
        code = head.judge(filled)
        if code is None:
            yield offset + index + 1, filled
        else:
            skipped.setdefault(code, []).append(offset + index + 1)


def _batches(path: Path, heads: list[_Sheet]) -> Iterator[Batch]:
    workbook = _open(path)
    headers = heads[0].headers
    width, skipped = len(headers), dict[str, list[int]]()
    for number, head in enumerate(heads):
        sheet = workbook.get_sheet_by_name(head.name)
        height, offset = max(1, sheet.total_height), number * _SHEET_ROWS
        body = _body(sheet, head, offset, skipped)
        while chunk := list(islice(body, BATCH_ROWS)):
            padded = ((cells + [None] * width)[:width] for _, cells in chunk)
            columns = [list(column) for column in zip(*padded, strict=True)]
            beyond = {
                at: cells[width:] for at, (_, cells) in enumerate(chunk) if any(c is not None for c in cells[width:])
            }
            yield Batch(
                rows=np.fromiter((row for row, _ in chunk), np.int64, len(chunk)),
                cells=dict(zip(headers, columns, strict=True)),
                beyond=beyond,
                fraction=min(1.0, (number + min(1.0, (chunk[-1][0] - offset) / height)) / len(heads)),
                skipped=dict(skipped),
            )
            skipped.clear()


def _warnings(workbook: calamine.CalamineWorkbook, heads: list[_Sheet], wanted: str | None) -> tuple[Text, ...]:
    told = []
    for number, head in enumerate(heads[1:], start=1):
        told.append(
            Text(
                f"工作表 {head.name!r} 表头相同,一并导入;其行号从 {number * _SHEET_ROWS} 之后算起",
                f"sheet {head.name!r} has the same header and was imported too; its rows count from "
                f"{number * _SHEET_ROWS}",
            )
        )
    others = [each for each in workbook.sheet_names if each not in [head.name for head in heads]]
    if others and wanted is None:
        names = "、".join(others)
        told.append(
            Text(
                f"只导入了工作表 {heads[0].name!r};未导入:{names}(用 --sheet 选择)",
                f"only sheet {heads[0].name!r} was imported; not: {names} (choose with --sheet)",
            )
        )
    return tuple(told)


def read_workbook(path: Path, sheet: str | None, is_known: Callable[[str], bool]) -> Table:
    """The table of a workbook's sheet, and of those with the same header. ``is_known`` tells headers of the layer.

    Raises:
        FileUnreadable: damaged, protected, empty, or without the wanted sheet.
    """
    workbook = _open(path)
    heads = _choose_sheets(workbook, sheet, is_known)
    return Table(
        format=path.suffix[1:].upper(),
        headers=heads[0].headers,
        batches=lambda: _batches(path, heads),
        header_row=heads[0].found.last + 1,
        sheet=heads[0].name,
        warnings=_warnings(workbook, heads, sheet),
    )
