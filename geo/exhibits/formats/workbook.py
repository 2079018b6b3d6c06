"""XLSX: every table on a sheet of its own, numbers as numbers and dates as dates; no text is ever a formula."""

from __future__ import annotations

import io
import re
from datetime import date, datetime

import xlsxwriter  # type: ignore[import-untyped]  # it carries no types
from xlsxwriter.format import Format  # type: ignore[import-untyped]  # the same
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]  # the same

from geo.exhibits.content import EMPTY, Cell, Chart, Column, SignCell, Table
from geo.exhibits.formats.archive import sealed
from geo.exhibits.formats.plain import CHINESE_FONT, made_at, note_of, shown_columns, tables_of, xml_text
from geo.exhibits.formats.recipes import json_text
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.wording import figure_text
from geo.export import safe_cell
from layers.text import Text

__all__ = ["write_xlsx"]

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_NAME_MOST = 31
_CELL_MOST = 32_767
_WRAP_FROM = 24
_PAPERS = {"A3": 8, "A4": 9}


def write_xlsx(manuscript: Manuscript) -> bytes:
    """The exhibit's tables and the figures of its charts as XLSX: the same bytes for the same manuscript."""
    out = io.BytesIO()
    writer = _Writer(manuscript, out)
    writer.write()
    return sealed(out.getvalue(), manuscript.recipe)


class _Writer:
    """One workbook while it is written."""

    def __init__(self, manuscript: Manuscript, out: io.BytesIO) -> None:
        self.manuscript, self.lang = manuscript, manuscript.request.lang
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
        self.book = xlsxwriter.Workbook(out, options)
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}
        self._names: set[str] = set()

    def write(self) -> None:
        at = made_at(self.manuscript).replace(tzinfo=None)
        self.book.set_properties(
            {
                "title": xml_text(self.manuscript.content.title),
                "author": xml_text(self.manuscript.request.maker),
                "comments": xml_text(self.manuscript.furniture.small),
                "created": at,
            }
        )
        for section in self.manuscript.content.sections:
            for table in sorted(tables_of(section), key=lambda each: each.compact):
                self._table(table)
            for chart in section.charts:
                self._chart(chart)
        self._about()
        self.book.close()

    def _format(self, **properties: object) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(
                {"font_name": CHINESE_FONT, "font_size": 10, "valign": "vcenter", **properties}
            )
        return self._formats[key]

    def _sheet(self, title: str) -> Worksheet:
        short = _NOT_IN_A_NAME.sub(" ", title).strip()[:_NAME_MOST] or "onemap"
        name, number = short, 2
        while name.lower() in self._names:
            ending = f" {number}"
            name, number = short[: _NAME_MOST - len(ending)] + ending, number + 1
        self._names.add(name.lower())
        sheet = self.book.add_worksheet(name)
        request = self.manuscript.request
        sheet.set_paper(_PAPERS.get(request.paper, 8))
        if request.orientation == "landscape":
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&8" + xml_text(self.manuscript.content.title).replace("&", "&&")[:100] + "&R&8&P / &N")
        return sheet

    def _table(self, table: Table) -> None:
        sheet = self._sheet(table.title)
        columns = shown_columns(table)
        sheet.write_string(0, 0, _text(table.title), self._format(bold=True, font_size=12, font_color="#1C3D5C"))
        for place, (_, column) in enumerate(columns):
            indent = 1 if column.side == "left" else 0
            head = self._format(bold=True, bottom=1, top=2, align=column.side, indent=indent, text_wrap=True)
            sheet.write_string(1, place, _text(column.title), head)
            sheet.set_column(place, place, max(6.0, min(60.0, (column.width or 10) * 0.62)))
        line = 2
        for row in table.rows:
            if row.role == "band":
                band = self._format(bold=True, font_color="#1C3D5C", bg_color="#EEF1F4")
                for place in range(len(columns)):
                    sheet.write_blank(line, place, None, band)
                sheet.write_string(line, 0, _text(str(row.cells[0])), band)
            else:
                bold = {"bold": True} if row.role == "total" else {}
                tone = {"font_color": "#C8102E"} if row.tone == "alert" else {}
                for place, (at, column) in enumerate(columns):
                    cell = row.cells[at] if at < len(row.cells) else None
                    self._cell(sheet, line, place, column, cell, {**bold, **tone})
            line += 1
        if not table.listed:
            sheet.write_string(line, 0, EMPTY.get(self.lang), self._format(italic=True))
            line += 1
        if note := note_of(table, self.lang):
            sheet.write_string(line + 1, 0, _text(note), self._format(font_color="#5A6773", font_size=9))
        sheet.freeze_panes(2, 0)
        sheet.repeat_rows(1)
        if table.listed and not any(row.role != "row" for row in table.rows):
            sheet.autofilter(1, 0, line - 1, len(columns) - 1)

    def _cell(
        self, sheet: Worksheet, line: int, place: int, column: Column, cell: Cell, more: dict[str, object]
    ) -> None:
        if cell is None:
            return
        if isinstance(cell, SignCell):
            cell = cell.text
        if isinstance(cell, int | float):
            pattern = "0." + "0" * column.digits if column.kind == "number" and column.digits else "General"
            sheet.write_number(line, place, cell, self._format(num_format=pattern, align=column.side, **more))
        elif isinstance(cell, date):
            at = datetime(cell.year, cell.month, cell.day)
            sheet.write_datetime(line, place, at, self._format(num_format="yyyy-mm-dd", align="left", **more))
        else:
            told = _text(str(cell))
            indent = 1 if column.side == "left" else 0
            wrapped = len(told) > _WRAP_FROM
            sheet.write_string(
                line, place, told, self._format(align=column.side, indent=indent, text_wrap=wrapped, **more)
            )

    def _chart(self, chart: Chart) -> None:
        sheet = self._sheet(chart.title)
        name = sheet.get_name()
        sheet.write_string(0, 0, _text(chart.title), self._format(bold=True, font_size=12, font_color="#1C3D5C"))
        kind = {"columns": ("column", None), "bars": ("bar", None), "stacked": ("bar", "stacked")}[chart.kind]
        drawn = self.book.add_chart({"type": kind[0], **({"subtype": kind[1]} if kind[1] else {})})
        last = len(chart.categories) + 1
        for line, category in enumerate(chart.categories, start=2):
            sheet.write_string(line, 0, _text(category), self._format())
        for place, series in enumerate(chart.series, start=1):
            sheet.write_string(1, place, _text(series.title), self._format(bold=True, bottom=1, top=2, align="right"))
            for line, value in enumerate(series.values, start=2):
                sheet.write_number(line, place, value, self._format())
            drawn.add_series(
                {
                    "name": [name, 1, place],
                    "categories": [name, 2, 0, last, 0],
                    "values": [name, 2, place, last, place],
                    "fill": {"color": series.colour},
                }
            )
        sheet.set_column(0, 0, 24)
        if kind[0] == "bar":
            drawn.set_y_axis({"reverse": True})
        drawn.set_title({"name": _text(chart.title)})
        drawn.set_size({"width": 640, "height": max(280, 24 * len(chart.categories) + 120)})
        sheet.insert_chart(1, len(chart.series) + 2, drawn)

    def _about(self) -> None:
        """What the page's furniture says, the key figures, the text and the recipe."""
        sheet = self._sheet(Text("说明", "About").get(self.lang))
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 90)
        content, furniture = self.manuscript.content, self.manuscript.furniture
        pairs = [(content.title, content.subtitle), *furniture.lines()]
        for section in content.sections:
            pairs += [(each.label, f"{figure_text(each.value, each.digits)} {each.unit}") for each in section.figures]
            pairs += [(section.heading if not at else "", text) for at, text in enumerate(section.paragraphs)]
        pairs.append((Text("制图参数", "Recipe").get(self.lang), json_text(self.manuscript.recipe)))
        for line, (label, value) in enumerate(pairs):
            sheet.write_string(line, 0, _text(label), self._format(bold=True, valign="top"))
            sheet.write_string(line, 1, _text(value), self._format(text_wrap=True))


def _text(text: str) -> str:
    """A text as a cell holds it: one that another program would run as a formula gets an apostrophe."""
    return str(safe_cell(xml_text(text)))[:_CELL_MOST]
