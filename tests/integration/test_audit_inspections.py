"""Inspections due and overdue, held to dateutil and to a sample drawn by hand, over two thousand enterprises."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta

from geo.audits import AUDITS, AuditAnswer, AuditQuery
from geo.database import Database
from layers.registry import discover
from tests.seeding import insert_many

TODAY = date(2026, 11, 22)
MONTHS = {"red": 6, "orange": 12}
ORDER = ["overdue", "due", "drawn", "unknown", "ungraded"]
RANK = ["red", "orange", "yellow", "blue", None]
DAYS = [
    TODAY,
    TODAY - timedelta(days=1),
    TODAY + timedelta(days=1),
    TODAY - relativedelta(months=6),
    TODAY - relativedelta(months=6) - timedelta(days=1),
    TODAY - relativedelta(months=12),
    TODAY - relativedelta(months=12) - timedelta(days=1),
    TODAY - relativedelta(months=6) + timedelta(days=30),
    TODAY - relativedelta(months=6) + timedelta(days=31),
    TODAY - relativedelta(months=12) + timedelta(days=30),
    TODAY - relativedelta(months=12) + timedelta(days=31),
    date(2024, 2, 29),
    date(2026, 5, 31),
    date(2025, 8, 31),
    date(2026, 8, 31),
    date(1999, 12, 31),
]
"""Today, yesterday, tomorrow; due today, since yesterday, in 30 and in 31 days; leap day, ends of months."""


@pytest.fixture(scope="module")
def town(module_database_url: str) -> tuple[str, dict[str, tuple[str | None, date | None]]]:
    rng = np.random.default_rng(78)
    plants: dict[str, tuple[str | None, date | None]] = {}
    for grade in RANK:
        for day in (*DAYS, None):
            plants[f"edge-{grade}-{day}"] = grade, day
    for number in range(2000):
        day = TODAY - timedelta(days=int(rng.integers(-40, 900))) if rng.uniform() > 0.1 else None
        plants[f"企业 {number:04}/A"] = RANK[int(rng.integers(5))], day
    insert_many(
        module_database_url,
        "enterprises",
        [
            ("POINT(115 25)", key, {"grade": grade, "last_inspected": day, "name": key})
            for key, (grade, day) in plants.items()
        ],
    )
    gone = {"grade": "red", "last_inspected": None, "retired_at": "2026-01-01"}
    insert_many(module_database_url, "enterprises", [("POINT(115 25)", "closed down", gone)])
    return module_database_url, plants


def _drawn(seed: str, key: str, share: float) -> bool:
    """The rule as it is told: SHA-256 of seed, source and id, a line each; its first 64 bits as a part of 1."""
    digest = hashlib.sha256("\n".join((seed, "test", key)).encode("utf-8")).hexdigest()
    return int(digest[:16], 16) / 2**64 < share


def _expected(
    plants: dict[str, tuple[str | None, date | None]], today: date, seed: str, share: float
) -> dict[str, tuple[str, date | None, int | None]]:
    found: dict[str, tuple[str, date | None, int | None]] = {}
    for key, (grade, last) in plants.items():
        if grade is None:
            found[key] = "ungraded", None, None
        elif grade == "yellow" and _drawn(seed, key, share):
            found[key] = "drawn", None, None
        elif grade in MONTHS and last is None:
            found[key] = "overdue", None, None
        elif grade in MONTHS and last is not None and last > today:
            found[key] = "unknown", None, None
        elif grade in MONTHS and last is not None:
            due = last + relativedelta(months=MONTHS[grade])
            if due < today:
                found[key] = "overdue", due, (today - due).days
            elif due <= today + timedelta(days=30):
                found[key] = "due", due, 0
    return found


async def _audit(dsn: str, today: date, seed: str, share: float) -> AuditAnswer:
    database = Database(dsn, pool_size=1)
    try:
        return await AUDITS["inspections"].run(database, AuditQuery(discover(), today, seed=seed, sample_share=share))
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("today", "seed", "share"),
    [
        (TODAY, "", 0.1),
        (TODAY, "双随机-2026", 0.37),
        (date(2028, 2, 29), "", 1.0),
        (date(2026, 2, 28), "x", 0.0),
    ],
)
async def test_every_state_date_and_draw_is_as_the_calendar_says(town, today, seed, share):
    dsn, plants = town
    answer = await _audit(dsn, today, seed, share)
    expected = _expected(plants, today, seed or str(today.year), share)
    found = {str(each.feature["properties"]["source_id"]): each.values for each in answer.findings}
    assert len(found) == len(answer.findings)
    assert {
        key: (values["state"], values["due_on"] and date.fromisoformat(values["due_on"]), values["overdue_days"])
        for key, values in found.items()
    } == expected
    assert {key: values["last_inspected"] for key, values in found.items()} == {
        key: None if plants[key][1] is None else plants[key][1].isoformat() for key in expected
    }
    assert answer.audited == len(plants)


async def test_the_summary_counts_by_state_and_grade_and_the_worst_come_first(town):
    dsn, plants = town
    answer = await _audit(dsn, TODAY, "", 0.1)
    expected = _expected(plants, TODAY, "2026", 0.1)
    states = Counter(state for state, _, _ in expected.values())
    late = Counter(plants[key][0] for key, (state, _, _) in expected.items() if state == "overdue")
    assert f"逾期 {states['overdue']:,} 家(重大 {late['red']:,}、较大 {late['orange']:,})" in answer.summary.zh
    for state, word in (("due", "到期"), ("drawn", "抽查"), ("unknown", "检查日期存疑"), ("ungraded", "未分级")):
        assert f"{word} {states[state]:,} 家" in answer.summary.zh
    keys = [
        (
            ORDER.index(each.values["state"]),
            RANK.index(each.feature["properties"]["grade"]),
            each.values["due_on"] or "",
        )
        for each in answer.findings
    ]
    assert keys == sorted(keys)


async def test_each_row_says_in_words_what_is_asked_of_it(town):
    dsn, _ = town
    answer = await _audit(dsn, TODAY, "", 0.1)
    why = {str(each.feature["properties"]["source_id"]): each.why for each in answer.findings}
    assert why[f"edge-red-{TODAY - relativedelta(months=6)}"].zh.endswith("应于 2026-11-22 前检查,今天到期")
    assert "已逾期 1 天" in why[f"edge-orange-{TODAY - relativedelta(months=12) - timedelta(days=1)}"].zh
    assert "2024-08-29" in why["edge-red-2024-02-29"].zh
    assert "2026-11-23 晚于截至日期 2026-11-22" in why["edge-red-2026-11-23"].zh
    assert "没有检查记录" in why["edge-orange-None"].zh
    assert "no inspection on record" in why["edge-orange-None"].en
    assert "未分级" in why["edge-None-None"].zh
