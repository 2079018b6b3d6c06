"""PDF: the same bytes for the same page, and the recipe that a page carries so that it can be made again."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Mapping
from datetime import date

import pikepdf

from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["RECIPE_KEY", "read_recipe", "with_recipe", "without_flicker"]

RECIPE_KEY = "/OnemapRecipe"
_DECIMAL = re.compile(rb"(?<![\w.])-?\d*\.\d{4,}(?![\w.])")
"""What flickers has more than three places. Most numbers of a panel have three, and are left as they are."""
_DEFLATE = 4
"""A panel is compressed again here: at half the time of zlib's own choice it is 4% larger."""


def _shorter(found: re.Match[bytes]) -> bytes:
    text = f"{float(found[0]):.3f}".rstrip("0").rstrip(".")
    return b"0" if text in ("-0", "") else text.encode()


def without_flicker(panel: bytes) -> bytes:
    """A panel of Mapnik's without its date, with decimals at three places: text sizes differ by 1e-6 per run."""
    with pikepdf.open(io.BytesIO(panel)) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        contents = [stream for page in pdf.pages for stream in _contents(page)]
        forms = [each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Form"]
        for stream in [*contents, *forms]:
            steady = _DECIMAL.sub(_shorter, stream.read_bytes())
            stream.write(zlib.compress(steady, _DEFLATE), filter=pikepdf.Name.FlateDecode)
        return _saved(pdf)


def _contents(page: pikepdf.Page) -> list[pikepdf.Stream]:
    contents = page.obj.get("/Contents")
    if contents is None:
        return []
    each_of = [contents] if isinstance(contents, pikepdf.Stream) else list(contents)
    return [each for each in each_of if isinstance(each, pikepdf.Stream)]


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def with_recipe(page: bytes, recipe: Mapping[str, object], producer: str, made_on: date) -> bytes:
    """A finished page with its recipe in the document information, and fixed dates."""
    with pikepdf.open(io.BytesIO(page)) as pdf:
        text = json.dumps(recipe, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        pdf.docinfo[RECIPE_KEY] = text
        pdf.docinfo["/Producer"] = producer
        stamp = f"D:{made_on:%Y%m%d}000000+08'00'"
        pdf.docinfo["/CreationDate"] = stamp
        pdf.docinfo["/ModDate"] = stamp
        return _saved(pdf)


def read_recipe(page: bytes) -> dict[str, object]:
    """The recipe of a page that was made here.

    Raises:
        FileUnreadable: no PDF, or one without a recipe.
    """
    try:
        with pikepdf.open(io.BytesIO(page)) as pdf:
            found = pdf.docinfo.get(RECIPE_KEY)
            recipe = json.loads(str(found)) if found is not None else None
    except (pikepdf.PdfError, ValueError) as error:
        raise FileUnreadable(
            Text(
                "这不是可读的 PDF 专题图;请给出 onemap exhibit 生成的 PDF",
                "no readable PDF exhibit: give one made by onemap exhibit",
            )
        ) from error
    if not isinstance(recipe, dict):
        raise FileUnreadable(
            Text(
                "这个 PDF 里没有制图参数;请给出 onemap exhibit 生成的 PDF",
                "this PDF carries no recipe: give one made by onemap exhibit",
            )
        )
    return recipe
