"""The lists of an assessment: what changed in its period and in the one before, which inspections are overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from geo.audits.audit import AuditAnswer, AuditQuery
from geo.audits.registry import AUDITS
from geo.exhibits.content import Column, Row, Section, Table
from geo.exhibits.features import fetch_counts, fetch_found
from geo.exhibits.kind import Order
from geo.exhibits.kinds.comparison import since_condition
from geo.exhibits.listing import list_table
from geo.exhibits.region import Region, level_title
from geo.exhibits.request import Period, period_of
from geo.exhibits.wording import printable
from geo.selection import Selection
from layers.layer import Layer
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["change_section", "overdue_of", "overdue_section", "period_asked"]

_MOST = 300
_STATES = {"overdue": Text("已逾期", "overdue"), "due": Text("30 日内到期", "due within 30 days")}
_CHANGES = (
    ("new", Text("期间新增或有更新", "New or changed in the period")),
    ("gone", Text("期间销号", "Dropped in the period")),
)


def period_asked(order: Order) -> Period:
    """The period of the request, which this kind has always."""
    assert order.request.period is not None
    return period_of(order.request.period)


def _in_period(which: str, start: date, end: date) -> str:
    """``new`` or ``gone`` from the first day of a period until before its end."""
    column = {"new": "t.imported_at", "gone": "t.retired_at"}[which]
    return f"{since_condition(start, which)} AND {column} < timestamptz '{end.isoformat()} 00:00+08'"


async def change_section(order: Order, region: Region, layers: Sequence[Layer], signs: dict[str, str]) -> Section:
    """What was written and what was dropped in the period, beside the period before, and both as lists."""
    lang, period = order.lang, period_asked(order)
    selection = Selection(tuple(layers), None, order.request.grade_set(), region.code, order.reader, retired=True)
    columns = [Column("layer", Text("类别", "Kind").get(lang), "text", 26)]
    lists, counted = [], {}
    for which, what in _CHANGES:
        further = _in_period(which, period.start, period.end)
        found = await fetch_found(order, selection, _MOST, seen=region.shape, further=further)
        earlier = _in_period(which, period.before, period.start)
        before = await fetch_counts(order.database, selection, further=earlier)
        counted[which] = (found.counts, before)
        columns.append(Column(which, what.get(lang), "integer", 18))
        columns.append(Column(f"{which}-before", Text("上期", "period before").get(lang), "integer", 12))
        listed = list_table(order, found.items, signs, what=what, total=found.total, region=region)
        lists.append(replace(listed, key=which))
    rows = []
    for layer in layers:
        cells = [counts.of(layer=layer.name) for pair in counted.values() for counts in pair]
        rows.append(Row((layer.title.get(lang), *cells)))
    totals = [counts.total for pair in counted.values() for counts in pair]
    rows.append(Row((Text("合计", "All").get(lang), *totals), "total"))
    table = Table("changes", Text("变化统计", "Changes").get(lang), tuple(columns), tuple(rows))
    note = Text(
        "库中不保存要素的历史取值：期间写入的要素是新增还是更新不能区分，期间写入后又变更的只计最后一次。",
        "Earlier values are not kept: what was written in the period is new or changed; only the last writing counts.",
    ).get(lang)
    title = Text("与上期相比的变化", "Changes since the period before").get(lang)
    return Section("changes", title, tables=(table, *lists), note=note)


async def overdue_of(order: Order, region: Region) -> AuditAnswer:
    """The inspections of a division as they stood at the end of the period."""
    last = period_asked(order).end - timedelta(days=1)
    today = min(order.request.made_on, last) if order.request.made_on >= period_asked(order).start else last
    query = AuditQuery(order.registry, today, region.code, order.reader, order.workshop.extras.grids)
    return await AUDITS["inspections"].run(order.database, query)


def overdue_section(order: Order, region: Region, answer: AuditAnswer) -> Section:
    """The list of the overdue and of what is due soon."""
    lang = order.lang
    findings = [each for each in answer.findings if each.values.get("state") in _STATES]
    columns = (
        Column("number", Text("号", "No.").get(lang), "integer", 7),
        Column("name", Text("企业", "Enterprise").get(lang), "text", 40),
        Column("grade", Text("等级", "Grade").get(lang), "text", 12),
        Column("division", level_title(region.by, lang), "text", 20),
        Column("state", Text("状态", "State").get(lang), "text", 18),
        Column("last_inspected", Text("上次检查", "Last inspected").get(lang), "date", 18),
        Column("due_on", Text("应检查日期", "Due on").get(lang), "date", 18),
        Column("overdue_days", Text("逾期天数", "Days overdue").get(lang), "integer", 14),
    )
    rows = []
    for at, each in enumerate(findings[:_MOST], start=1):
        properties = each.feature["properties"]
        assert isinstance(properties, dict)
        part = region.part_of(str(properties.get("division_code") or ""))
        grade = RiskGrade(properties["grade"]).label.get(lang) if properties.get("grade") else None
        days = each.values.get("overdue_days")
        rows.append(
            Row(
                (
                    at,
                    printable(properties.get("name")) or printable(properties.get("source_id")),
                    grade,
                    printable(part.name, 14) if part else None,
                    _STATES[str(each.values["state"])].get(lang),
                    _day(each.values.get("last_inspected")),
                    _day(each.values.get("due_on")),
                    days if isinstance(days, int) and days else None,
                ),
                tone="alert" if each.values["state"] == "overdue" else "plain",
            )
        )
    cut = len(findings) - len(rows)
    note = Text(f"另有 {cut} 家未列。", f"{cut} more are not listed.").get(lang) if cut else ""
    what = Text("逾期与即将到期的检查", "Inspections overdue and due").get(lang)
    table = Table("overdue", what, columns, tuple(rows), of=len(findings), note=note)
    return Section(
        "overdue", what, tables=(table,), paragraphs=(answer.summary.get(lang) + ("。" if lang == "zh" else "."),)
    )


def _day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None
