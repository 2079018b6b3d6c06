"""销号: the rows whose source says that they are closed. They are kept, retired, and no longer counted."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from geo.ingest.headers import read_header
from geo.ingest.reading.table import Batch, Cell
from geo.ingest.values import is_missing, tidy

__all__ = ["closed_positions", "closing_columns"]

_CLOSING = re.compile("销号|核销")
_WHEN = re.compile("时间|日期")
_STATES = frozenset(("状态", "隐患点状态", "灾害点状态", "点状态", "管理状态", "当前状态", "是否在册", "备注状态"))
_YES = frozenset(("是", "已", "有", "y", "yes", "true", "1", "√", "✓"))
_NOT_YET = re.compile("未|不|没|否|拟|待|申请|建议|计划")


def closing_columns(headers: Sequence[str]) -> tuple[str, ...]:
    """The headers under which a source says that a row is closed."""
    keys = {header: read_header(header).key for header in headers}
    return tuple(header for header, key in keys.items() if _CLOSING.search(key) or key in _STATES)


def _closes(key: str, cell: Cell) -> bool:
    if cell is None:
        return False
    if isinstance(cell, bool):
        return cell and bool(_CLOSING.search(key))
    text = tidy(str(cell)).casefold()
    if is_missing(text) or _NOT_YET.search(text):
        return False
    if _CLOSING.search(text):
        return True
    if not _CLOSING.search(key):
        return False
    if _WHEN.search(key):
        return isinstance(cell, datetime.date) or any(char.isdigit() for char in text)
    return text in _YES


def closed_positions(batch: Batch, headers: Sequence[str]) -> list[int]:
    """Positions of the rows that one of ``headers`` says to be closed: 已销号, 是否销号 = 是, a 销号时间."""
    closed: set[int] = set()
    for header in headers:
        key = read_header(header).key
        closed.update(at for at, cell in enumerate(batch.cells[header]) if _closes(key, cell))
    return sorted(closed)
