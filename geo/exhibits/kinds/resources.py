"""资源保障图: shelters, helipads, depots and teams with their reach, and what no shelter or depot reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.exhibits.base import Base, lay_base
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
from geo.exhibits.provenance import origin_of
from geo.exhibits.reach import COVERING, add_gap, add_reaches, gap_table, km2, reach_entries, reaches_of, unions_of
from geo.exhibits.region import Region, fetch_region
from geo.exhibits.wording import count_text, printable
from geo.rasters import entries_statement, people_within, read_entries
from geo.selection import Selection
from layers.layer import Family, Layer
from layers.text import Lang, Text

__all__ = ["KIND"]

_MOST = 2000


@dataclass(frozen=True)
class _Coverage:
    """What resources reach, by layer in metres and as shapes, and the gap that none of the ``covering`` layers does."""

    reaches: Mapping[str, float]
    unions: Mapping[str, BaseGeometry]
    covering: tuple[Layer, ...]
    gap: BaseGeometry

    @property
    def known(self) -> bool:
        """Whether there is any layer that could cover: without one nothing is said of a gap."""
        return bool(self.covering)


async def _coverage(order: Order, region: Region, layers: Sequence[Layer], items: Sequence[Item]) -> _Coverage:
    reaches = reaches_of(order, layers)
    unions = await asyncio.to_thread(unions_of, items, reaches)
    covered = shapely.union_all([unions[name] for name in COVERING if name in unions])
    covering = tuple(layer for layer in layers if layer.name in COVERING and layer.name in reaches)
    gap = region.shape.difference(covered) if covering else shapely.Polygon()
    return _Coverage(reaches, unions, covering, gap)


async def _compose(order: Order) -> Content:
    request, lang = order.request, order.lang
    assert request.division is not None
    region = await fetch_region(order, request.division)
    layers = order.layers_of(Family.RESOURCE)
    selection = Selection(layers, None, request.grade_set(), region.code, order.reader)
    grid = order.grid()
    base = await lay_base(order, region, grid, grid.map)
    found = await fetch_found(order, selection, order.most(_MOST), seen=region.shape)
    coverage = await _coverage(order, region, layers, found.items)
    own = f"{region.name}应急资源保障图" if lang == "zh" else f"Emergency resources of {region.name}"
    heading = order.heading(own, region.name)
    signs: dict[str, str] = {}
    part, unplaced = _draw(order, base, found, coverage, heading, signs)
    people = await _people(order, coverage.gap) if coverage.known else None
    section = Section(
        "map",
        None,
        (part,),
        _figures(region, found, coverage, people, lang) if order.wants("figures") else (),
        _tables(order, region, layers, found, part.items, coverage, signs),
        (),
        _paragraphs(region, coverage, people, lang) if order.wants("text") else (),
        Text("说明", "Notes").get(lang),
        Text(
            "保障范围为椭球面直线距离，不是道路里程；停用的资源不计。",
            "Reach is the distance on the ellipsoid, not by road; what is out of use does not count. ",
        ).get(lang)
        + unplaced_text(unplaced, lang),
    )
    return Content(
        "resources",
        heading,
        _subtitle(order, layers, coverage.reaches, found.total),
        (section,),
        signs,
        origin_of(order, layers, found.items, [base]),
    )


def _draw(
    order: Order, base: Base, found: Found, coverage: _Coverage, heading: str, signs: dict[str, str]
) -> tuple[MapPart, tuple[int, ...]]:
    """The map, and the numbers that it has no room for."""
    sheet = base.panel.sheet
    add_reaches(base.panel, coverage.unions)
    add_gap(base.panel, coverage.gap)
    arranged = arrange(found.items, sheet, [arrow_room(sheet)], numbered=numbered_of(found.items))
    add_marks(base.panel, arranged)
    caption = Text("保障范围（直线距离）", "Reach as the crow flies").get(order.lang)
    reached = reach_entries(order, coverage.unions, coverage.reaches, coverage.gap)
    legend = (
        *legend_of_items(found.items, order.theme, order.lang, signs),
        LegendGroup(caption, tuple(reached)),
    )
    return base.part(order, "map", heading, legend, arranged.items), arranged.unplaced


async def _people(order: Order, gap: BaseGeometry) -> int | None:
    """People in the gap by the population grids; None where none tells."""
    grids = order.workshop.extras.grids
    if grids is None or gap.is_empty:
        return None
    entries = read_entries(await order.database.fetch_text(entries_statement()))
    (estimate,) = await asyncio.to_thread(people_within, grids, entries, [gap])
    return None if estimate is None or estimate.people is None else round(estimate.people)


def _figures(
    region: Region, found: Found, coverage: _Coverage, people: int | None, lang: Lang
) -> tuple[KeyFigure, ...]:
    figures = [KeyFigure(found.total, Text("处", "").get(lang), Text("应急资源", "resources").get(lang))]
    if coverage.known:
        gap_km2 = km2(coverage.gap)
        share = 100 * gap_km2 / km2(region.shape)
        figures.append(KeyFigure(gap_km2, "km²", Text("保障盲区", "not covered").get(lang)))
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
    coverage: _Coverage,
    signs: dict[str, str],
) -> tuple[Table, ...]:
    tables = []
    if order.wants("counts"):
        tables.append(layer_table(order, layers, found.counts, signs))
        if region.parts and coverage.known:
            tables.append(gap_table(order, region, items, coverage.gap))
    if order.wants("list"):
        what = Text("资源清单", "List of resources")
        tables.append(list_table(order, items, signs, what=what, total=found.total, region=region))
    return tuple(tables)


def _paragraphs(region: Region, coverage: _Coverage, people: int | None, lang: Lang) -> tuple[str, ...]:
    if not coverage.known:
        return ()
    named = [f"{layer.title.get(lang)} {coverage.reaches[layer.name] / 1000:g} km" for layer in coverage.covering]
    gap_km2 = km2(coverage.gap)
    share = 100 * gap_km2 / km2(region.shape)
    if lang == "zh":
        area = count_text(gap_km2)
        said = f"盲区：{'、'.join(named)}均未覆盖的范围，计 {area} km²，占{region.name}面积的 {share:.1f}%"
        return (said + (f"，格网估算人口 {people} 人。" if people is not None else "。"),)
    said = f"Not covered by {', '.join(named)}: {gap_km2:,.0f} km², {share:.1f}% of {region.name}"
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
