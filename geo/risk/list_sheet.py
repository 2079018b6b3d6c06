"""The sheet that a person reads first in a workbook of an answer: what was found, in words, worst and nearest facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from geo.export import Feature, Sheet, SheetColumn
from layers.registry import Registry
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["left_out", "list_sheet"]

_TITLE = Text("清单", "List")
_UNGRADED = Text("未分级", "not graded")
_YES = Text("是", "yes")

_Facts = Mapping[str, object]
_HEADS: tuple[tuple[Text, float], ...] = (
    (Text("序号", "No."), 6),
    (Text("名称", "Name"), 32),
    (Text("图层", "Layer"), 16),
    (Text("等级", "Grade"), 12),
    (Text("为什么", "Why"), 48),
    (Text("距离(米)", "Distance (m)"), 12),
    (Text("方位角(°)", "Bearing (°)"), 11),
    (Text("圈层(米)", "Ring (m)"), 10),
    (Text("地址", "Address"), 32),
    (Text("责任人", "Responsible"), 12),
    (Text("电话", "Phone"), 16),
    (Text("数据日期", "Data of"), 12),
    (Text("演示数据", "Demo data"), 10),
    (Text("来源", "Source"), 14),
    (Text("编号", "Id"), 18),
)


def _grade(facts: _Facts, registry: Registry, lang: Lang) -> str:
    grade = facts.get("grade")
    if grade is None:
        return _UNGRADED.get(lang) if registry[str(facts["layer"])].graded else "—"
    known = RiskGrade(str(grade))
    return f"{known.code_text.get(lang)} {known.label.get(lang)}"


def _why(facts: _Facts, lang: Lang) -> object:
    basis = facts.get("grade_basis")
    return basis.get(lang) if isinstance(basis, Mapping) else None


def _rounded(value: object, digits: int) -> object:
    return round(value, digits) if isinstance(value, int | float) else value


def left_out(listed: int, total: int) -> Mapping[str, Sequence[Mapping[str, object]]]:
    """A table for a file that does not hold all that was found, which must not look as if it did; else none."""
    if listed >= total:
        return {}
    why = Text(
        f"只列出最近的 {listed:,} 处,另有 {total - listed:,} 处未列出;请缩小范围、减少图层或提高 limit",
        f"the nearest {listed:,} alone; {total - listed:,} more are left out: ask for less, or raise limit",
    )
    return {"truncated": [{"listed": listed, "total": total, "why_zh": why.zh, "why_en": why.en}]}


def list_sheet(features: Sequence[Feature], registry: Registry, lang: Lang, total: int | None = None) -> Sheet:
    """The features of an answer in its order, each a row; what is not known is an empty cell.

    ``total``: how many were found; if they are more than are listed, the last row says so.
    """
    cells: tuple[Callable[[_Facts], object], ...] = (
        lambda facts: facts.get("name"),
        lambda facts: registry[str(facts["layer"])].title.get(lang),
        lambda facts: _grade(facts, registry, lang),
        lambda facts: _why(facts, lang),
        lambda facts: _rounded(facts.get("distance_m"), 1),
        lambda facts: _rounded(facts.get("bearing_deg"), 0),
        lambda facts: facts.get("ring_m"),
        lambda facts: facts.get("address"),
        lambda facts: facts.get("responsible_person"),
        lambda facts: facts.get("responsible_phone"),
        lambda facts: facts.get("data_date"),
        lambda facts: _YES.get(lang) if facts.get("demo") else None,
        lambda facts: facts.get("source"),
        lambda facts: facts.get("source_id"),
    )
    rows: list[list[object]] = []
    for number, feature in enumerate(features, 1):
        facts = feature["properties"]
        assert isinstance(facts, Mapping)
        rows.append([number, *(cell(facts) for cell in cells)])
    for told in left_out(len(features), total or 0).get("truncated", ()):
        rows.append(["…", told[f"why_{lang}"]])
    return Sheet(_TITLE.get(lang), tuple(SheetColumn(head.get(lang), width) for head, width in _HEADS), rows)
