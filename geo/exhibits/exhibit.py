"""An exhibit: from a request to the bytes of its pages, with the recipe to make it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib.metadata import version as package_version
from pathlib import Path

from geo.cartography.versions import fetch_revisions
from geo.exhibits.fonts import exhibit_fonts
from geo.exhibits.page import Composed, typeset
from geo.exhibits.panel import draw_panel
from geo.exhibits.pdf import with_recipe
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.surroundings import compose_surroundings
from geo.exhibits.wording import minutes, printable, scale_text
from geo.exhibits.workshop import Workshop
from layers.text import Lang, Text

__all__ = ["Exhibit", "compose", "make_exhibit", "page_data"]

_CHINA = timezone(timedelta(hours=8))
_EMPTY = Text("没有符合条件的要素", "No feature meets the conditions")
_COMPOSERS: Mapping[str, Callable[[Workshop, ExhibitRequest], Coroutine[None, None, Composed]]] = {
    "surroundings": compose_surroundings,
}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """The PDF, or one PNG a page; and what it was made from."""

    pages: tuple[bytes, ...]
    recipe: Mapping[str, object]

    @property
    def revisions(self) -> Mapping[str, int]:
        """The revisions of the layers when it was made."""
        found = self.recipe["revisions"]
        assert isinstance(found, dict)
        return found


async def compose(workshop: Workshop, request: ExhibitRequest) -> Composed:
    """Everything that the page of a request will show.

    Raises:
        InputError: a bound is exceeded, or a division that there is none of.
    """
    return await _COMPOSERS[request.kind](workshop, request)


async def make_exhibit(
    workshop: Workshop, request: ExhibitRequest, state_directory: Path, *, png_dpi: float | None = None
) -> Exhibit:
    """Ask the database in short loans, then draw in the studio's threads.

    Raises:
        InputError: see ``compose``. RenderError: the page could not be drawn. FontMissing: no Chinese font.
        Busy, DatabaseUnreachable: see the pool and the render queue.
    """
    composed = await compose(workshop, request)
    # Read after the features were: revisions may be newer than the page says, which a second making then shows.
    revisions = await fetch_revisions(workshop.database, composed.layers)
    recipe: dict[str, object] = {
        "request": json.loads(request.model_dump_json(exclude_defaults=True)),
        "revisions": revisions,
        "rules": composed.rules_version,
        "software": f"onemap {package_version('onemap')}",
    }
    pages = await workshop.studio.queue.run(
        lambda: _drawn(workshop, request, composed, recipe, state_directory, png_dpi)
    )
    return Exhibit(tuple(pages), recipe)


def _drawn(
    workshop: Workshop,
    request: ExhibitRequest,
    composed: Composed,
    recipe: Mapping[str, object],
    state_directory: Path,
    png_dpi: float | None,
) -> list[bytes]:
    fonts = exhibit_fonts(state_directory)
    icons = workshop.studio.icon_folder(workshop.theme)
    files = {"panel.pdf": draw_panel(composed.panel, workshop.theme, icons)}
    if composed.locator is not None:
        files["locator.pdf"] = draw_panel(composed.locator, workshop.theme, icons)
    made_on = datetime(request.made_on.year, request.made_on.month, request.made_on.day, tzinfo=_CHINA)
    pages = typeset(page_data(composed, request, recipe), files, fonts, made_on, png_dpi=png_dpi)
    if png_dpi is not None:
        return pages
    return [with_recipe(pages[0], recipe, str(recipe["software"]), request.made_on)]


def page_data(composed: Composed, request: ExhibitRequest, recipe: Mapping[str, object]) -> dict[str, object]:
    """What the page's template reads."""
    lang = request.lang
    legend = [{"caption": each.caption, "columns": each.columns, "items": list(each.items)} for each in composed.legend]
    return {
        "lang": lang,
        "title": printable(composed.title, 30),
        "subtitle": composed.subtitle,
        "maker": printable(request.maker),
        "keywords": [request.kind],
        "date": [request.made_on.year, request.made_on.month, request.made_on.day],
        "tags": _tags(composed, request),
        "grid": composed.grid.as_dict(),
        "panel": "panel.pdf",
        "panel_alt": composed.title,
        "relief": None,
        "relief_alt": "",
        "graticule": [
            {
                "label": each.label,
                "is_meridian": each.is_meridian,
                "first_mm": each.first_mm,
                "second_mm": each.second_mm,
            }
            for each in composed.sheet.graticule
        ],
        "scale": _scale(composed, lang),
        "figures": list(composed.figures),
        "small_table": composed.small_table,
        "legend": {"title": Text("图例", "Legend").get(lang), "groups": legend},
        "table": _table(composed, lang),
        "says": {
            "title": Text("风险说明", "Explanation").get(lang),
            "paragraphs": list(composed.paragraphs),
            "note": composed.note,
        },
        "footer": _footer(composed, request, recipe),
        "locator": _locator(composed, lang),
        "icons": composed.icons,
    }


def _tags(composed: Composed, request: ExhibitRequest) -> list[dict[str, str]]:
    tags = [{"text": printable(request.secrecy), "tone": "red"}] if request.secrecy else []
    if composed.demo:
        tags.append({"text": Text("演示数据", "Demonstration data").get(request.lang), "tone": "grey"})
    return tags


def _scale(composed: Composed, lang: Lang) -> dict[str, object]:
    sheet, bar = composed.sheet, composed.sheet.bar()
    unit, per = ("km", 1000) if bar.part_m * 4 >= 2000 else ("m", 1)
    convergence = sheet.convergence_deg
    word = Text("子午线收敛角", "Convergence").get(lang)
    return {
        "text": scale_text(sheet.scale),
        "part_mm": bar.part_mm,
        "labels": [f"{bar.part_m * parts / per:g}" for parts in (0, 1, 2, 4)],
        "unit": unit,
        "convergence": f"{word} γ = {minutes(convergence)}",
        "rotate": -convergence,
    }


def _table(composed: Composed, lang: Lang) -> dict[str, object]:
    table = composed.table
    return {
        "title": table.title,
        "columns": [{"title": each.title, "align": each.align, "width": each.width} for each in table.columns],
        "rows": list(table.rows),
        "dense": len(table.rows) > 24,
        "empty": _EMPTY.get(lang),
        "continued": Text("（续下页）", "(continued overleaf)").get(lang),
        "overleaf_all": Text("风险说明与要素清单见下页。", "Explanation and list of features are overleaf.").get(lang),
        "overleaf": Text("要素清单见下页。", "The list of features is overleaf.").get(lang),
    }


def _footer(composed: Composed, request: ExhibitRequest, recipe: Mapping[str, object]) -> dict[str, object]:
    lang, sheet = request.lang, composed.sheet
    unknown = Text("未填写", "not given").get(lang)
    zone = Text("3°高斯-克吕格", "3° Gauss-Krüger").get(lang)
    epsg = f"(EPSG:{sheet.epsg})" if sheet.epsg else ""
    crs = f"CGCS2000 / {zone} CM {sheet.central_meridian}°E{epsg}"
    digest = hashlib.blake2b(json.dumps(recipe, sort_keys=True).encode(), digest_size=5).hexdigest()
    small = f"{recipe['software']} · {Text('规则', 'rules').get(lang)} {recipe['rules'] or '—'} · {digest}"
    return {
        "first": [
            [Text("制图单位", "Made by").get(lang), printable(request.maker) or unknown],
            [Text("制图日期", "Date").get(lang), request.made_on.isoformat()],
            [Text("数据截止", "Data until").get(lang), composed.data_until or Text("不详", "unknown").get(lang)],
        ],
        "second": [
            [Text("坐标系", "CRS").get(lang), crs],
            [Text("高程基准", "Heights").get(lang), Text("不涉及", "none").get(lang)],
        ],
        "third": [[Text("资料", "Sources").get(lang), composed.sources or Text("无", "none").get(lang)]],
        "approval": [Text("审图号", "Approval").get(lang), printable(request.approval)] if request.approval else None,
        "internal": Text("内部使用，未经地图审核，不得公开", "Internal use; not approved for publication").get(lang),
        "small": small,
        "secrecy": [Text("密级", "Class").get(lang), printable(request.secrecy) or "—"],
    }


def _locator(composed: Composed, lang: Lang) -> dict[str, object] | None:
    if composed.locator is None:
        return None
    box = composed.locator.sheet.box
    return {
        "file": "locator.pdf",
        "ratio": box.h / box.w,
        "caption": composed.locator_caption,
        "alt": Text("位置示意图", "locator").get(lang),
    }
