"""资源保障图: shelters, helipads, depots and teams with their reach, and what no shelter or depot reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from geo.exhibits.base import lay_base
from geo.exhibits.content import (
    Content,
    KeyFigure,
    LegendGroup,
    MapPart,
    Section,
    Table,
)
from geo.exhibits.counting import layer_table
from geo.exhibits.draft import arrow_room
from geo.exhibits.features import Found, fetch_found, unplaced_text
from geo.exhibits.kind import Kind, Order
from geo.exhibits.legend import legend_of_items
from geo.exhibits.listing import list_table, numbered_of
from geo.exhibits.marks import Item, add_marks, arrange
from geo.exhibits.provenance import data_until, is_demo, layers_read, sources_of
from geo.exhibits.reach import COVERING, add_gap, add_reaches, gap_table, km2, reach_entries, reaches_of, unions_of
from geo.exhibits.region import Region, fetch_region
from geo.exhibits.wording import count_text, printable
from geo.rasters import entries_statement, people_within, read_entries
from geo.selection import Selection
from layers.layer import Family, Layer
from layers.text import Lang, Text

__all__ = ["KIND"]

_MOST = 2000


async def _compose(order: Order) -> Content:
    request, lang = order.request, order.lang
    assert request.division is not None
    region = await fetch_region(order, request.division)
    layers = order.layers_of(Family.RESOURCE)
    selection = Selection(layers, None, request.grade_set(), region.code, order.reader)
    grid = order.grid()
    base = await lay_base(order, region, grid, grid.map)
    sheet = base.panel.sheet
    found = await fetch_found(order, selection, order.most(_MOST), seen=region.shape)
    reaches = reaches_of(order, layers)
    unions = await asyncio.to_thread(unions_of, found.items, reaches)
    covered = shapely.union_all([unions[name] for name in COVERING if name in unions])
    covering = [layer for layer in layers if layer.name in COVERING and layer.name in reaches]
    gap = region.shape.difference(covered) if covering else shapely.Polygon()
    add_reaches(base.panel, unions)
    add_gap(base.panel, gap)
    numbered = numbered_of(found.items)
    arranged = arrange(found.items, sheet, [arrow_room(sheet)], numbered=numbered)
    add_marks(base.panel, arranged)
    signs: dict[str, str] = {}
    legend = (
        *legend_of_items(found.items, order.theme, lang, signs),
        LegendGroup(
            Text("保障范围（直线距离）", "Reach as the crow flies").get(lang),
            tuple(reach_entries(order, unions, reaches, gap)),
        ),
        *base.legend(order),
    )
    own = f"{region.name}应急资源保障图" if lang == "zh" else f"Emergency resources of {region.name}"
    heading = order.heading(own, region.name)
    part = MapPart(
        "map", None, heading, base.panel, legend, arranged.items, (), base.relief, base.inset, base.inset_caption
    )
    people = await _people(order, gap) if covering else None
    section = Section(
        "map",
        None,
        (part,),
        _figures(region, found, gap, people, lang, known=bool(covering)) if order.wants("figures") else (),
        _tables(order, region, layers, found, arranged.items, gap, signs, known=bool(covering)),
        (),
        _paragraphs(region, covering, reaches, gap, people, lang) if order.wants("text") else (),
        Text("说明", "Notes").get(lang),
        Text(
            "保障范围为椭球面直线距离，不是道路里程；停用的资源不计。",
            "Reach is the distance on the ellipsoid, not by road; what is out of use does not count. ",
        ).get(lang)
        + unplaced_text(arranged.unplaced, lang),
    )
    return Content(
        "resources",
        heading,
        _subtitle(order, layers, reaches, found.total),
        (section,),
        signs,
        layers_read(layers, [base]),
        sources_of(order, found.items, [base]),
        data_until(found.items),
        is_demo(found.items, [base]),
    )


async def _people(order: Order, gap: BaseGeometry) -> int | None:
    """People in the gap by the population grids; None where none tells."""
    grids = order.workshop.extras.grids
    if grids is None or gap.is_empty:
        return None
    entries = read_entries(await order.database.fetch_text(entries_statement()))
    (estimate,) = await asyncio.to_thread(people_within, grids, entries, [gap])
    return None if estimate is None or estimate.people is None else round(estimate.people)


def _figures(
    region: Region, found: Found, gap: BaseGeometry, people: int | None, lang: Lang, *, known: bool
) -> tuple[KeyFigure, ...]:
    figures = [KeyFigure(found.total, Text("处", "").get(lang), Text("应急资源", "resources").get(lang))]
    if known:
        share = 100 * km2(gap) / km2(region.shape)
        figures.append(KeyFigure(km2(gap), "km²", Text("保障盲区", "not covered").get(lang)))
        figures.append(KeyFigure(share, "%", Text("盲区占面积", "of the area").get(lang), 1))
    if people is not None:
        figures.append(
            KeyFigure(people, Text("人", "").get(lang), Text("盲区人口（格网估算）", "people there (grid)").get(lang))
        )
    return tuple(figures)


def _tables(
    order: Order,
    region: Region,
    layers: Sequence[Layer],
    found: Found,
    items: Sequence[Item],
    gap: BaseGeometry,
    signs: dict[str, str],
    *,
    known: bool,
) -> tuple[Table, ...]:
    tables = []
    if order.wants("counts"):
        tables.append(layer_table(order, layers, found.counts, signs))
        if region.parts and known:
            tables.append(gap_table(order, region, items, gap))
    if order.wants("list"):
        what = Text("资源清单", "List of resources")
        tables.append(list_table(order, items, signs, what=what, total=found.total, region=region))
    return tuple(tables)


def _paragraphs(
    region: Region,
    covering: Sequence[Layer],
    reaches: Mapping[str, float],
    gap: BaseGeometry,
    people: int | None,
    lang: Lang,
) -> tuple[str, ...]:
    if not covering:
        return ()
    named = [f"{layer.title.get(lang)} {reaches[layer.name] / 1000:g} km" for layer in covering]
    share = 100 * km2(gap) / km2(region.shape)
    if lang == "zh":
        area = count_text(km2(gap))
        said = f"盲区：{'、'.join(named)}均未覆盖的范围，计 {area} km²，占{region.name}面积的 {share:.1f}%"
        return (said + (f"，格网估算人口 {people} 人。" if people is not None else "。"),)
    said = f"Not covered by {', '.join(named)}: {km2(gap):,.0f} km², {share:.1f}% of {region.name}"
    return (said + (f", about {people:,} people by the grid." if people is not None else "."),)


def _subtitle(order: Order, layers: Sequence[Layer], reaches: Mapping[str, float], total: int) -> str:
    lang = order.lang
    number = printable(order.request.number)
    told = [f"{layer.title.get(lang)} {reaches[layer.name] / 1000:g} km" for layer in layers if layer.name in reaches]
    if lang == "zh":
        return f"资源 {total} 处　保障半径：{'、'.join(told)}（直线）" + (f"　编号：{number}" if number else "")
    return f"{total} resources   reach: {', '.join(told)} (straight)" + (f"   No. {number}" if number else "")


KIND = Kind(
    "resources",
    Text("应急资源在哪里、够得着哪里、哪里够不着", "where resources are, what they reach, and what they do not"),
    ("locator", "relief", "figures", "counts", "list", "text"),
    _compose,
)
