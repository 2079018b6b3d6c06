"""Which enterprises are due for inspection: 重大 every 6 months, 较大 every 12, of 一般 a random sample.

Source: the 2019 work report (domain brief 1.3 no. 78). The sample is a hash of the seed and the enterprise's id, so
that anyone can draw it again, and one enterprise's draw does not depend on which others are asked about.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import asyncpg

from geo.audits.audit import Audit, AuditAnswer, AuditQuery, Column, Finding, base_columns, finding, grade_code
from geo.database import Database, Statement, StatementBuilder
from layers.layer import Layer
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["AUDIT", "INTERVAL_MONTHS", "STATES", "due_on", "is_drawn"]

INTERVAL_MONTHS = MappingProxyType({RiskGrade.RED: 6, RiskGrade.ORANGE: 12})
"""重大: at least every half year; 较大: at least every year. 低 has no interval."""

_SOON_DAYS = 30

STATES: Mapping[str, Text] = MappingProxyType(
    {
        "overdue": Text("已逾期", "overdue"),
        "due": Text("即将到期", "due"),
        "drawn": Text("抽查", "drawn"),
        "unknown": Text("检查日期存疑", "doubtful date"),
        "ungraded": Text("未分级", "not graded"),
    }
)
"""What may be said of an enterprise, in the order in which it is listed."""


def due_on(last: date, months: int) -> date:
    """The same day ``months`` later, the month's last where it has no such day."""
    year, month = divmod(last.year * 12 + last.month - 1 + months, 12)
    return date(year, month + 1, min(last.day, monthrange(year, month + 1)[1]))


def is_drawn(seed: str, source: str, source_id: str, share: float) -> bool:
    """Whether the random inspection of this seed takes an enterprise; about ``share`` of them are taken."""
    digest = hashlib.sha256(f"{seed}\n{source}\n{source_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _statement(query: AuditQuery, layer: Layer) -> Statement:
    sql = StatementBuilder()
    selection = query.asked(layer)
    return sql.build(
        f"SELECT {base_columns(selection, layer, 't')}, t.last_inspected FROM enterprises t "
        f"WHERE {selection.where(layer, sql)} ORDER BY t.source, t.source_id"
    )


def _judged(row: asyncpg.Record, query: AuditQuery, seed: str) -> tuple[str, date | None, Text] | None:
    """State, due date and reason of one enterprise; None when nothing is due."""
    grade = RiskGrade(row["grade"]) if row["grade"] else None
    last: date | None = row["last_inspected"]
    if grade is None:
        return "ungraded", None, Text("未分级,检查频次无从确定", "not graded: no interval can be told")
    months = INTERVAL_MONTHS.get(grade)
    if months is not None:
        return _by_interval(grade, last, months, query.today)
    if grade is RiskGrade.YELLOW and is_drawn(seed, row["source"], row["source_id"], query.sample_share):
        return (
            "drawn",
            None,
            Text(
                f"一般风险,本期“双随机”抽中(种子 {seed},比例 {query.sample_share:g})",
                f"moderate risk, drawn for the random inspection (seed {seed}, share {query.sample_share:g})",
            ),
        )
    return None


def _by_interval(grade: RiskGrade, last: date | None, months: int, today: date) -> tuple[str, date | None, Text] | None:
    rule_zh, rule_en = f"{grade.label.zh}风险每 {months} 个月至少检查一次", f"{grade.label.en}: every {months} months"
    if last is None:
        return "overdue", None, Text(f"{rule_zh},没有检查记录", f"{rule_en}; no inspection on record")
    if last > today:
        zh = f"{rule_zh};登记的上次检查 {last} 晚于截至日期 {today},此前何时检查过未知"
        return "unknown", None, Text(zh, f"{rule_en}; the inspection on record, {last}, is later than {today}")
    due = due_on(last, months)
    days = (today - due).days
    zh, en = f"{rule_zh},上次 {last},应于 {due} 前检查", f"{rule_en}; last {last}, due by {due}"
    if days > 0:
        return "overdue", due, Text(f"{zh},已逾期 {days} 天", f"{en}, {days} days overdue")
    if days == 0:
        return "due", due, Text(f"{zh},今天到期", f"{en}, which is today")
    if -days <= _SOON_DAYS:
        return "due", due, Text(f"{zh},还有 {-days} 天", f"{en}, {-days} days left")
    return None


def _findings(rows: list[asyncpg.Record], layer: Layer, query: AuditQuery, seed: str) -> list[Finding]:
    """By state, then the worst grade, then how long they have been due; never inspected comes before all dates."""
    found: list[tuple[tuple[int, int, str], Finding]] = []
    for row in rows:
        judged = _judged(row, query, seed)
        if judged is None:
            continue
        state, due, why = judged
        last = row["last_inspected"]
        values = {
            "state": state,
            "last_inspected": last.isoformat() if last else None,
            "due_on": due.isoformat() if due else None,
            "overdue_days": max(0, (query.today - due).days) if due else None,
        }
        rank = RiskGrade(row["grade"]).rank if row["grade"] else 5
        order = list(STATES).index(state), rank, due.isoformat() if due else ""
        found.append((order, finding(layer, row, values, why)))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def _overdue_by_grade(findings: list[Finding]) -> Text:
    """(重大 9、较大 3), empty where nothing is overdue."""
    late = [grade_code(each) for each in findings if each.values["state"] == "overdue"]
    counts = [(grade, late.count(grade.value)) for grade in INTERVAL_MONTHS]
    if not late:
        return Text("", "")
    zh = "、".join(f"{grade.label.zh} {n}" for grade, n in counts)
    en = ", ".join(f"{n} {grade.label.en}" for grade, n in counts)
    return Text(f"({zh})", f" ({en})")


async def _run(database: Database, query: AuditQuery) -> AuditAnswer:
    layer, seed = query.registry["enterprises"], query.seed or str(query.today.year)
    rows = await database.fetch(_statement(query, layer))
    findings = _findings(rows, layer, query, seed)
    count = {state: sum(each.values["state"] == state for each in findings) for state in STATES}
    late = _overdue_by_grade(findings)
    return AuditAnswer(
        len(rows),
        tuple(findings),
        Text(
            f"截至 {query.today},{len(rows):,} 家企业中逾期 {count['overdue']:,} 家{late.zh}、"
            f"{_SOON_DAYS} 天内到期 {count['due']:,} 家、抽查 {count['drawn']:,} 家、"
            f"检查日期存疑 {count['unknown']:,} 家、未分级 {count['ungraded']:,} 家",
            f"as of {query.today}, of {len(rows):,} enterprises {count['overdue']:,} are overdue{late.en}, "
            f"{count['due']:,} due within {_SOON_DAYS} days, {count['drawn']:,} drawn at random, "
            f"{count['unknown']:,} with a doubtful date, {count['ungraded']:,} not graded",
        ),
        (
            Text(
                f"抽样可复核:种子 {seed},比例 {query.sample_share:g};每家是否抽中只取决于种子和编号",
                f"the sample can be drawn again: seed {seed}, share {query.sample_share:g}; it hangs on seed and id",
            ),
        ),
    )


AUDIT = Audit(
    "inspections",
    Text("到期与逾期的检查", "Inspections due and overdue"),
    Text(
        "重大风险每半年、较大风险每年至少检查一次,一般风险随机抽查",
        "major risks every half year, considerable ones every year, of moderate ones a random sample",
    ),
    ("enterprises",),
    (
        Column("state", Text("状态", "state"), STATES),
        Column("last_inspected", Text("上次检查", "last inspected"), none=Text("没有记录", "none on record")),
        Column("due_on", Text("应检查日期", "due on")),
        Column("overdue_days", Text("逾期天数", "days overdue")),
    ),
    _run,
)
