"""Every format that an exhibit can be written in, by name: one door for commands, addresses and notebooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from geo.errors import InputError
from geo.exhibits.formats.recipes import png_with_recipe, svg_with_recipe
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.page import pages_of
from geo.exhibits.typesetter import forget_pages
from layers.text import Text

__all__ = ["FORMATS", "PNG_DPI", "Format", "FormatName", "format_of_ending", "write"]

FormatName = Literal["pdf", "png", "svg", "docx", "pptx", "html", "xlsx"]
PNG_DPI = (96, 150, 200, 300)
"""The resolutions of pictures that are offered; others between 72 and 600 are possible."""

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, which is also its file ending; its media type; how a manuscript is written in it."""

    name: FormatName
    media: str
    title: Text
    write: Callable[[Manuscript, float], list[bytes]]
    """One file; of ``png`` and ``svg`` one a page."""


def _pdf(manuscript: Manuscript, dpi: float) -> list[bytes]:
    return pages_of(manuscript, "pdf", dpi)


def _png(manuscript: Manuscript, dpi: float) -> list[bytes]:
    title = manuscript.content.title
    return [png_with_recipe(page, manuscript.recipe, title, dpi) for page in pages_of(manuscript, "png", dpi)]


def _svg(manuscript: Manuscript, dpi: float) -> list[bytes]:
    title = manuscript.content.title
    return [svg_with_recipe(page, manuscript.recipe, title) for page in pages_of(manuscript, "svg", dpi)]


# The libraries of these four take a second to import: a PDF at three in the morning does not wait for them.
def _docx(manuscript: Manuscript, dpi: float) -> list[bytes]:
    from geo.exhibits.formats.word import write_docx

    return [write_docx(manuscript, dpi)]


def _pptx(manuscript: Manuscript, dpi: float) -> list[bytes]:
    from geo.exhibits.formats.slides import write_pptx

    return [write_pptx(manuscript, dpi)]


def _html(manuscript: Manuscript, dpi: float) -> list[bytes]:
    from geo.exhibits.formats.web import write_html

    return [write_html(manuscript)]


def _xlsx(manuscript: Manuscript, dpi: float) -> list[bytes]:
    from geo.exhibits.formats.workbook import write_xlsx

    return [write_xlsx(manuscript)]


FORMATS: Mapping[FormatName, Format] = {
    each.name: each
    for each in (
        Format("pdf", "application/pdf", Text("PDF", "PDF"), _pdf),
        Format("png", "image/png", Text("PNG 图片,每页一张", "PNG pictures, one a page"), _png),
        Format("svg", "image/svg+xml", Text("SVG 矢量图,每页一张", "SVG drawings, one a page"), _svg),
        Format(
            "docx",
            f"{_OFFICE}.wordprocessingml.document",
            Text("Word 文档", "Word document"),
            _docx,
        ),
        Format(
            "pptx",
            f"{_OFFICE}.presentationml.presentation",
            Text("演示文稿", "slides"),
            _pptx,
        ),
        Format(
            "html",
            "text/html; charset=utf-8",
            Text("离线网页", "web page that needs no network"),
            _html,
        ),
        Format(
            "xlsx",
            f"{_OFFICE}.spreadsheetml.sheet",
            Text("表格", "workbook of the tables"),
            _xlsx,
        ),
    )
}


def format_of_ending(name: str) -> Format:
    """The format of a file's ending (``.docx``) or of its name (``docx``).

    Raises:
        InputError: no such format; the message lists those that there are.
    """
    found = next((each for each in FORMATS.values() if each.name == name.lower().lstrip(".")), None)
    if found is None:
        known = "、".join(FORMATS)
        raise InputError(
            Text(f"没有格式 {name[:20]!r};可用 {known}", f"no format {name[:20]!r}; use {', '.join(FORMATS)}"),
            field="format",
        )
    return found


def write(manuscript: Manuscript, format: Format, dpi: float = 200.0) -> list[bytes]:
    """The files of an exhibit: one, or one a page. The same bytes for the same manuscript; it blocks: use a thread.

    Raises:
        RenderError: a page or a map could not be drawn.
    """
    try:
        return format.write(manuscript, dpi)
    finally:
        forget_pages(manuscript.fonts)
