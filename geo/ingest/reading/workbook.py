"""XLSX workbooks: the sheet is chosen, its header found, its typed cells streamed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import python_calamine as calamine

from geo.errors import FileUnreadable
from geo.ingest.reading.header import find_header
from geo.ingest.reading.table import BATCH_ROWS, Batch, Cell, Table, unique_headers
from layers.text import Text

__all__ = ["read_workbook"]

_HEADER_WITHIN = 30
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


def _head(workbook: calamine.CalamineWorkbook, name: str) -> list[list[Cell]]:
    return list(islice(_rows(workbook.get_sheet_by_name(name)), _HEADER_WITHIN))


def _choose_sheet(workbook: calamine.CalamineWorkbook, wanted: str | None, is_known: Callable[[str], bool]) -> str:
    """The wanted sheet, else the visible one whose header knows the most columns."""
    if wanted is not None:
        if wanted in workbook.sheet_names:
            return wanted
        names = "、".join(workbook.sheet_names)
        raise FileUnreadable(
            Text(f"没有工作表 {wanted!r};有:{names}", f"there is no sheet {wanted!r}; there are: {names}"),
            field="sheet",
        )
    visible = [
        each.name
        for each in workbook.sheets_metadata
        if each.typ == calamine.SheetTypeEnum.WorkSheet and each.visible == calamine.SheetVisibleEnum.Visible
    ]
    best, most = None, -1
    for name in visible:
        with contextlib.suppress(FileUnreadable):  # an empty sheet beside others is no error
            rows = _head(workbook, name)
            known = sum(is_known(str(cell)) for cell in rows[find_header(rows, is_known)] if cell is not None)
            if known > most:
                best, most = name, known
    if best is None:
        raise FileUnreadable(Text("工作簿里没有数据", "the workbook holds no data"))
    return best


def _batches(path: Path, name: str, headers: tuple[str, ...], header_row: int) -> Iterator[Batch]:
    sheet = _open(path).get_sheet_by_name(name)
    width, height = len(headers), max(1, sheet.total_height)
    numbered = enumerate(_rows(sheet), start=1)
    body = ((number, cells) for number, cells in numbered if number > header_row and any(c is not None for c in cells))
    while chunk := list(islice(body, BATCH_ROWS)):
        padded = ((cells + [None] * width)[:width] for _, cells in chunk)
        columns = [list(column) for column in zip(*padded, strict=True)]
        beyond = {at: cells[width:] for at, (_, cells) in enumerate(chunk) if any(c is not None for c in cells[width:])}
        yield Batch(
            rows=np.fromiter((number for number, _ in chunk), np.int64, len(chunk)),
            cells=dict(zip(headers, columns, strict=True)),
            beyond=beyond,
            fraction=min(1.0, chunk[-1][0] / height),
        )


def read_workbook(path: Path, sheet: str | None, is_known: Callable[[str], bool]) -> Table:
    """The table of a workbook's sheet. ``is_known`` tells which words are headers of the layer.

    Raises:
        FileUnreadable: damaged, protected, empty, or without the wanted sheet.
    """
    workbook = _open(path)
    name = _choose_sheet(workbook, sheet, is_known)
    rows = _head(workbook, name)
    header_at = find_header(rows, is_known)
    cells = rows[header_at]
    while cells and cells[-1] is None:
        cells = cells[:-1]
    start = workbook.get_sheet_by_name(name).start
    headers = unique_headers(cells, start[1] if start else 0)
    others = [each for each in workbook.sheet_names if each != name]
    warnings: tuple[Text, ...] = ()
    if others and sheet is None:
        names = "、".join(others)
        warnings = (
            Text(
                f"只导入了工作表 {name!r};未导入:{names}(用 --sheet 选择)",
                f"only sheet {name!r} was imported; not: {names} (choose with --sheet)",
            ),
        )
    return Table(
        format="XLSX",
        headers=headers,
        batches=lambda: _batches(path, name, headers, header_at + 1),
        header_row=header_at + 1,
        sheet=name,
        warnings=warnings,
    )
