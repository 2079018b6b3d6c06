"""Word: the maps as pictures, everything else as text and tables that Word, WPS and LibreOffice can edit."""

from __future__ import annotations

import io

from docx import Document as new_document
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from geo.exhibits.content import EMPTY, Chart, KeyFigure, LegendEntry, MapPart, Section, Table
from geo.exhibits.formats.archive import sealed
from geo.exhibits.formats.plain import (
    chart_table,
    made_at,
    note_of,
    shown_cells,
    shown_columns,
    tables_of,
    xml_text,
)
from geo.exhibits.formats.swatches import legend_swatch
from geo.exhibits.formats.word_style import rule, set_font, word_paper
from geo.exhibits.formats.word_xml import CellXml, Drawings, field_runs, run, table
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.page import chart_picture, map_picture, sign_png
from geo.exhibits.paper import grid_of, picture_grid
from geo.exhibits.request import KINDS
from geo.exhibits.wording import figure_text
from layers.text import Text

__all__ = ["write_docx"]

_INK, _GREY, _NAVY, _RED = "#1B2733", "#5A6773", "#1C3D5C", "#C8102E"
_BAND = "#EEF1F4"
_SIGN_DPI = 200
_TOP_MM, _BOTTOM_MM, _LEAST_SIDE_MM = 12.0, 17.0, 10.0
_HEAD_MM = 18.0
"""What title and subtitle take of the first page."""
_SIGNED_ROWS_MOST = 1000
"""A longer table names its classes in words alone: Word lays out no more pictures than that in good time."""


def write_docx(manuscript: Manuscript, dpi: float) -> bytes:
    """The exhibit as DOCX, its maps in ``dpi``: the same bytes for the same manuscript.

    Raises:
        RenderError: a map could not be drawn.
    """
    writer = _Writer(manuscript, dpi)
    writer.write()
    out = io.BytesIO()
    writer.document.save(out)
    return sealed(out.getvalue(), manuscript.recipe)


class _Writer:
    """One document while it is written, top to bottom."""

    def __init__(self, manuscript: Manuscript, dpi: float) -> None:
        self.manuscript = manuscript
        self.content = manuscript.content
        self.lang = manuscript.request.lang
        self.dpi = dpi
        self.document: Document = new_document()
        self.drawings = Drawings(self.document)
        self.width_mm = self.height_mm = 0.0

    def write(self) -> None:
        self._set_page()
        self._set_styles()
        self._set_properties()
        self._furniture()
        self._head()
        several = len(self.content.sections) > 1
        for number, section in enumerate(self.content.sections):
            if several and section.title and section.title != self.content.title:
                heading = self.document.add_heading(xml_text(section.title), 1)
                heading.paragraph_format.page_break_before = number > 0
            self._section(section)

    # -- the document as a whole

    def _set_page(self) -> None:
        request, section = self.manuscript.request, self.document.sections[0]
        grid = grid_of(request.paper, request.orientation)
        wide, high = word_paper(grid.width, grid.height)
        section.page_width, section.page_height = Mm(wide), Mm(high)
        section.orientation = WD_ORIENT.LANDSCAPE if wide > high else WD_ORIENT.PORTRAIT
        # Margins narrow a little where a map would else be shrunk and lose its round 1:N.
        widest = max((picture_grid(part.panel.sheet.box).width for part in self.content.maps), default=0.0)
        side = max(_LEAST_SIDE_MM, min(grid.left, (wide - widest) / 2))
        section.left_margin = section.right_margin = Mm(side)
        section.top_margin, section.bottom_margin = Mm(_TOP_MM), Mm(_BOTTOM_MM)
        section.header_distance, section.footer_distance = Mm(5), Mm(5)
        self.width_mm, self.height_mm = wide - 2 * side, high - _TOP_MM - _BOTTOM_MM - _HEAD_MM

    def _set_styles(self) -> None:
        styles = self.document.styles
        for name, points, colour, bold in (
            ("Normal", 9.0, _INK, False),
            ("Title", 18.0, _INK, True),
            ("Subtitle", 8.0, _GREY, False),
            ("Heading 1", 13.0, _NAVY, True),
            ("Heading 2", 10.0, _NAVY, True),
            ("Caption", 7.5, _GREY, False),
            ("Header", 8.0, _GREY, False),
            ("Footer", 7.0, _INK, False),
        ):
            style = styles[name]
            assert isinstance(style, ParagraphStyle)
            set_font(style, points, colour, bold=bold)
            style.paragraph_format.space_before = Pt(8 if name.startswith("Heading") else 0)
            style.paragraph_format.space_after = Pt(3)
        title = styles["Title"].element.get_or_add_pPr()
        for border in title.findall(qn("w:pBdr")):
            title.remove(border)

    def _set_properties(self) -> None:
        properties, at = self.document.core_properties, made_at(self.manuscript)
        properties.title = xml_text(self.content.title)
        properties.author = properties.last_modified_by = xml_text(self.manuscript.request.maker)
        properties.subject = KINDS[self.manuscript.request.kind].get(self.lang)
        properties.keywords = self.content.kind
        properties.comments = xml_text(self.manuscript.furniture.small)
        properties.language = "zh-CN" if self.lang == "zh" else "en-US"
        properties.created = properties.modified = at
        properties.revision = 1

    def _furniture(self) -> None:
        section, furniture = self.document.sections[0], self.manuscript.furniture
        header = section.header.paragraphs[0]
        header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        self._add(header, run("　".join(tag.text for tag in furniture.tags), bold=True, colour=_RED))
        footer = section.footer.paragraphs[0]
        rule(footer, "top")
        parts = []
        for label, value in furniture.lines():
            parts += [run(f"{label} ", colour=_GREY), run(f"{value}　")]
        self._add(footer, "".join(parts))
        said = ("第 ", " 页 共 ", " 页") if self.lang == "zh" else ("Page ", " of ", "")
        runs = [run(said[0]), field_runs("PAGE", 7), run(said[1]), field_runs("NUMPAGES", 7), run(said[2])]
        self._add(footer, "".join(runs))

    def _head(self) -> None:
        self.document.add_paragraph(xml_text(self.content.title), style="Title")
        rule(self.document.add_paragraph(xml_text(self.content.subtitle), style="Subtitle"), "bottom")

    # -- the parts of a section

    def _section(self, section: Section) -> None:
        if section.is_empty and (section.maps or section.tables):
            self.document.add_paragraph(EMPTY.get(self.lang)).alignment = WD_ALIGN_PARAGRAPH.CENTER
        for part in section.maps:
            self._map(part)
        self._figures(section.figures)
        compact = [each for each in tables_of(section) if each.compact]
        for each in compact:
            self._table(each)
        for chart in section.charts:
            self._chart(chart)
        if section.paragraphs:
            self.document.add_heading(xml_text(section.heading), 2)
            for text in section.paragraphs:
                self._say(text)
        if section.note:
            self.document.add_paragraph(xml_text(section.note), style="Caption")
        for each in tables_of(section):
            if not each.compact:
                self._table(each)

    def _add(self, paragraph: Paragraph, runs: str) -> None:
        wrapped = parse_xml(f"<w:p {nsdecls('w', 'wp', 'a', 'pic', 'r')}>{runs}</w:p>")
        for each in list(wrapped):
            paragraph._p.append(each)

    def _put(self, element: BaseOxmlElement) -> None:
        """At the end of the body, with the small gap that keeps two tables apart."""
        self.document.element.body.insert_element_before(element, "w:sectPr")
        gap = self.document.add_paragraph()
        gap.paragraph_format.space_after = Pt(0)
        gap.paragraph_format.line_spacing = Pt(4)

    def _say(self, text: str) -> None:
        paragraph = self.document.add_paragraph(xml_text(text))
        if self.lang == "zh":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            paragraph.paragraph_format.first_line_indent = Pt(18)
            (indent,) = paragraph._p.get_or_add_pPr().findall(qn("w:ind"))
            indent.set(qn("w:firstLineChars"), "200")  # of the font's own characters, whatever its size becomes

    def _map(self, part: MapPart) -> None:
        if part.title:
            self.document.add_heading(xml_text(part.title), 2)
        # At its own size; smaller, with the 1:N of that size, only where the paper of Word has no room.
        own = picture_grid(part.panel.sheet.box)
        room = min(self.width_mm, own.width), min(self.height_mm, own.height)
        drawn = map_picture(self.manuscript, part, "png", dpi=self.dpi, room=room)
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        size = drawn.width_mm, drawn.height_mm
        self._add(paragraph, self.drawings.inline(drawn.content, *size, part.alt))
        entries = [(group.caption, entry) for group in part.legend for entry in group.entries]
        if entries:
            self._legend(part)

    def _legend(self, part: MapPart) -> None:
        self.document.add_heading(Text("图例", "Legend").get(self.lang), 2)
        columns = 4 if self.width_mm < 250 else 6
        width = self.width_mm / columns
        rows: list[list[CellXml]] = []
        for group in part.legend:
            if group.caption:
                rows.append([CellXml(run(group.caption, points=7, colour=_GREY), span=columns)])
            for at in range(0, len(group.entries), columns):
                cells = [CellXml(self._entry(entry)) for entry in group.entries[at : at + columns]]
                rows.append(cells + [CellXml("")] * (columns - len(cells)))
        self._put(table([width] * columns, None, rows, ruled=False))

    def _entry(self, entry: LegendEntry) -> str:
        count = f" · {entry.count}" if entry.count is not None else ""
        picture, wide, high = legend_swatch(self.manuscript, entry, _SIGN_DPI)
        return self.drawings.inline(picture, wide, high, entry.text) + run(f" {entry.text}{count}", points=8)

    def _figures(self, figures: tuple[KeyFigure, ...]) -> None:
        if not figures:
            return
        width = self.width_mm / len(figures)
        cells = [
            CellXml(
                run(figure_text(each.value, each.digits), points=17, bold=True)
                + run(f" {each.unit}", points=7, colour=_GREY)
            )
            for each in figures
        ]
        labels = [CellXml(run(each.label, points=8, colour=_GREY)) for each in figures]
        self._put(table([width] * len(figures), None, [cells, labels], ruled=False))

    def _chart(self, chart: Chart) -> None:
        self.document.add_heading(xml_text(chart.title), 2)
        drawn = chart_picture(self.manuscript, chart, "png", dpi=self.dpi)
        shrink = min(1.0, self.width_mm / drawn.width_mm)
        paragraph = self.document.add_paragraph()
        size = drawn.width_mm * shrink, drawn.height_mm * shrink
        self._add(paragraph, self.drawings.inline(drawn.content, *size, chart.title))
        heads, rows = chart_table(chart)
        widths = [self.width_mm / len(heads)] * len(heads)
        sides = ["left", *["right"] * len(chart.series)]
        self._put(
            table(
                widths,
                [CellXml(run(text, points=7.5, bold=True), side) for text, side in zip(heads, sides, strict=True)],
                [[CellXml(run(text, points=7.5), side) for text, side in zip(row, sides, strict=True)] for row in rows],
                ruled=True,
            )
        )
        if chart.note:
            self.document.add_paragraph(xml_text(chart.note), style="Caption")

    def _table(self, each: Table) -> None:
        self.document.add_heading(xml_text(each.title), 2)
        if not each.listed:
            self.document.add_paragraph(EMPTY.get(self.lang)).alignment = WD_ALIGN_PARAGRAPH.CENTER
            return
        columns = [column for _, column in shown_columns(each)]
        share = sum(column.width or 10 for column in columns)
        whole = self.width_mm
        widths = [whole * (column.width or 10) / share for column in columns]
        head = [CellXml(run(column.title, points=7.5, bold=True), column.side) for column in columns]
        signed = each.listed <= _SIGNED_ROWS_MOST
        rows: list[list[CellXml]] = []
        for row in each.rows:
            if row.role == "band":
                band = run(str(row.cells[0]), points=7.5, bold=True, colour=_NAVY)
                rows.append([CellXml(band, span=len(columns), fill=_BAND)])
                continue
            total, colour = row.role == "total", _RED if row.tone == "alert" else None
            cells = []
            for column, text, sign in shown_cells(each, row.cells):
                drawn = self._sign(sign) if sign and signed else ""
                cells.append(CellXml(drawn + run(text, points=7.5, bold=total, colour=colour), column.side))
            rows.append(cells)
        self._put(table(widths, head, rows, ruled=True))
        if note := note_of(each, self.lang):
            self.document.add_paragraph(xml_text(note), style="Caption")

    def _sign(self, name: str) -> str:
        return self.drawings.inline(sign_png(self.manuscript, name, 2.8, _SIGN_DPI), 2.8, 2.8, "") + run(" ")
