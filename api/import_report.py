"""The report of an import as a terminal shows it: what each column was taken for, every reason, what changes."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from geo.ingest.report import Report
from geo.ingest.wording import change_rows, column_rows, count_words, finding_rows
from layers.text import Lang

__all__ = ["print_report"]


def _facts(report: Report) -> str:
    known = (report.format, report.sheet, report.encoding, report.delimiter and repr(report.delimiter), report.crs)
    profile = f"profile {report.profile}" if report.profile else None
    return f"{report.file} → {report.layer} ({report.source}): " + ", ".join(each for each in (*known, profile) if each)


def print_report(report: Report, lang: Lang) -> None:
    """Print it on stdout."""
    console = Console()
    console.print(RichText(_facts(report)))
    mapping = Table("列", "含义", "单位") if lang == "zh" else Table("column", "taken for", "unit")
    for cells in column_rows(report, lang):
        mapping.add_row(*map(RichText, cells))
    console.print(mapping)
    heads = ("", "原因", "列", "行号", "原文", "处理办法")
    if lang == "en":
        heads = ("", "reason", "column", "rows", "original", "what to do")
    if found := finding_rows(report, lang):
        table = Table(*heads, show_lines=True)
        for row in found:
            table.add_row(*map(RichText, row))
        console.print(table)
    if changes := change_rows(report, lang):
        table = Table(
            *(("变化", "编号", "名称", "前 → 后") if lang == "zh" else ("change", "id", "name", "before → after"))
        )
        for change in changes:
            table.add_row(*map(RichText, change))
        console.print(table)
    for warning in report.warnings:
        console.print(RichText(("注意:" if lang == "zh" else "note: ") + warning.get(lang)))
    console.print(RichText(count_words(report, lang), style="bold"))
