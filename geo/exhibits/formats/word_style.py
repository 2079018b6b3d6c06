"""Styles of a Word document: fonts with their Chinese faces, rules, the papers that Word knows."""

from __future__ import annotations

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from geo.exhibits.formats.plain import CHINESE_FONT, LATIN_FONT

__all__ = ["rule", "set_font", "word_paper"]


def word_paper(width: float, height: float) -> tuple[float, float]:
    """Word knows no paper longer than 22 inches: larger exhibits become A3."""
    if max(width, height) <= 558:
        return width, height
    return (420, 297) if width > height else (297, 420)


def set_font(style: ParagraphStyle, points: float, colour: str, *, bold: bool) -> None:
    """A style's font, with its Chinese face named."""
    font = style.font
    font.size, font.bold, font.italic = Pt(points), bold, False
    font.color.rgb = RGBColor.from_string(colour.lstrip("#"))
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    # Names, not the theme's fonts: those have no Chinese face.
    names = {"ascii": LATIN_FONT, "hAnsi": LATIN_FONT, "cs": LATIN_FONT, "eastAsia": CHINESE_FONT}
    told = " ".join(f'w:{slot}="{name}"' for slot, name in names.items())
    properties.insert(0, parse_xml(f"<w:rFonts {nsdecls('w')} {told}/>"))
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN"/>'))


def rule(paragraph: Paragraph, side: str) -> None:
    """A line above or below a paragraph."""
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:{side} w:val="single" w:sz="12" w:space="3" w:color="1C3D5C"/></w:pBdr>'
    )
    paragraph._p.get_or_add_pPr().append(border)
