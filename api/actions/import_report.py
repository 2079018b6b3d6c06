"""The report of an import as a terminal shows it: what each column was taken for, every reason, what changes."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text as RichText

from api.actions.tables import folded_table
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
    heads: dict[Lang, tuple[str, ...]] = {"zh": ("列", "含义", "单位"), "en": ("column", "taken for", "unit")}
    console.print(folded_table(heads[lang], column_rows(report, lang)))
    if found := finding_rows(report, lang):
        heads = {
            "zh": ("", "原因", "列", "行号", "原文", "处理办法"),
            "en": ("", "reason", "column", "rows", "original", "what to do"),
        }
        console.print(folded_table(heads[lang], found, lines=True))
    if changes := change_rows(report, lang):
        heads = {"zh": ("变化", "编号", "名称", "前 → 后"), "en": ("change", "id", "name", "before → after")}
        console.print(folded_table(heads[lang], changes))
    for warning in report.warnings:
        console.print(RichText(("注意:" if lang == "zh" else "note: ") + warning.get(lang)))
    console.print(RichText(count_words(report, lang), style="bold"))
