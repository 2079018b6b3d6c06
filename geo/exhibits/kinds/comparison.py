"""对比: two areas side by side at one scale, or one area as the data lets us know it at an earlier date and now.

The tables keep when each row was last written (``imported_at``) and when its source dropped it (``retired_at``), not
its earlier values. So the earlier map shows what certainly stood then as it stands today; what was written since is
either new or changed, which nobody can tell from the table, and the page says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from geo.exhibits.base import Base, lay_base
from geo.exhibits.content import Cell, Column, Content, KeyFigure, MapPart, Row, Section, SignCell, Table
from geo.exhibits.counting import grade_mark, grade_word, present_grades
from geo.exhibits.draft import arrow_room
from geo.exhibits.features import Counts, Found, fetch_found
from geo.exhibits.kind import Kind, Order
from geo.exhibits.legend import legend_of_items
from geo.exhibits.listing import list_table
from geo.exhibits.marks import Item, add_marks, arrange
from geo.exhibits.paper import Box
from geo.exhibits.provenance import origin_of
from geo.exhibits.region import Region, fetch_region
from geo.exhibits.sheet import sheet_of_extent
from geo.exhibits.wording import printable
from geo.selection import Selection
from layers.layer import Family, Layer
from layers.text import Lang, Text

__all__ = ["KIND", "since_condition"]

_MOST = 1500


def since_condition(day: date, which: str) -> str:
    """A condition on a row ``t``: ``before`` it stood at the start of the day as it stands now, ``new`` it was written
    since, ``gone`` its source has dropped it since. A date is no user's text."""
    moment = f"timestamptz '{day.isoformat()} 00:00+08'"
    return {
        "before": f"t.imported_at < {moment} AND (t.retired_at IS NULL OR t.retired_at >= {moment})",
        "new": f"t.imported_at >= {moment} AND t.retired_at IS NULL",
        "gone": f"t.retired_at >= {moment}",
        "now": "t.retired_at IS NULL",
    }[which]


async def _side(
    order: Order, region: Region, box: Box, key: str, title: str, found: Found, scale: float, signs: dict[str, str]
) -> tuple[MapPart, Base]:
    lang = order.lang
    grid = order.grid("twin")
    base = await lay_base(order, region, grid, box, scale=scale)
    sheet = base.panel.sheet
    arranged = arrange(found.items, sheet, [arrow_room(sheet)], numbered=0)
    add_marks(base.panel, arranged)
    legend = legend_of_items(found.items, order.theme, lang, signs)
    part = base.part(order, key, f"{title}: {found.total}", legend, arranged.items, title=title)
    return replace(part, inset=None, inset_caption=""), base


def _counts_table(
    order: Order, layers: Sequence[Layer], sides: Sequence[tuple[str, Counts]], signs: dict[str, str]
) -> Table:
    """Layers × (both sides by grade), and the change from one to the other."""
    lang = order.lang
    everything = Counts({cell: n for _, counts in sides for cell, n in counts.cells.items()})
    columns = [
        Column("layer", Text("类别", "Kind").get(lang), "text", 22),
        Column("grade", Text("等级", "Grade").get(lang), "sign", 14),
    ]
    columns += [Column(f"side-{at}", name, "integer", 18) for at, (name, _) in enumerate(sides)]
    columns.append(Column("change", Text("差", "Difference").get(lang), "text", 12, align="right"))
    rows: list[Row] = []
    for layer in layers:
        own = [counts.of(layer=layer.name) for _, counts in sides]
        if not any(own):
            continue
        if layer.graded:
            rows.append(Row((layer.title.get(lang),), "band"))
            for grade in present_grades(everything):
                pair = [counts.of(layer=layer.name, grade=grade) for _, counts in sides]
                if any(pair):
                    mark = grade_mark(order, grade, signs)
                    word = _sign_cell(mark.icon, grade_word(grade, lang))
                    rows.append(Row(("", word, *pair, _signed(pair)), keys=frozenset({mark.icon})))
        else:
            rows.append(Row((layer.title.get(lang), "—", *own, _signed(own))))
    if rows:
        totals = [counts.total for _, counts in sides]
        rows.append(Row((Text("合计", "All").get(lang), "", *totals, _signed(totals)), "total"))
    return Table("counts", Text("数量对比", "Counts compared").get(lang), tuple(columns), tuple(rows))


def _sign_cell(sign: str, text: str) -> Cell:
    return SignCell(sign, text)


def _signed(pair: Sequence[int]) -> str:
    change = pair[1] - pair[0]
    return "0" if change == 0 else f"{'+' if change > 0 else '−'}{abs(change)}"


async def _two_areas(order: Order) -> Content:
    request, lang = order.request, order.lang
    assert request.division is not None
    assert request.other_division is not None
    layers = order.layers_of(Family.RISK)
    boxes = order.grid("twin").maps
    regions = [await fetch_region(order, code) for code in (request.division, request.other_division)]
    enlarged = order.grid("twin").enlarged
    # One scale for both: areas and densities are compared by eye.
    sheets = [sheet_of_extent(box, region.shape, enlarged=enlarged) for box, region in zip(boxes, regions, strict=True)]
    scale = request.scale or max(sheet.scale for sheet in sheets)
    signs: dict[str, str] = {}
    parts, bases, founds = [], [], []
    for key, box, region in zip(("first", "second"), boxes, regions, strict=True):
        selection = Selection(layers, None, request.grade_set(), region.code, order.reader)
        found = await fetch_found(order, selection, order.most(_MOST), seen=region.shape)
        part, base = await _side(order, region, box, key, region.name, found, scale, signs)
        parts.append(part)
        bases.append(base)
        founds.append(found)
    names = [region.name for region in regions]
    own = f"{names[0]}与{names[1]}风险对比图" if lang == "zh" else f"{names[0]} and {names[1]} compared"
    heading = order.heading(own if len(own) <= 30 else Text("两地风险对比图", "Two areas compared").get(lang))
    table = _counts_table(order, layers, list(zip(names, (each.counts for each in founds), strict=True)), signs)
    return _content(order, heading, parts, bases, founds, (table,), layers, (), _same_scale(lang), signs)


async def _two_dates(order: Order) -> Content:
    request, lang = order.request, order.lang
    assert request.division is not None
    assert request.since is not None
    since = request.since
    layers = order.layers_of(Family.RISK)
    region = await fetch_region(order, request.division)
    boxes = order.grid("twin").maps
    selection = Selection(layers, None, request.grade_set(), region.code, order.reader, retired=True)
    most = order.most(_MOST)
    founds = {
        which: await fetch_found(order, selection, most, seen=region.shape, further=since_condition(since, which))
        for which in ("before", "now", "new", "gone")
    }
    scale = request.scale or sheet_of_extent(boxes[0], region.shape, enlarged=order.grid("twin").enlarged).scale
    signs: dict[str, str] = {}
    titles = (
        Text(f"{since} 已在册（按现状）", f"Known on {since} (as it is today)").get(lang),
        Text(f"现状（{request.made_on}）", f"Today ({request.made_on})").get(lang),
    )
    before, first = await _side(order, region, boxes[0], "before", titles[0], founds["before"], scale, signs)
    now, second = await _side(order, region, boxes[1], "now", titles[1], founds["now"], scale, signs)
    own = f"{region.name}风险变化对比图" if lang == "zh" else f"Changes of risks: {region.name}"
    heading = order.heading(own, region.name)
    sides = [(titles[0], founds["before"].counts), (titles[1], founds["now"].counts)]
    tables = [_counts_table(order, layers, sides, signs)]
    for which, what in (
        ("new", Text("期间新增或有更新", "New or changed since")),
        ("gone", Text("期间销号", "Dropped since")),
    ):
        found = founds[which]
        listed = list_table(order, found.items, signs, what=what, total=found.total, region=region)
        tables.append(replace(listed, key=which))
    return _content(
        order,
        heading,
        [before, now],
        [first, second],
        [founds["before"], founds["now"]],
        tuple(tables),
        layers,
        _changes(since, founds, lang),
        _honest(since, founds["before"], lang),
        signs,
    )


def _changes(since: date, founds: dict[str, Found], lang: Lang) -> tuple[str, ...]:
    new, gone = founds["new"].total, founds["gone"].total
    return (
        Text(
            f"{since} 以来新增或有更新 {new} 处，销号 {gone} 处。",
            f"Since {since}: {new} new or changed, {gone} dropped.",
        ).get(lang),
    )


def _honest(since: date, before: Found, lang: Lang) -> str:
    said = Text(
        "库中不保存要素的历史取值：左图按现状绘出当日已在册且此后未变的要素；此后写入的不能区分新增与更新。",
        "Earlier values are not kept: the left map shows, as they are today, the features that stood then and have not "
        "been written since; what was written since is either new or changed. ",
    ).get(lang)
    if before.total:
        return said
    return said + Text(
        f"库中没有 {since} 之前写入且未变的要素，左图因此为空。",
        f"Nothing of before {since} is left unchanged: it is empty.",
    ).get(lang)


def _same_scale(lang: Lang) -> str:
    return Text("两图比例尺相同。", "Both maps have the same scale.").get(lang)


def _content(
    order: Order,
    heading: str,
    parts: Sequence[MapPart],
    bases: Sequence[Base],
    founds: Sequence[Found],
    tables: tuple[Table, ...],
    layers: Sequence[Layer],
    paragraphs: tuple[str, ...],
    note: str,
    signs: dict[str, str],
) -> Content:
    lang = order.lang
    items: list[Item] = [item for found in founds for item in found.items]
    counted = tuple(
        KeyFigure(found.total, Text("处", "").get(lang), part.title or "")
        for part, found in zip(parts, founds, strict=True)
    )
    section = Section(
        "map",
        None,
        tuple(parts),
        counted if order.wants("figures") else (),
        tuple(table for table in tables if order.wants("list" if table.key in ("new", "gone") else "counts")),
        (),
        paragraphs if order.wants("text") else (),
        Text("说明", "Notes").get(lang),
        note,
    )
    number = printable(order.request.number)
    named = "、" if lang == "zh" else ", "
    said = Text("图层：", "Layers: ").get(lang) + named.join(layer.title.get(lang) for layer in layers[:6])
    tail = (Text("　编号：", "   No. ").get(lang) + number) if number else ""
    return Content(
        "comparison",
        heading,
        said + tail,
        (section,),
        signs,
        origin_of(order, layers, items, bases),
        "twin",
        facts={"since": order.request.since.isoformat()} if order.request.since else {},
    )


async def _compose(order: Order) -> Content:
    if order.request.other_division is not None:
        return await _two_areas(order)
    return await _two_dates(order)


KIND = Kind(
    "comparison",
    Text(
        "两个区划并排,或一个区划在较早日期与现在并排", "two divisions side by side, or one at an earlier date and now"
    ),
    ("relief", "figures", "counts", "list", "text"),
    _compose,
)
