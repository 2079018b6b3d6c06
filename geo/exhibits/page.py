"""The page: what a kind of exhibit has put together, and how Typst makes it a PDF or a PNG."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import typst

from geo.errors import RenderError
from geo.exhibits.fonts import FAMILY
from geo.exhibits.panel import Panel
from geo.exhibits.paper import Grid
from geo.exhibits.sheet import Sheet
from layers.text import Text

__all__ = ["Column", "Composed", "Json", "LegendGroup", "Table", "typeset"]

Json = Mapping[str, object]

_TEMPLATE = Path(__file__).with_name("page.typ")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; ``width`` is a share of the table's, ``align`` left, right or center."""

    title: str
    align: str
    width: float


@dataclass(frozen=True, slots=True)
class Table:
    """Rows are ``{"band": text}`` or ``{"cells": [...], "total": bool}``; a cell is a text or ``{"icon", "text"}``."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class LegendGroup:
    """Items of kind ``icon``, ``line`` or ``fill`` under a caption, in ``columns``."""

    caption: str | None
    items: tuple[Json, ...]
    columns: int = 2


@dataclass
class Composed:
    """Everything that a page shows, but for how it is arranged."""

    grid: Grid
    sheet: Sheet
    panel: Panel
    title: str
    subtitle: str
    legend: tuple[LegendGroup, ...]
    table: Table
    paragraphs: tuple[str, ...]
    note: str
    layers: tuple[str, ...]
    """Whose revisions the page depends on."""
    sources: str
    data_until: str | None
    demo: bool
    icons: dict[str, str] = field(default_factory=dict)
    figures: tuple[Json, ...] = ()
    small_table: Json | None = None
    locator: Panel | None = None
    locator_caption: str = ""
    rules_version: str | None = None


@lru_cache(maxsize=4)
def _fonts(folder: Path) -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


def typeset(
    data: Json, files: Mapping[str, bytes], fonts: Path, made_on: datetime, *, png_dpi: float | None = None
) -> list[bytes]:
    """The pages as one PDF, or each as a PNG of ``png_dpi``. Releases the GIL.

    Raises:
        RenderError: Typst could not lay the page out.
    """
    with tempfile.TemporaryDirectory(prefix="onemap-exhibit-") as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).write_bytes(content)
        (folder / "data.json").write_text(json.dumps({**data, "font": FAMILY}, ensure_ascii=False), "utf-8")
        (folder / "page.typ").write_bytes(_TEMPLATE.read_bytes())
        try:
            compiler = typst.Compiler(str(folder / "page.typ"), root=str(folder), font_paths=_fonts(fonts))
            stamp = made_on.astimezone(UTC)
            if png_dpi is None:
                made = compiler.compile(format="pdf", timestamp=stamp)
            else:
                made = compiler.compile(format="png", ppi=png_dpi, timestamp=stamp)
        except typst.TypstError as error:
            raise RenderError(
                Text(
                    f"版面没有排成:{error};请把本句报给管理员",
                    f"the page could not be laid out: {error}; tell your admin",
                )
            ) from error
    if made is None:
        raise RenderError(Text("版面没有排成;请重试", "the page could not be laid out; try again"))
    return made if isinstance(made, list) else [made]
