"""PDF: the same bytes for the same page, and the recipe that a page carries so that it can be made again."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date

import pikepdf

from geo.cartography.pdf import saved, without_flicker
from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["RECIPE_KEY", "read_recipe", "with_recipe", "without_flicker"]

RECIPE_KEY = "/OnemapRecipe"


def with_recipe(page: bytes, recipe: Mapping[str, object], producer: str, made_on: date) -> bytes:
    """A finished page with its recipe in the document information, and fixed dates."""
    with pikepdf.open(io.BytesIO(page)) as pdf:
        text = json.dumps(recipe, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        pdf.docinfo[RECIPE_KEY] = text
        pdf.docinfo["/Producer"] = producer
        stamp = f"D:{made_on:%Y%m%d}000000+08'00'"
        pdf.docinfo["/CreationDate"] = stamp
        pdf.docinfo["/ModDate"] = stamp
        return saved(pdf)


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
