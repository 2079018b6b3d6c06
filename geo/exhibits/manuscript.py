"""A manuscript: an exhibit ready to be written in any format. It needs no database any more.

Content, what is printed around it, the recipe, the drawn panels, fonts and colours; the same bytes come of the same
manuscript.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Literal

from geo.cartography.theme import Theme
from geo.cartography.versions import fetch_revisions
from geo.exhibits.choropleth import colours_of
from geo.exhibits.content import Content, MapPart
from geo.exhibits.fonts import exhibit_fonts
from geo.exhibits.kind import Order, order_of
from geo.exhibits.kinds import KINDS_OF_EXHIBITS
from geo.exhibits.panel import draw_panel
from geo.exhibits.paper import Grid
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.template import Template
from geo.exhibits.wording import printable
from geo.exhibits.workshop import Workshop
from layers.text import Lang, Text

__all__ = ["Furniture", "Manuscript", "Tag", "compose", "prepare"]

INTERNAL = Text("内部使用，未经地图审核，不得公开", "Internal use; not approved for publication")


@dataclass(frozen=True, slots=True)
class Tag:
    """A boxed word at the top right: 密级, 演示数据."""

    text: str
    tone: Literal["red", "grey"]


@dataclass(frozen=True, slots=True)
class Furniture:
    """What every page carries around its content, as label and text."""

    maker: tuple[str, str]
    made_on: tuple[str, str]
    data_until: tuple[str, str]
    crs: tuple[str, str]
    heights: tuple[str, str]
    sources: tuple[str, str]
    approval: tuple[str, str] | None
    """审图号; None prints ``internal``."""
    internal: str
    secrecy: tuple[str, str]
    number: tuple[str, str] | None
    small: str
    """Software, rules and a digest of the recipe."""
    tags: tuple[Tag, ...]
    organisation: str
    line: str
    logo: bytes | None
    logo_ending: Literal["svg", "png"] | None

    def lines(self) -> tuple[tuple[str, str], ...]:
        """All of it in the order of printing; the sentence of internal use has no label."""
        last = self.approval or ("", self.internal)
        number = (self.number,) if self.number else ()
        head = (self.maker, self.made_on, self.data_until, self.crs, self.heights, self.sources)
        return (*head, last, self.secrecy, *number, ("", self.small))


@dataclass(frozen=True)
class Manuscript:
    """Everything that a writer needs. Safe to be read in several threads."""

    content: Content
    request: ExhibitRequest
    template: Template | None
    recipe: Mapping[str, object]
    furniture: Furniture
    theme: Theme
    grid: Grid
    panels: Mapping[str, bytes]
    """Vector PDFs by ``panel_file(map_part)`` and ``inset_file(map_part)``."""
    fonts: Path
    icons: Path

    @property
    def lang(self) -> Lang:
        """The language of the pages."""
        return self.request.lang


def panel_file(part: MapPart) -> str:
    """The file name of a map's drawn panel."""
    return f"{part.key}.pdf"


def inset_file(part: MapPart) -> str:
    """The file name of a map's drawn locator."""
    return f"{part.key}-inset.pdf"


async def compose(workshop: Workshop, request: ExhibitRequest) -> Content:
    """Everything that the exhibit of a request shows.

    Raises:
        InputError: a bound is exceeded, or a division that there is none of.
    """
    order = order_of(workshop, request)
    return await KINDS_OF_EXHIBITS[request.kind].compose(order)


async def prepare(workshop: Workshop, request: ExhibitRequest, state_directory: Path) -> Manuscript:
    """Ask the database in short loans, then draw the panels in the studio's threads.

    Raises:
        InputError: see ``compose``. RenderError: a map could not be drawn. FontMissing: no Chinese font.
        Busy, DatabaseUnreachable: see the pool and the render queue.
    """
    order = order_of(workshop, request)
    content = await KINDS_OF_EXHIBITS[request.kind].compose(order)
    # Read after the features were: revisions may be newer than the page says, which a second making then shows.
    revisions = await fetch_revisions(workshop.database, content.origin.layers)
    recipe: dict[str, object] = {
        "request": json.loads(request.model_dump_json(exclude_defaults=True)),
        "revisions": revisions,
        "rules": content.rules_version,
        "software": f"onemap {package_version('onemap')}",
    }
    if order.template is not None:
        recipe["template"] = _digest(order.template.model_dump(mode="json"))
    return await workshop.studio.queue.run(lambda: _drawn(order, content, recipe, state_directory))


def _drawn(order: Order, content: Content, recipe: Mapping[str, object], state_directory: Path) -> Manuscript:
    fonts = exhibit_fonts(state_directory)
    icons = order.workshop.studio.icon_folder(order.theme)
    panels = {}
    for part in content.maps:
        panels[panel_file(part)] = draw_panel(part.panel, order.theme, icons, colours_of(order))
        if part.inset is not None:
            panels[inset_file(part)] = draw_panel(part.inset, order.theme, icons)
    return Manuscript(
        content,
        order.request,
        order.template,
        recipe,
        _furniture(order, content, recipe),
        order.theme,
        order.grid(content.layout),
        panels,
        fonts,
        icons,
    )


def _digest(value: object) -> str:
    return hashlib.blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=5).hexdigest()


def _furniture(order: Order, content: Content, recipe: Mapping[str, object]) -> Furniture:
    request, lang = order.request, order.lang
    template = order.template
    letterhead = template.letterhead if template else None

    def label(zh: str, en: str) -> str:
        return Text(zh, en).get(lang)

    none = label("无", "none")
    maker = printable(request.maker) or label("未填写", "not given")
    small = f"{recipe['software']} · {label('规则', 'rules')} {recipe['rules'] or '—'} · {_digest(recipe)}"
    return Furniture(
        (label("制图单位", "Made by"), maker),
        (label("制图日期", "Date"), request.made_on.isoformat()),
        (label("数据截止", "Data until"), content.origin.data_until or label("不详", "unknown")),
        (label("坐标系", "CRS"), _crs(content, lang)),
        (label("高程基准", "Heights"), _heights(content, lang)),
        (label("资料", "Sources"), content.origin.sources or none),
        (label("审图号", "Approval"), printable(request.approval)) if request.approval else None,
        INTERNAL.get(lang),
        (label("密级", "Class"), printable(request.secrecy) or "—"),
        (label("编号", "No."), printable(request.number)) if request.number else None,
        small,
        _tags(request, content, lang),
        printable(letterhead.organisation.get(lang), 60) if letterhead else "",
        printable(letterhead.line.get(lang), 60) if letterhead else "",
        template.logo_file if template else None,
        _ending(letterhead.logo) if letterhead and letterhead.logo else None,
    )


def _ending(logo: str) -> Literal["svg", "png"]:
    return "svg" if logo.lower().endswith(".svg") else "png"


def _tags(request: ExhibitRequest, content: Content, lang: Lang) -> tuple[Tag, ...]:
    tags = (Tag(printable(request.secrecy), "red"),) if request.secrecy else ()
    return (*tags, Tag(Text("演示数据", "Demonstration data").get(lang), "grey")) if content.origin.demo else tags


def _crs(content: Content, lang: Lang) -> str:
    zone = Text("3°高斯-克吕格", "3° Gauss-Krüger").get(lang)
    told = dict.fromkeys(
        (each.panel.sheet.central_meridian, f"(EPSG:{each.panel.sheet.epsg})" if each.panel.sheet.epsg else "")
        for each in content.maps
    )
    if not told:
        return "CGCS2000"
    return f"CGCS2000 / {zone} " + ", ".join(f"CM {meridian}°E{epsg}" for meridian, epsg in told)


def _heights(content: Content, lang: Lang) -> str:
    reliefs = [each.relief for each in content.maps if each.relief is not None]
    if not reliefs:
        return Text("不涉及", "none").get(lang)
    return reliefs[0].heights or Text("未登记（仅晕渲）", "not registered (relief only)").get(lang)
