"""The table inside a sheet: which rows are its header, what its columns are called, and which rows are none of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from geo.errors import FileUnreadable
from geo.ingest.units import is_unit
from layers.text import Text

__all__ = ["Found", "Merged", "RowJudge", "find_header", "find_table", "is_blank"]

Known = Callable[[str], bool]
Merged = tuple[int, int, int, int]
"""First row, first column, last row, last column of merged cells, from 0."""

_SPACES = re.compile(r"\s+")
_BRACKETS = "()（）[]【】 \n\r\t"
_OF_PERSON = ("姓名", "名字", "名称", "人")
_TOTALS = ("合计", "小计", "总计", "共计", "累计", "本页小计", "本页合计", "总合计")
_TOTALS_EN = ("subtotal", "total", "sum", "grandtotal")
_NOTES = (
    *("注:", "注：", "注", "备注:", "备注：", "说明:", "说明：", "填表", "制表", "审核", "填报", "单位负责人", "报送"),
    *("单位:", "单位：", "统计时间", "note:", "数据来源", "打印"),
)
_SUSPECT_STARTS = frozenset(note[0] for note in _NOTES) | {"N", " ", "\n", "\u3000"}
_SUSPECT_ENDS = frozenset("计:：)） lLmM\n\u3000")
_LONGEST_TOTAL = 8
_CODE = re.compile(r"[a-z]{0,4}[0-9]{5,}|[a-z]{1,4}-?[0-9]{2,}", re.ASCII)
_LONE_COLUMNS = 4
_HEADER_ROWS = 3


def is_blank(cell: object) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _squeezed(cell: object) -> str:
    return "" if cell is None else _SPACES.sub("", str(cell))


def find_header(rows: Sequence[Sequence[object]], is_known: Known) -> int:
    """The index of the row among the first ``rows`` of a sheet that names the most columns.

    It is the first of the rows that hold the most words which ``is_known``; where no row holds any, the first row
    that is filled as widely as any, for a header is never narrower than its table.

    Raises:
        FileUnreadable: there is no filled row.
    """
    filled = [[str(cell) for cell in row if not is_blank(cell)] for row in rows]
    widest = max((len(cells) for cells in filled), default=0)
    if widest == 0:
        raise FileUnreadable(Text("表是空的", "the table is empty"))
    known = [sum(is_known(cell) for cell in cells) for cells in filled]
    if most := max(known):
        return known.index(most)
    return next(index for index, cells in enumerate(filled) if len(cells) == widest)


@dataclass(frozen=True, slots=True)
class Found:
    """A header: the index of its last row, and of the table's first row below it; a name per column."""

    last: int
    body: int
    names: tuple[str | None, ...]


def _spread(rows: Sequence[Sequence[object]], merged: Iterable[Merged]) -> list[list[object]]:
    """The rows with the value of merged cells in each of them."""
    width = max((len(row) for row in rows), default=0)
    grid = [[*row, *[None] * (width - len(row))] for row in rows]
    for top, left, bottom, right in merged:
        if top < len(grid) and left < width:
            for row in grid[top : bottom + 1]:
                row[left : right + 1] = [grid[top][left]] * len(row[left : right + 1])
    return grid


def _joined(above: str, below: str, is_known: Known) -> str:
    """The name of a column under two header cells: 责任人 over 电话 is 责任人电话, 位置 over 经度 is 经度."""
    if not above or not below or above == below:
        return below or above
    whole = f"{above}{below}"
    if is_known(whole):
        return whole
    if below in _OF_PERSON and is_known(above):
        return above
    return below if is_known(below) else whole


def _names(rows: Sequence[Sequence[object]], is_known: Known) -> list[str]:
    """One name per column of the header rows; a blank in an upper row goes on with what stands left of it."""
    width = max(len(row) for row in rows)
    columns = [[_squeezed(row[at]) if at < len(row) else "" for row in rows] for at in range(width)]
    for level in range(len(rows) - 1):
        left = ""
        for column in columns:
            if column[level]:
                left = column[level]
            elif any(column[level + 1 :]):
                column[level] = left
    names = []
    for column in columns:
        name = column[0]
        for below in column[1:]:
            name = _joined(name, below, is_known)
        names.append(name)
    return names


def _is_unit_row(row: Sequence[object]) -> bool:
    cells = [str(cell).strip(_BRACKETS) for cell in row if not is_blank(cell)]
    return bool(cells) and all(is_unit(cell) for cell in cells)


def _is_number_row(row: Sequence[object]) -> bool:
    """1, 2, 3 … under the header: the numbers of the columns."""
    cells = [_squeezed(cell).strip(_BRACKETS) for cell in row if not is_blank(cell)]
    return len(cells) > 2 and cells == [str(number) for number in range(1, len(cells) + 1)]


def _best_span(
    rows: Sequence[Sequence[object]], grid: list[list[object]], is_known: Known
) -> tuple[tuple[int, int], list[str]]:
    """First and last row of the header, and its names."""
    at = find_header(rows, is_known)
    best, names, rank = (at, at), [_squeezed(cell) for cell in rows[at]], (0, at, 0)
    data = [_looks_like_data(row) for row in rows]
    for first in range(len(grid)):
        for last in range(first, min(first + _HEADER_ROWS, len(grid))):
            if data[last]:
                break
            made = (
                [_squeezed(cell) for cell in rows[first]] if first == last else _names(grid[first : last + 1], is_known)
            )
            key = (-sum(is_known(name) for name in {*made} if name), last, last - first)
            if key < rank:
                best, names, rank = (first, last), made, key
    return best, names


def find_table(rows: Sequence[Sequence[object]], is_known: Known, merged: Iterable[Merged] = ()) -> Found:
    """The header among the first ``rows`` of a sheet, of one row or several, with the unit row below it if any.

    Of one, two or three rows those are the header that make the most known names together; so a title above, which
    makes none known, and data below are left out, and a header that comes again further down is not taken for it.

    Raises:
        FileUnreadable: there is no filled row.
    """
    best, names = _best_span(rows, _spread(rows, merged), is_known)
    body = best[1] + 1
    if best[0] == best[1]:  # a header of one row keeps its cells as they are written
        names = ["" if is_blank(cell) else str(cell) for cell in rows[best[0]]]
    if body < len(rows) and _is_unit_row(rows[body]):
        for column, cell in enumerate(rows[body][: len(names)]):
            if not is_blank(cell) and names[column]:
                names[column] = f"{names[column]}({str(cell).strip(_BRACKETS)})"
        body += 1
    if body < len(rows) and _is_number_row(rows[body]):
        body += 1
    while names and not names[-1]:
        names.pop()
    return Found(best[1], body, tuple(name or None for name in names))


def _looks_like_data(row: Sequence[object]) -> bool:
    """A row of numbers: no header row holds one beside others."""
    cells = [cell for cell in row if not is_blank(cell)]
    numbers = sum(isinstance(cell, int | float) or str(cell).strip().replace(".", "", 1).isdigit() for cell in cells)
    return numbers > 0 and len(cells) > 2 and numbers >= len(cells) / 4


class RowJudge:
    """Tells the rows below a header that are no features: repeated headers, totals, notes."""

    def __init__(self, headers: Sequence[str], raw_headers: Iterable[Sequence[object]] = ()) -> None:
        self._words: list[set[str]] = [{_squeezed(name)} for name in headers]
        for row in raw_headers:
            for words, cell in zip(self._words, row, strict=False):
                words.add(_squeezed(cell))
        self._firsts = set().union(*self._words[:2]) - {""}
        self._wide = len(headers) >= _LONE_COLUMNS

    def doubtful(self, rows: Sequence[Sequence[object]]) -> list[int]:
        """Positions of the rows that want a look: all but those that a glance tells to be of the table."""
        firsts = self._firsts
        return [
            at
            for at, cells in enumerate(rows)
            if not (
                len(cells) > 1
                and (first := cells[0])
                and isinstance(first, str)
                and cells[1]
                and first not in firsts
                and first[-1] not in _SUSPECT_ENDS
                and first[0] not in _SUSPECT_STARTS
            )
        ]

    def __call__(self, cells: Sequence[object]) -> str | None:
        """The code of why a row is passed over, None for a row of the table."""
        if not self.doubtful((cells,)):
            return None
        filled = [cell for cell in cells if not is_blank(cell)]
        if not filled:
            return None
        text = _squeezed(filled[0]).casefold()
        if _squeezed(filled[0]) in self._firsts and self._repeats(cells):
            return "row-header-repeated"
        if len(text) <= _LONGEST_TOTAL and text.strip("(（:：)）").endswith(_TOTALS):
            return "row-total"
        if (
            isinstance(filled[0], str)
            and text.startswith(_NOTES)
            and (len(filled) == 1 or len(filled) * 2 < len(cells))
        ):
            return "row-note"
        if self._wide and len(filled) == 1 and isinstance(filled[0], str) and not _CODE.fullmatch(text):
            return "row-note"  # a feature of which nothing but its id is known is none
        return None

    def _repeats(self, cells: Sequence[object]) -> bool:
        pairs = [(words, _squeezed(cell)) for words, cell in zip(self._words, cells, strict=False)]
        told = [(words, cell) for words, cell in pairs if cell]
        return len(told) > 1 and sum(cell in words for words, cell in told) * 3 >= len(told) * 2
