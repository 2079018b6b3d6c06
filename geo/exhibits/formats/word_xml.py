"""Parts of a Word document as XML: tables with three rules, signs in cells, fields; text is always escaped text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from xml.sax.saxutils import escape, quoteattr

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement

from geo.exhibits.formats.plain import xml_text

__all__ = ["EMU_PER_MM", "CellXml", "Drawings", "field_runs", "run", "table"]

EMU_PER_MM = 36_000
_TWIPS_PER_MM = 1440 / 25.4
_NAMESPACES = nsdecls("w", "wp", "a", "pic", "r")


def run(text: str, *, points: float | None = None, bold: bool = False, colour: str | None = None) -> str:
    """A run of text."""
    properties = ("<w:b/>" if bold else "") + (f'<w:color w:val="{colour.lstrip("#")}"/>' if colour else "")
    if points is not None:
        properties += f'<w:sz w:val="{round(points * 2)}"/><w:szCs w:val="{round(points * 2)}"/>'
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(xml_text(text))}</w:t></w:r>'


def field_runs(instruction: str, points: float) -> str:
    """A field that the program fills in when it lays the document out: the number of a page."""
    size = f'<w:rPr><w:b/><w:sz w:val="{round(points * 2)}"/></w:rPr>'
    return (
        f'<w:r>{size}<w:fldChar w:fldCharType="begin"/></w:r><w:r>{size}<w:instrText xml:space="preserve">'
        f'{instruction}</w:instrText></w:r><w:r>{size}<w:fldChar w:fldCharType="separate"/></w:r>'
        f'<w:r>{size}<w:t>1</w:t></w:r><w:r>{size}<w:fldChar w:fldCharType="end"/></w:r>'
    )


@dataclass
class Drawings:
    """Pictures in a document: one stored file for the same bytes, numbers in the order of use."""

    document: Document
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def inline(self, picture: bytes, width_mm: float, height_mm: float, alt: str) -> str:
        """A run with a picture that flows with the text."""
        relation, _ = self.document.part.get_or_add_image(BytesIO(picture))
        number = next(self._numbers)
        wide, high = round(width_mm * EMU_PER_MM), round(height_mm * EMU_PER_MM)
        told = quoteattr(xml_text(alt))
        return (
            f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
            f'<wp:docPr id="{number}" name="picture {number}" descr={told}/><a:graphic><a:graphicData '
            f'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name="picture {number}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
            f'<a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
            f'<a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            f"</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )


@dataclass(frozen=True, slots=True)
class CellXml:
    """A cell: its runs, which side they stand on, how many columns it spans, its ground."""

    runs: str
    side: str = "left"
    span: int = 1
    fill: str | None = None


def _cell(cell: CellXml, width_mm: float, below: bool) -> str:
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{cell.fill.lstrip("#")}"/>' if cell.fill else ""
    rule = '<w:tcBorders><w:bottom w:val="single" w:sz="5" w:color="1B2733"/></w:tcBorders>' if below else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{round(width_mm * _TWIPS_PER_MM)}" w:type="dxa"/>{span}{rule}{fill}'
        f'<w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr><w:keepLines/><w:spacing w:before="20" w:after="20"/>'
        f'<w:ind w:firstLine="0" w:firstLineChars="0"/><w:jc w:val="{cell.side}"/></w:pPr>{cell.runs}</w:p></w:tc>'
    )


def table(
    widths_mm: Sequence[float], head: Sequence[CellXml] | None, rows: Sequence[Sequence[CellXml]], *, ruled: bool
) -> BaseOxmlElement:
    """A table of fixed columns; its head is repeated on every page, a row is never broken across pages."""
    borders = (
        '<w:tblBorders><w:top w:val="single" w:sz="7" w:color="1B2733"/>'
        '<w:bottom w:val="single" w:sz="7" w:color="1B2733"/></w:tblBorders>'
        if ruled
        else ""
    )
    whole = round(sum(widths_mm) * _TWIPS_PER_MM)
    grid = "".join(f'<w:gridCol w:w="{round(each * _TWIPS_PER_MM)}"/>' for each in widths_mm)
    lines = [_row(head, widths_mm, head=True)] if head else []
    lines.extend(_row(cells, widths_mm) for cells in rows)
    return parse_xml(
        f'<w:tbl {_NAMESPACES}><w:tblPr><w:tblW w:w="{whole}" w:type="dxa"/>{borders}<w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:left w:w="45" w:type="dxa"/><w:right w:w="45" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"
    )


def _row(cells: Sequence[CellXml], widths_mm: Sequence[float], *, head: bool = False) -> str:
    parts, at = [], 0
    for cell in cells:
        parts.append(_cell(cell, sum(widths_mm[at : at + cell.span]), head))
        at += cell.span
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{''.join(parts)}</w:tr>"
