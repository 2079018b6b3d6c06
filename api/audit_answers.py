"""An audit's answer as the doors give it: as JSON, or as a file; and which day it is."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from geo.audits import Audit, AuditAnswer
from geo.audits.in_words import notes_table, words_sheet
from geo.export import ExportFormat, export_features
from layers.registry import Registry
from layers.text import Lang

__all__ = ["answer_dict", "audit_file", "beijing_today", "described"]

_BEIJING = ZoneInfo("Asia/Shanghai")


def beijing_today() -> date:
    """The day it is in China, whatever the machine's clock is set to."""
    return datetime.now(_BEIJING).date()


def described(audit: Audit, lang: Lang) -> dict[str, object]:
    """What an audit asks, and the columns of its answer."""
    return {
        "name": audit.name,
        "title": audit.title.get(lang),
        "about": audit.about.get(lang),
        "layers": list(audit.layers),
        "columns": [
            {
                "name": column.name,
                "title": column.title.get(lang),
                "words": {code: word.get(lang) for code, word in column.words.items()},
            }
            for column in audit.columns
        ],
    }


def answer_dict(audit: Audit, answer: AuditAnswer, lang: Lang, limit: int | None = None) -> dict[str, object]:
    """The answer for ``/audits/{audit}`` and ``--json``: the features are findings, worst first."""
    shown = answer.findings if limit is None else answer.findings[:limit]
    return {
        **described(audit, lang),
        "audited": answer.audited,
        "total": len(answer.findings),
        "summary": answer.summary.get(lang),
        "notes": [note.get(lang) for note in answer.notes],
        "features": {"type": "FeatureCollection", "features": [each.as_feature(lang) for each in shown]},
        "truncated": len(shown) < len(answer.findings),
    }


def audit_file(audit: Audit, answer: AuditAnswer, format_: ExportFormat, registry: Registry, lang: Lang) -> bytes:
    """Every finding as a file; a workbook begins with a list in words and ends with what the answer does not know.

    Raises:
        InputError: more rows than the format holds.
    """
    features = [each.as_feature(lang) for each in answer.findings]
    if format_ is not ExportFormat.XLSX:
        return export_features(features, format_)
    return export_features(
        features, format_, notes_table(audit, answer, lang), words_sheet(audit, answer, registry, lang)
    )
