"""专题图: any layers in a division, or in a frame around a place, with their counts and the list of what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from geo.exhibits.base import Base, lay_base, lay_base_around
from geo.exhibits.content import Content, Section, Table
from geo.exhibits.counting import division_table, layer_table
from geo.exhibits.draft import arrow_room
from geo.exhibits.features import Found, fetch_found, unplaced_text
from geo.exhibits.kind import Kind, Order
from geo.exhibits.legend import legend_of_items
from geo.exhibits.listing import list_table, numbered_of
from geo.exhibits.marks import Item, add_marks, arrange
from geo.exhibits.provenance import origin_of
from geo.exhibits.region import Region, fetch_region
from geo.exhibits.wording import printable
from geo.selection import Box, Selection, choose_layers
from layers.layer import Layer
from layers.text import Lang, Text

__all__ = ["KIND"]

_MOST = 2000


@dataclass(frozen=True)
class _Where:
    """Where is asked: the ground of the map, the area of the Selection, and what to call it."""

    base: Base
    name: str
    seen: BaseGeometry
    within: BaseGeometry | None
    region: Region | None


async def _where(order: Order) -> _Where:
    request, grid = order.request, order.grid()
    if request.division is not None:
        region = await fetch_region(order, request.division)
        base = await lay_base(order, region, grid, grid.map)
        return _Where(base, region.name, region.shape, None, region)
    base = await lay_base_around(order, grid)
    name = printable(request.place, 20) or f"{request.lon:.4f}°, {request.lat:.4f}°"
    return _Where(base, name, base.panel.sheet.outline, base.panel.sheet.outline, None)


async def _compose(order: Order) -> Content:
    request, lang = order.request, order.lang
    layers = choose_layers(order.registry, request.layers)
    where = await _where(order)
    base, sheet = where.base, where.base.panel.sheet
    area = None if where.within is None else Box(*where.within.bounds)
    selection = Selection(layers, area, request.grade_set(), request.division, order.reader)
    found = await fetch_found(order, selection, order.most(_MOST), seen=where.seen, within=where.within)
    numbered = numbered_of(found.items)
    arranged = arrange(found.items, sheet, [arrow_room(sheet)], numbered=numbered)
    add_marks(base.panel, arranged)
    signs: dict[str, str] = {}
    legend = legend_of_items(found.items, order.theme, lang, signs)
    what = layers[0].title.get(lang) if len(layers) == 1 else Text("专题", "Selected layers").get(lang)
    own = f"{where.name}{what}图" if lang == "zh" else f"{what}: {where.name}"
    heading = order.heading(own, where.name)
    part = base.part(order, "map", heading, legend, arranged.items)
    section = Section(
        "map",
        None,
        (part,),
        (),
        _tables(order, where.region, layers, found, arranged.items, signs),
        (),
        (),
        "",
        _note(numbered, len(found.items), found.total, arranged.unplaced, lang),
    )
    return Content(
        "thematic",
        heading,
        _subtitle(order, where, len(layers), found.total),
        (section,),
        signs,
        origin_of(order, layers, found.items, [base]),
    )


def _tables(
    order: Order,
    region: Region | None,
    layers: Sequence[Layer],
    found: Found,
    items: Sequence[Item],
    signs: dict[str, str],
) -> tuple[Table, ...]:
    tables: list[Table] = []
    if order.wants("counts"):
        tables.append(layer_table(order, layers, found.counts, signs))
        if region is not None and region.parts and any(layer.graded for layer in layers):
            title = Text("分区划统计", "By division").get(order.lang)
            tables.append(division_table(order, region, found.counts, signs, title=title, chart=False))
    if order.wants("list"):
        what = Text("要素清单", "List of features")
        tables.append(list_table(order, items, signs, what=what, total=found.total, region=region))
    return tuple(tables)


def _subtitle(order: Order, where: _Where, layers: int, total: int) -> str:
    number = printable(order.request.number)
    if order.lang == "zh":
        return f"范围：{where.name}　图层 {layers} 个　要素 {total} 处" + (f"　编号：{number}" if number else "")
    return f"{where.name}   {layers} layers   {total} features" + (f"   No. {number}" if number else "")


def _note(numbered: int, listed: int, total: int, unplaced: tuple[int, ...], lang: Lang) -> str:
    said = ""
    if numbered < listed:
        said += Text("要素过多，图上只注等级高者的编号。", "Too many features to number all on the map. ").get(lang)
    if total > listed:
        said += Text(
            f"另有 {total - listed} 处未绘、未列。", f"{total - listed} more are neither drawn nor listed. "
        ).get(lang)
    return said + unplaced_text(unplaced, lang)


KIND = Kind(
    "thematic",
    Text("任选图层在一个区划或一处周围的分布", "where the features of any layers lie, in a division or around a place"),
    ("locator", "relief", "counts", "list"),
    _compose,
)
