"""Which row of a sheet is its header: the one that names the most known columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["find_header"]


def find_header(rows: Sequence[Sequence[object]], is_known: Callable[[str], bool]) -> int:
    """The index of the header among the first ``rows`` of a sheet.

    It is the first of the rows that hold the most words which ``is_known``; where no row holds any, the first row
    that is filled as widely as any, for a header is never narrower than its table.

    Raises:
        FileUnreadable: there is no filled row.
    """
    filled = [[str(cell) for cell in row if cell is not None and str(cell).strip()] for row in rows]
    widest = max((len(cells) for cells in filled), default=0)
    if widest == 0:
        raise FileUnreadable(Text("表是空的", "the table is empty"))
    known = [sum(is_known(cell) for cell in cells) for cells in filled]
    if most := max(known):
        return known.index(most)
    return next(index for index, cells in enumerate(filled) if len(cells) == widest)
