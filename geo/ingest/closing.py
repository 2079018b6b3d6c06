"""销号: the rows whose source says that they are closed. They are kept, retired, and no longer counted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from geo.ingest.headers import read_header
from geo.ingest.reading.table import Batch, Cell
from geo.ingest.values import is_missing, tidy
from geo.ingest.values.dates import read_date

__all__ = ["closed_positions", "closing_columns"]

_CLOSING = re.compile("销号|核销")
_WHEN = re.compile("时间|日期")
_STATES = frozenset(("状态", "隐患点状态", "灾害点状态", "点状态", "管理状态", "当前状态", "是否在册", "备注状态"))
_YES = frozenset(("是", "已", "有", "y", "yes", "true", "1", "√", "✓"))
_NO = frozenset(("否", "无", "未", "没有", "n", "no", "false", "0", "×", "x"))
_NOT_YET = re.compile("未|不|没|否|拟|待|申请|建议|计划")
_PLANNED = re.compile("拟|待|申请|建议|计划|预计|应")


def closing_columns(headers: Sequence[str]) -> tuple[str, ...]:
    """The headers under which a source says that a row is closed."""
    keys = {header: read_header(header).key for header in headers}
    told = (header for header, key in keys.items() if _CLOSING.search(key) or key in _STATES)
    return tuple(header for header in told if not _PLANNED.search(keys[header]))


def _closes(key: str, cell: Cell) -> bool:
    if cell is None:
        return False
    if isinstance(cell, bool):
        return cell and bool(_CLOSING.search(key))
    if _WHEN.search(key) and _CLOSING.search(key):
        return _is_date(cell)
    text = tidy(str(cell)).casefold()
    if is_missing(text) or _NOT_YET.search(text):
        return False
    if _CLOSING.search(text):
        return True
    return bool(_CLOSING.search(key)) and text in _YES


def _is_date(cell: Cell) -> bool:
    """Whether a 销号时间 is one: not 0 and not 1900-01-00, which are what spreadsheets make of no date."""
    reading = read_date(cell)
    said = tidy(str(cell))
    return reading.value is not None or (
        reading.problem == "date-unreadable" and any(map(str.isdigit, said)) and not _NOT_YET.search(said)
    )


def _denies(key: str, cell: Cell) -> bool:
    """Whether 是否销号 says no: then a date beside it closes nothing."""
    if not _CLOSING.search(key) or _WHEN.search(key) or cell is None:
        return False
    return cell is False or tidy(str(cell)).casefold() in _NO


def closed_positions(batch: Batch, headers: Sequence[str]) -> list[int]:
    """Positions of the rows that ``headers`` say to be closed: 已销号, 是否销号 = 是, a 销号时间 that no 否 denies."""
    closed: set[int] = set()
    denied: set[int] = set()
    for header in headers:
        key = read_header(header).key
        closed.update(at for at, cell in enumerate(batch.cells[header]) if _closes(key, cell))
        denied.update(at for at, cell in enumerate(batch.cells[header]) if _denies(key, cell))
    return sorted(closed - denied)
