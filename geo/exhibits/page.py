"""The pages of a manuscript: what Typst reads, and how it makes a PDF, PNGs or SVGs of it."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

import typst
from PIL import Image

from geo.errors import RenderError
from geo.exhibits.content import Chart, MapPart
from geo.exhibits.enlarging import enlarge_pdf, enlarge_svg
from geo.exhibits.fonts import FAMILY
from geo.exhibits.manuscript import Manuscript, panel_file
from geo.exhibits.page_data import chart_data, common_data, map_data, page_data
from geo.exhibits.paper import picture_grid
from geo.exhibits.pdf import with_recipe
from geo.exhibits.typesetter import typst_fonts
from layers.text import Text

__all__ = ["PageFormat", "Picture", "chart_picture", "map_picture", "pages_of", "sign_png"]

PageFormat = Literal["pdf", "png", "svg"]
Json = dict[str, object]
Room = tuple[float, float]
"""Width and height, mm."""

_TEMPLATES = Path(__file__).with_name("typ")
_CHINA = timezone(timedelta(hours=8))
_CHART_MM = 120.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A map as a picture, and its size on paper."""

    content: bytes
    width_mm: float
    height_mm: float


def pages_of(
    manuscript: Manuscript,
    format: PageFormat,
    dpi: float = 200.0,
    *,
    first_page: int = 1,
    all_pages: int | None = None,
    numbered: bool = True,
) -> list[bytes]:
    """The pages: one PDF (which carries its recipe), or each as a PNG of ``dpi`` or an SVG. Releases the GIL.

    Of a part of something larger, ``first_page`` and ``all_pages`` number its pages; not ``numbered``, their place in
    the footer stays free.

    Raises:
        RenderError: Typst could not lay the page out.
    """
    data = {
        **page_data(manuscript),
        "pages": {"first": first_page, "all": all_pages, "numbered": numbered},
    }
    files = {**manuscript.panels, **_relief_files(manuscript)}
    if manuscript.furniture.logo is not None:
        files[f"logo.{manuscript.furniture.logo_ending}"] = manuscript.furniture.logo
    enlarged = manuscript.grid.enlarged
    made = _typeset(manuscript, "page.typ", data, files, format, dpi * enlarged)
    if format == "svg":
        return [enlarge_svg(page, enlarged) for page in made] if enlarged != 1 else made
    if format == "png":
        return made
    pdf = enlarge_pdf(made[0], enlarged) if enlarged != 1 else made[0]
    return [with_recipe(pdf, manuscript.recipe, str(manuscript.recipe["software"]), manuscript.request.made_on)]


def map_picture(
    manuscript: Manuscript, part: MapPart, format: PageFormat, dpi: float = 200.0, *, room: Room | None = None
) -> Picture:
    """One map with its frame, labels, north arrow and scale, and nothing else.

    With ``room`` it is as large as fits there: ``width_mm`` and ``height_mm`` say how large that is, and the 1:N in it
    is true at that size.

    Raises:
        RenderError: it could not be drawn.
    """
    sheet, grid = part.panel.sheet, picture_grid(part.panel.sheet.box)
    factor = 1.0 if room is None else min(room[0] / grid.width, room[1] / grid.height)
    actual = sheet.scale * sheet.enlarged / factor
    data = {
        **common_data(manuscript, {"": ""}),
        "grid": grid.as_dict(),
        "map": map_data(part, manuscript.lang, sheet.scale if actual == sheet.scale else _four_digits(actual)),
        "title": part.alt,
        "maker": "",
    }
    files = {panel_file(part): manuscript.panels[panel_file(part)], **_relief_files(manuscript)}
    (content,) = _typeset(manuscript, "picture.typ", data, files, format, dpi)
    return Picture(content, grid.width * factor, grid.height * factor)


def _four_digits(scale: float) -> float:
    """What is printed of a scale that is no round one: within 0.05%."""
    return float(f"{scale:.4g}")


def chart_picture(manuscript: Manuscript, chart: Chart, format: PageFormat, dpi: float = 200.0) -> Picture:
    """One chart without its title.

    Raises:
        RenderError: it could not be drawn.
    """
    width = _CHART_MM
    data = {
        **common_data(manuscript, {}),
        "grid": {"width": width},
        "chart": chart_data(chart),
        "title": chart.title,
    }
    (content,) = _typeset(manuscript, "chart.typ", data, {}, format, dpi)
    (measured,) = [content] if format == "png" else _typeset(manuscript, "chart.typ", data, {}, "png", 72.0)
    with Image.open(io.BytesIO(measured)) as drawn:
        height = drawn.height / drawn.width * width
    return Picture(content, width, height)


def sign_png(manuscript: Manuscript, name: str, mm: float, dpi: float = 300.0) -> bytes:
    """One drawing of ``Content.signs``, ``mm`` wide, on nothing.

    Raises:
        RenderError: it could not be drawn.
    """
    data = {**common_data(manuscript, {}), "grid": {"width": mm}, "sign": name, "mm": mm, "title": name}
    (content,) = _typeset(manuscript, "sign.typ", data, {}, "png", dpi)
    return content


def _typeset(
    manuscript: Manuscript, entry: str, data: Json, files: Mapping[str, bytes], format: PageFormat, dpi: float
) -> list[bytes]:
    day = manuscript.request.made_on
    stamp = datetime(day.year, day.month, day.day, tzinfo=_CHINA).astimezone(UTC)
    with tempfile.TemporaryDirectory(prefix="onemap-exhibit-") as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).write_bytes(content)
        (folder / "data.json").write_text(json.dumps({**data, "font": FAMILY}, ensure_ascii=False), "utf-8")
        for template in _TEMPLATES.glob("*.typ"):
            (folder / template.name).write_bytes(template.read_bytes())
        try:
            compiler = typst.Compiler(str(folder / entry), root=str(folder), font_paths=typst_fonts(manuscript.fonts))
            if format == "png":
                made = compiler.compile(format="png", ppi=dpi, timestamp=stamp)
            else:
                made = compiler.compile(format=format, timestamp=stamp)
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


def _relief_files(manuscript: Manuscript) -> dict[str, bytes]:
    return {
        f"{part.key}-relief.{part.relief.ending}": part.relief.picture
        for part in manuscript.content.maps
        if part.relief is not None
    }
