"""What the editable formats have in common: the columns that they can show, cells as text, text that XML can hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time

from geo.exhibits.content import Cell, Chart, Column, Section, SignCell, Table
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.wording import cell_text
from layers.text import Lang, Text

__all__ = [
    "CHINESE_FONT",
    "LATIN_FONT",
    "chart_table",
    "made_at",
    "note_of",
    "shown_cells",
    "shown_columns",
    "tables_of",
    "xml_text",
]

CHINESE_FONT = "微软雅黑"
LATIN_FONT = "Arial"
"""What Word and WPS have on every Chinese machine; elsewhere a font of the system's own takes its place."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """Text without the characters that no XML document may hold."""
    return _NOT_XML.sub("", text)


def shown_columns(table: Table) -> tuple[tuple[int, Column], ...]:
    """The columns that have words or numbers, with their places; bars are left to those that can draw them."""
    return tuple((at, column) for at, column in enumerate(table.columns) if column.kind != "bar")


def shown_cells(table: Table, cells: tuple[Cell, ...]) -> Iterator[tuple[Column, str, str | None]]:
    """A row's cells as they are printed: the column, the text, the drawing beside it."""
    for at, column in shown_columns(table):
        cell = cells[at] if at < len(cells) else None
        sign = cell.sign if isinstance(cell, SignCell) else None
        yield column, xml_text(cell_text(column, cell)), sign


def tables_of(section: Section) -> Iterator[Table]:
    """Compact tables first: they are read beside the map."""
    yield from (table for table in section.tables if table.compact)
    yield from (table for table in section.tables if not table.compact)


def chart_table(chart: Chart) -> tuple[list[str], list[list[str]]]:
    """The figures behind a chart: heads and rows."""
    heads = ["", *(f"{each.title}{f' ({chart.unit})' if chart.unit else ''}" for each in chart.series)]
    rows = [
        [xml_text(category), *(f"{series.values[at]:g}" for series in chart.series)]
        for at, category in enumerate(chart.categories)
    ]
    return heads, rows


def note_of(table: Table, lang: Lang) -> str:
    """What is told under a table: its own note; where it is cut and does not say so, how much is listed."""
    if table.note or not table.is_cut:
        return table.note
    return Text(
        f"仅列出前 {table.listed} 行，共 {table.of} 行。", f"The first {table.listed} of {table.of} rows are listed."
    ).get(lang)


def made_at(manuscript: Manuscript) -> datetime:
    """The start of the day of making, which is the time that the document carries."""
    return datetime.combine(manuscript.request.made_on, time(), UTC)
