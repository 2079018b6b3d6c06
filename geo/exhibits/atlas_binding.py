"""Binding: the finished plates of an atlas as one PDF with an index, links, bookmarks and page numbers.

Plates stay files until the last moment, and are joined in sheaves: memory holds a sheaf's objects, never its pictures.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

import pikepdf
import typst

from geo.errors import RenderError
from geo.exhibits.atlas_request import AtlasRequest
from geo.exhibits.fonts import FAMILY, exhibit_fonts
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.pdf import RECIPE_KEY
from geo.exhibits.request import KINDS
from geo.exhibits.typesetter import typst_fonts
from layers.text import Lang, Text

__all__ = ["Bound", "bind"]

_SHEAF = 48
"""Plates that are open at a time."""
_CHINA = timezone(timedelta(hours=8))
_LINK = "https://onemap.invalid/"
_POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class Bound:
    """A finished plate: its number, what it is of, its file, title, pages and how many features it lists."""

    number: int
    code: str
    name: str
    path: Path
    title: str
    pages: int
    listed: int


def bind(
    plates: Sequence[Bound],
    order: AtlasRequest,
    recipe: Mapping[str, object],
    first: Manuscript,
    state_directory: Path,
    out: Path,
    folder: Path,
) -> None:
    """Write the atlas to ``out``, whole or not at all; ``folder`` takes what is needed on the way.

    Raises:
        OSError: the disk is full or cannot be written. RenderError: the index could not be laid out.
    """
    fonts = exhibit_fonts(state_directory)
    title = order.atlas.title or _title(first)
    index = _index(plates, title, first, fonts, pages=1)
    with pikepdf.open(io.BytesIO(index)) as counted:
        pages = len(counted.pages)
    # The numbers of pages depend on how long the index is, and that on nothing but the plates.
    index = _index(plates, title, first, fonts, pages)
    sheaves = [
        _sheaf(plates[at : at + _SHEAF], folder / f".sheaf-{at:05d}.pdf") for at in range(0, len(plates), _SHEAF)
    ]
    starts = list(accumulate((plate.pages for plate in plates), initial=pages))[:-1]
    part = out.with_name(f".{out.name}.part")
    try:
        with ExitStack() as stack:
            book = stack.enter_context(pikepdf.open(io.BytesIO(index)))
            for path in sheaves:
                book.pages.extend(stack.enter_context(pikepdf.open(path)).pages)
            _number(book, first, fonts, stack)
            _link(book, pages)
            _mark(book, plates, starts, title, first.lang)
            _describe(book, recipe, title, first)
            book.save(part, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
        for path in sheaves:
            path.unlink(missing_ok=True)


def _title(first: Manuscript) -> str:
    kind = KINDS[first.request.kind].get(first.lang)
    return f"{kind}图集" if first.lang == "zh" else f"Atlas: {kind}"


def _sheaf(plates: Sequence[Bound], path: Path) -> Path:
    with ExitStack() as stack:
        joined = stack.enter_context(pikepdf.new())
        for plate in plates:
            joined.pages.extend(stack.enter_context(pikepdf.open(plate.path)).pages)
        joined.save(path)
    return path


# -- what Typst lays out


def _index(plates: Sequence[Bound], title: str, first: Manuscript, fonts: Path, pages: int) -> bytes:
    lang, starts = first.lang, accumulate((plate.pages for plate in plates), initial=pages + 1)
    rows = [
        {
            "number": plate.number,
            "name": plate.name or plate.title,
            "code": plate.code,
            "listed": str(plate.listed) if plate.listed else "–",
            "page": page,
        }
        for plate, page in zip(plates, starts, strict=False)
    ]
    total = sum(plate.listed for plate in plates)
    subtitle = Text(
        f"共 {len(plates)} 幅，列出要素 {total} 处；点击图名直达该页",
        f"{len(plates)} plates, {total} features listed; a name leads to its page",
    )
    width, height = first.grid.width, first.grid.height
    return _typeset(
        first,
        fonts,
        {
            "title": title,
            "subtitle": subtitle.get(lang),
            "heads": [each.get(lang) for each in _HEADS],
            "rows": rows,
            "columns": max(1, min(4, round(width / 90))),
            "page": {"w": width, "h": height},
            "numbers": [],
        },
    )


_HEADS = (Text("图号", "No."), Text("图名", "Plate"), Text("要素", "Listed"), Text("页", "Page"))


def _number(book: pikepdf.Pdf, first: Manuscript, fonts: Path, stack: ExitStack) -> None:
    """第 n 页 共 m 页 over every page: how many there are is known only now."""
    total = len(book.pages)
    sizes = [[float(edge) / _POINTS_PER_MM for edge in page.mediabox[2:4]] for page in book.pages]
    said = "第 {n} 页 共 {total} 页" if first.lang == "zh" else "Page {n} of {total}"
    numbers = [
        {"w": width, "h": height, "text": said.format(n=at, total=total)}
        for at, (width, height) in enumerate(sizes, start=1)
    ]
    laid = _typeset(first, fonts, {"title": "", "numbers": numbers})
    over = stack.enter_context(pikepdf.open(io.BytesIO(laid)))
    for page, number in zip(book.pages, over.pages, strict=True):
        # By hand: pikepdf's own overlay names what it adds by chance.
        laid_over = book.copy_foreign(number.as_form_xobject())
        page.add_resource(laid_over, pikepdf.Name.XObject, pikepdf.Name.OnemapNumber)
        page.contents_add(b"q\n", prepend=True)
        page.contents_add(b"\nQ\nq /OnemapNumber Do Q\n")


def _typeset(first: Manuscript, fonts: Path, data: Mapping[str, object]) -> bytes:
    day, furniture = first.request.made_on, first.furniture
    whole = {
        **data,
        "lang": first.lang,
        "font": FAMILY,
        "maker": first.request.maker,
        "date": [day.year, day.month, day.day],
        "tags": [{"text": tag.text, "tone": tag.tone} for tag in furniture.tags],
        "lines": [list(pair) for pair in furniture.lines()],
    }
    with tempfile.TemporaryDirectory(prefix="onemap-atlas-") as name:
        place = Path(name)
        (place / "data.json").write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
        (place / "atlas.typ").write_bytes((files("geo.exhibits") / "atlas.typ").read_bytes())
        try:
            compiler = typst.Compiler(str(place / "atlas.typ"), root=name, font_paths=typst_fonts(fonts))
            stamp = datetime(day.year, day.month, day.day, tzinfo=_CHINA).astimezone(UTC)
            made = compiler.compile(format="pdf", timestamp=stamp, pdf_tags=False)
        except typst.TypstError as error:
            raise RenderError(
                Text(f"图集目录没有排成:{error}", f"the index of the atlas could not be laid out: {error}")
            ) from error
    assert isinstance(made, bytes)
    return made


# -- what makes it a book


def _link(book: pikepdf.Pdf, pages: int) -> None:
    """The index's rows lead to pages of this book."""
    for page in list(book.pages)[:pages]:
        for note in page.obj.get("/Annots", []):
            address = str(note.A.get("/URI", "")) if "/A" in note else ""
            if address.startswith(_LINK):
                target = book.pages[int(address.removeprefix(_LINK)) - 1]
                del note["/A"]
                note["/Dest"] = pikepdf.Array([target.obj, pikepdf.Name.Fit])


def _mark(book: pikepdf.Pdf, plates: Sequence[Bound], starts: Sequence[int], title: str, lang: Lang) -> None:
    with book.open_outline() as outline:
        contents = Text("目录", "Contents").get(lang)
        outline.root.append(pikepdf.OutlineItem(f"{title} · {contents}", 0))
        for plate, start in zip(plates, starts, strict=True):
            outline.root.append(pikepdf.OutlineItem(f"{plate.number} {plate.title}", start))
    book.Root.PageMode = pikepdf.Name.UseOutlines


def _describe(book: pikepdf.Pdf, recipe: Mapping[str, object], title: str, first: Manuscript) -> None:
    made_on = first.request.made_on
    stamp = f"D:{made_on:%Y%m%d}000000+08'00'"
    info = {
        "/Title": title,
        "/Author": first.request.maker,
        "/Producer": str(recipe["software"]),
        "/CreationDate": stamp,
        "/ModDate": stamp,
        RECIPE_KEY: json.dumps(recipe, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
    }
    for name, text in info.items():
        book.docinfo[name] = text
