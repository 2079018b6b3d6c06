"""Findings as people read them: words for codes, 是 and 否, shares in percent; a sheet of them for a workbook."""

from __future__ import annotations

from collections.abc import Mapping

from geo.audits.audit import GRADE_WORDS, UNGRADED, Audit, AuditAnswer, Column, Finding, grade_code
from geo.export import Sheet, SheetColumn
from layers.registry import Registry
from layers.text import Lang, Text

__all__ = ["grade_of", "notes_table", "shown", "words_sheet"]

_YES, _NO = Text("是", "yes"), Text("否", "no")
_LIST, _NOTES = Text("清单", "List"), Text("说明", "Notes")
_NAME, _GRADE, _WHY = Text("名称", "Name"), Text("等级", "Grade"), Text("为什么", "Why")
_AFTER: tuple[tuple[str, Text, float], ...] = (
    ("division_code", Text("行政区划代码", "Division code"), 14),
    ("responsible_person", Text("责任人", "Responsible"), 12),
    ("responsible_phone", Text("电话", "Phone"), 16),
    ("demo", Text("演示数据", "Demo data"), 10),
    ("source", Text("来源", "Source"), 14),
    ("source_id", Text("编号", "Id"), 20),
)


def shown(column: Column, value: object, lang: Lang) -> str | int | float:
    """One value in words; what is not known is said so, what does not apply is a dash."""
    if value is None:
        return column.none.get(lang)
    if isinstance(value, bool):
        return (_YES if value else _NO).get(lang)
    if isinstance(value, str):
        word = column.words.get(value)
        return word.get(lang) if word else value
    if isinstance(value, int | float):
        return f"{value:.0%}" if column.is_share else value
    return str(value)


def grade_of(finding: Finding, registry: Registry, lang: Lang) -> str:
    """The grade of the feature that a finding is about; a dash in a layer that has none."""
    properties = finding.feature["properties"]
    assert isinstance(properties, Mapping)
    grade = grade_code(finding)
    if grade is None:
        return UNGRADED.get(lang) if registry[str(properties["layer"])].graded else "—"
    return GRADE_WORDS[grade].get(lang)


def words_sheet(audit: Audit, answer: AuditAnswer, registry: Registry, lang: Lang) -> Sheet:
    """The findings in their order, each a row that needs no key to be read."""
    heads = [SheetColumn("序号" if lang == "zh" else "No.", 6), SheetColumn(_NAME.get(lang), 30)]
    heads += [SheetColumn(_GRADE.get(lang), 12), SheetColumn(_WHY.get(lang), 70)]
    heads += [SheetColumn(each.title.get(lang), 16) for each in audit.columns]
    heads += [SheetColumn(title.get(lang), width) for _, title, width in _AFTER]
    rows: list[list[object]] = []
    for number, each in enumerate(answer.findings, 1):
        properties = each.feature["properties"]
        assert isinstance(properties, Mapping)
        name = properties["name"] or properties["source_id"]
        told = [shown(column, each.values[column.name], lang) for column in audit.columns]
        after = [
            _YES.get(lang) if value is True else value or None for value in (properties[key] for key, *_ in _AFTER)
        ]
        rows.append([number, name, grade_of(each, registry, lang), each.why.get(lang), *told, *after])
    return Sheet(_LIST.get(lang), tuple(heads), rows)


def notes_table(audit: Audit, answer: AuditAnswer, lang: Lang) -> dict[str, list[dict[str, object]]]:
    """What was asked, how it came out and what the answer does not know, as a further sheet."""
    lines = (audit.title, audit.about, answer.summary, *answer.notes)
    return {_NOTES.get(lang): [{_NOTES.get(lang): each.get(lang)} for each in lines]}
