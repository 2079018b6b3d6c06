"""The pen of slides: boxes, runs of text with their Chinese face, rules and cells, all on one size of slide."""

# mypy: disable-error-code="no-untyped-call"
# python-pptx has no types for colours and fills.

from __future__ import annotations

from pptx.enum.shapes import MSO_CONNECTOR
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.table import _Cell
from pptx.text.text import TextFrame, _Run
from pptx.util import Pt

from geo.exhibits.formats.plain import CHINESE_FONT, LATIN_FONT, xml_text
from geo.exhibits.formats.slide_room import bare, colour_of, mm
from layers.text import Lang

__all__ = ["BAND", "EDGE_MM", "GREY", "HIGH_MM", "INK", "NAVY", "RED", "WIDE_MM", "SlidePen"]

WIDE_MM, HIGH_MM = 338.667, 190.5
EDGE_MM = 9.0
INK, GREY, NAVY, RED, BAND = "1B2733", "5A6773", "1C3D5C", "C8102E", "EEF1F4"
_SIDES = {"left": PP_ALIGN.LEFT, "right": PP_ALIGN.RIGHT, "center": PP_ALIGN.CENTER}


class SlidePen:
    """Writes in one language."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang

    def rule(self, slide: Slide, y: float) -> None:
        """A line across the slide."""
        line = slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, mm(EDGE_MM), mm(y), mm(WIDE_MM - EDGE_MM), mm(y))
        line.shadow.inherit = False
        line.line.color.rgb, line.line.width = colour_of(NAVY), Pt(1.5)

    def box(self, slide: Slide, x: float, y: float, w: float, h: float) -> TextFrame:
        """A text box without margins, mm from the top left."""
        frame: TextFrame = slide.shapes.add_textbox(mm(x), mm(y), mm(w), mm(h)).text_frame
        bare(frame)
        return frame

    def run(self, frame: TextFrame, text: str, points: float, colour: str, *, bold: bool = False) -> _Run:
        """Text at the end of a frame, in the fonts that Chinese and Latin machines have."""
        run = frame.paragraphs[-1].add_run()
        run.text = xml_text(text)
        run.font.size, run.font.bold = Pt(round(points, 1)), bold
        run.font.color.rgb = colour_of(colour)
        properties = run._r.get_or_add_rPr()
        properties.set("lang", "zh-CN" if self.lang == "zh" else "en-US")
        properties.set("altLang", "en-US")
        for tag, name in (("a:latin", LATIN_FONT), ("a:ea", CHINESE_FONT), ("a:cs", LATIN_FONT)):
            face = properties.makeelement(qn(tag), {"typeface": name})
            properties.append(face)
        return run

    def grid_cell(
        self, cell: _Cell, text: str, side: str, *, bold: bool = False, colour: str = INK, fill: str | None = None
    ) -> None:
        """A cell of a table, with its text."""
        cell.margin_left = cell.margin_right = mm(0.8)
        cell.margin_top = cell.margin_bottom = mm(0.4)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        if fill:
            cell.fill.solid()
            cell.fill.fore_color.rgb = colour_of(fill)
        frame = cell.text_frame
        frame.word_wrap = False
        frame.paragraphs[0].alignment = _SIDES[side]
        # An empty cell takes the height of its unwritten text.
        self.run(frame, text or "\u00a0", 9, colour, bold=bold)
