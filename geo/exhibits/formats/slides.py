"""PPTX: one slide a section: the map, the figures, the counts and what is said; all but the map can be edited."""

# mypy: disable-error-code="no-untyped-call"
# python-pptx has types for most of what it does, not for colours, fills and chart data.

from __future__ import annotations

import io

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.util import Pt

from geo.exhibits.content import EMPTY, Chart, LegendEntry, Section, Table
from geo.exhibits.formats.archive import sealed
from geo.exhibits.formats.plain import (
    made_at,
    shown_cells,
    shown_columns,
    tables_of,
    xml_text,
)
from geo.exhibits.formats.slide_pen import BAND, EDGE_MM, GREY, HIGH_MM, INK, NAVY, RED, WIDE_MM, SlidePen
from geo.exhibits.formats.slide_room import MM_PER_PT, Room, bare, colour_of, em, mm, text_height
from geo.exhibits.formats.swatches import legend_swatch
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.page import map_picture
from geo.exhibits.wording import figure_text

__all__ = ["write_pptx"]

_ROW_MM = 5.6
_ENTRY_MM, _ENTRY_WIDE_MM = 4.6, 27.0
_CHARTS = {
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,
    "stacked": XL_CHART_TYPE.BAR_STACKED,
    "columns": XL_CHART_TYPE.COLUMN_CLUSTERED,
}


def write_pptx(manuscript: Manuscript, dpi: float) -> bytes:
    """The exhibit as PPTX, its maps in ``dpi``: the same bytes for the same manuscript.

    Raises:
        RenderError: a map could not be drawn.
    """
    writer = _Writer(manuscript, dpi)
    for section in manuscript.content.sections:
        writer.slide(section)
    out = io.BytesIO()
    writer.show.save(out)
    return sealed(out.getvalue(), manuscript.recipe)


class _Writer(SlidePen):
    """One presentation while it is written."""

    def __init__(self, manuscript: Manuscript, dpi: float) -> None:
        super().__init__(manuscript.request.lang)
        self.manuscript, self.content, self.dpi = manuscript, manuscript.content, dpi
        self.show = Presentation()
        self.show.slide_width, self.show.slide_height = mm(WIDE_MM), mm(HIGH_MM)
        properties = self.show.core_properties
        properties.title = xml_text(self.content.title)
        properties.author = properties.last_modified_by = xml_text(manuscript.request.maker)
        properties.comments = xml_text(manuscript.furniture.small)
        properties.created = properties.modified = made_at(manuscript).replace(tzinfo=None)
        properties.revision = 1

    def slide(self, section: Section) -> None:
        """One section: map left, the rest right; without a map the whole width."""
        slide = self.show.slides.add_slide(self.show.slide_layouts[5])  # a title alone
        self._head(slide, section)
        top, end = 25.0, HIGH_MM - 17
        room = Room(EDGE_MM, top, WIDE_MM - 2 * EDGE_MM, end)
        if section.maps:
            room = self._maps(slide, section, top, end)
        self._figures(slide, section, room)
        if section.is_empty and (section.maps or section.tables):
            self._say(slide, room, "", [EMPTY.get(self.lang)])
        charts = list(section.charts)
        tables = list(tables_of(section))
        says = bool(section.paragraphs)
        for table in tables:
            share = room.left * (0.55 if says or charts else 1.0)
            if table.compact or not section.maps:
                self._table(slide, room, table, share)
        for number, chart in enumerate(charts):
            high = min((room.left - (30 if says else 0)) / (len(charts) - number), 70)
            if high > 28:
                self._chart(slide, room, chart, high)
        if says:
            self._say(slide, room, section.heading, list(section.paragraphs))
        for table in tables:
            if not table.compact and section.maps:
                self._table(slide, room, table, room.left)
        self._foot(slide)

    # -- what every slide has

    def _head(self, slide: Slide, section: Section) -> None:
        first = section is self.content.sections[0]
        words = self.content.title if first or not section.title else f"{self.content.title} · {section.title}"
        tags = "  ".join(tag.text for tag in self.manuscript.furniture.tags)
        title = slide.shapes.title
        assert title is not None
        title.left, title.top, title.width, title.height = mm(EDGE_MM), mm(5), mm(WIDE_MM - 75), mm(12)
        frame = title.text_frame
        bare(frame)
        frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        frame.paragraphs[0].alignment = PP_ALIGN.LEFT
        size = min(24.0, (WIDE_MM - 80) / (em(words) * MM_PER_PT))
        self.run(frame, words, size, INK, bold=True)
        box = self.box(slide, WIDE_MM - EDGE_MM - 60, 6, 60, 9)
        box.paragraphs[0].alignment = PP_ALIGN.RIGHT
        self.run(box, tags, 12, RED, bold=True)
        box = self.box(slide, EDGE_MM, 16.5, WIDE_MM - 2 * EDGE_MM, 6)
        self.run(box, self.content.subtitle, 9, GREY)
        self.rule(slide, 23.0)

    def _foot(self, slide: Slide) -> None:
        self.rule(slide, HIGH_MM - 15.5)
        box = self.box(slide, EDGE_MM, HIGH_MM - 15, WIDE_MM - 2 * EDGE_MM, 13)
        for label, value in self.manuscript.furniture.lines():
            self.run(box, f"{label} ", 7, GREY)
            self.run(box, f"{value}　", 7, INK)

    # -- the parts of a section

    def _maps(self, slide: Slide, section: Section, top: float, end: float) -> Room:
        """The maps side by side, the legend under them; what is left is the column on the right."""
        share = 0.62 if section.figures or section.paragraphs or section.tables else 1.0
        width = (WIDE_MM - 2 * EDGE_MM) * share
        entries = [entry for group in section.maps[0].legend for entry in group.entries]
        lines = self._legend_lines(section, entries, width, end - top)
        high = end - top - lines * _ENTRY_MM - 2
        each = width / len(section.maps)
        widest = 0.0
        for number, part in enumerate(section.maps):
            drawn = map_picture(self.manuscript, part, "png", dpi=self.dpi, room=(each - 2, high))
            wide, tall = drawn.width_mm, drawn.height_mm
            x = EDGE_MM + widest
            picture = slide.shapes.add_picture(io.BytesIO(drawn.content), mm(x), mm(top), mm(wide), mm(tall))
            picture._element.xpath("./p:nvPicPr/p:cNvPr")[0].set("descr", xml_text(part.alt))
            picture.name = f"map {number + 1}"
            widest += wide + 3
        self._legend(slide, entries, top + high + 2, widest, lines)
        return Room(EDGE_MM + widest + 4, top, WIDE_MM - 2 * EDGE_MM - widest - 4, end)

    def _legend_lines(self, section: Section, entries: list[LegendEntry], width: float, room: float) -> int:
        """How many lines the whole legend takes under maps that are as high as is left."""
        lines = 0
        for _ in range(3):
            high = room - lines * _ENTRY_MM - 2
            ratio = sum(part.panel.sheet.box.w / part.panel.sheet.box.h for part in section.maps)
            columns = max(int(min(width, high * ratio) // _ENTRY_WIDE_MM), 1)
            lines = -(-len(entries) // columns)
        return min(lines, int(room * 0.5 // _ENTRY_MM))

    def _legend(self, slide: Slide, entries: list[LegendEntry], top: float, width: float, lines: int) -> None:
        columns = -(-len(entries) // max(lines, 1)) or 1
        for number, entry in enumerate(entries):
            x = EDGE_MM + number // lines * (width / columns)
            y = top + number % lines * _ENTRY_MM
            content, wide, tall = legend_swatch(self.manuscript, entry, 200)
            factor = min(1.0, (_ENTRY_MM - 0.4) / tall)
            place = mm(x + (6.4 - wide * factor) / 2), mm(y + (_ENTRY_MM - tall * factor) / 2)
            slide.shapes.add_picture(io.BytesIO(content), *place, mm(wide * factor), mm(tall * factor))
            box = self.box(slide, x + 7.6, y, width / columns - 7.6, _ENTRY_MM)
            box.vertical_anchor = MSO_ANCHOR.MIDDLE
            count = f" · {entry.count}" if entry.count is not None else ""
            self.run(box, entry.text + count, 7.5, INK)

    def _figures(self, slide: Slide, section: Section, room: Room) -> None:
        if not section.figures:
            return
        columns = max(1, min(len(section.figures), int(room.w // 28)))
        width = room.w / columns
        for number, figure in enumerate(section.figures):
            x, y = room.x + number % columns * width, room.y + number // columns * 15
            box = self.box(slide, x, y, width, 14)
            self.run(box, figure_text(figure.value, figure.digits), 20, INK, bold=True)
            self.run(box, f" {figure.unit}", 8, GREY)
            box.add_paragraph()
            self.run(box, figure.label, 8, GREY)
        room.y += -(-len(section.figures) // columns) * 15 + 2

    def _table(self, slide: Slide, room: Room, table: Table, most_mm: float) -> None:
        """As many rows as there is room for: a slide is read from afar."""
        columns = [column for _, column in shown_columns(table)]
        fitting = int((most_mm - 8 - _ROW_MM) / _ROW_MM)
        rows = table.rows[: max(fitting, 0)]
        if not table.listed and room.left > 14:
            self._say(slide, room, table.title, [EMPTY.get(self.lang)])
        if not rows or fitting < 1:
            return
        box = self.box(slide, room.x, room.y, room.w, 6)
        self.run(box, table.title, 11, NAVY, bold=True)
        high = (len(rows) + 1) * _ROW_MM
        frame = slide.shapes.add_table(len(rows) + 1, len(columns), mm(room.x), mm(room.y + 7), mm(room.w), mm(high))
        grid = frame.table
        properties = grid._tbl.get_or_add_tblPr()
        for name in ("firstRow", "bandRow"):
            properties.set(name, "0")
        style = properties.find(qn("a:tableStyleId"))
        if style is not None:
            style.text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
        whole = sum(column.width or 10 for column in columns)
        for at, column in enumerate(columns):
            grid.columns[at].width = mm(room.w * (column.width or 10) / whole)
            self.grid_cell(grid.cell(0, at), column.title, column.side, bold=True, fill=BAND)
        for line, row in enumerate(rows, start=1):
            grid.rows[line].height = mm(_ROW_MM)
            if row.role == "band":
                grid.cell(line, 0).merge(grid.cell(line, len(columns) - 1))
                self.grid_cell(grid.cell(line, 0), str(row.cells[0]), "left", bold=True, colour=NAVY, fill=BAND)
                continue
            for at, (column, text, _) in enumerate(shown_cells(table, row.cells)):
                colour = RED if row.tone == "alert" else INK
                self.grid_cell(grid.cell(line, at), text, column.side, bold=row.role == "total", colour=colour)
        grid.rows[0].height = mm(_ROW_MM)
        room.y += high + 10

    def _chart(self, slide: Slide, room: Room, chart: Chart, high: float) -> None:
        figures = CategoryChartData()
        figures.categories = [xml_text(each) for each in chart.categories]
        for series in chart.series:
            figures.add_series(xml_text(series.title), series.values)
        kind = _CHARTS[chart.kind]
        place = mm(room.x), mm(room.y), mm(room.w), mm(high)
        frame = slide.shapes.add_chart(kind, *place, figures)  # type: ignore[arg-type]  # its declaration is too narrow
        drawn = frame.chart  # type: ignore[attr-defined]  # what is added is the frame, not the chart
        drawn.has_title = True
        drawn.chart_title.text_frame.text = xml_text(chart.title)
        drawn.font.size = Pt(9)
        drawn.has_legend = len(chart.series) > 1
        if drawn.has_legend:
            drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        plot = drawn.plots[0]
        plot.gap_width = 40
        plot.overlap = 100 if chart.kind == "stacked" else -10
        if chart.kind != "columns":
            drawn.category_axis.reverse_order = True
        for plotted, series in zip(drawn.plots[0].series, chart.series, strict=True):
            plotted.format.fill.solid()
            plotted.format.fill.fore_color.rgb = colour_of(series.colour)
        room.y += high + 2

    def _say(self, slide: Slide, room: Room, heading: str, paragraphs: list[str]) -> None:
        """In the largest size in which all of it fits, down to 8 pt; then as many sentences as fit."""
        if room.left < 12:
            return
        if heading:
            self.run(self.box(slide, room.x, room.y, room.w, 6), heading, 11, NAVY, bold=True)
            room.y += 7
        size = next(
            (each for each in (12.0, 11.0, 10.0, 9.0, 8.0) if text_height(paragraphs, each, room.w) <= room.left), 8.0
        )
        kept = list(paragraphs)
        while len(kept) > 1 and text_height(kept, size, room.w) > room.left:
            kept.pop()
        box = self.box(slide, room.x, room.y, room.w, room.left)
        for number, text in enumerate(kept):
            if number:
                box.add_paragraph()
            box.paragraphs[-1].space_after = Pt(4)
            self.run(box, text, size, INK)
        room.y += min(text_height(kept, size, room.w) + 3, room.left)
