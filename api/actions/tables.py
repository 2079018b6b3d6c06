"""Tables on a terminal whose cells are folded, never cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

__all__ = ["folded_table"]


def folded_table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, lines: bool = False) -> Table:
    """A table whose cells are folded, never cut: Chinese has no spaces to break at."""
    table = Table(show_lines=lines)
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
