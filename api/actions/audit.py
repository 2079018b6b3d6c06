"""What ``onemap audit`` does: ask one audit, and print its answer or write it to a file."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path

import typer
from rich.console import Console

from api.actions.tables import folded_table
from api.audit_answers import answer_dict, audit_file, beijing_today
from api.cli import cli_lang, write_atomically
from api.settings import Settings
from geo.audits import AUDITS, Audit, AuditAnswer, AuditQuery, ask_audit, choose_audit
from geo.audits.audit import Column, grade_code
from geo.audits.in_words import grade_of, shown
from geo.database import Database
from geo.errors import InputError
from geo.export import ExportFormat
from geo.rasters import Grids, rasters_directory
from layers.registry import Registry, discover
from layers.text import Lang, Text

__all__ = ["list_audits", "run_audit"]

_ROWS_SHOWN = 40


async def _answer(settings: Settings, audit: Audit, query: AuditQuery) -> AuditAnswer:
    database = Database(settings.dsn(), pool_size=1, statement_timeout_s=settings.statement_timeout_s)
    try:
        return await ask_audit(database, audit, query)
    finally:
        await database.close()


def _value(column: Column, value: object, lang: Lang) -> str:
    told = shown(column, value, lang)
    return told if isinstance(told, str) else f"{told:,g}" if isinstance(told, float) else f"{told:,}"


def _print(audit: Audit, answer: AuditAnswer, registry: Registry, lang: Lang) -> None:
    console = Console()
    console.print(answer.summary.get(lang), markup=False)
    if answer.findings:
        name, grade, why = ("名称", "等级", "为什么") if lang == "zh" else ("name", "grade", "why")
        graded = any(grade_code(each) is not None for each in answer.findings)
        heads = [column.title.get(lang) for column in audit.columns]
        rows = []
        for each in answer.findings[:_ROWS_SHOWN]:
            feature = each.as_feature(lang)
            properties = feature["properties"]
            assert isinstance(properties, dict)
            cells = [grade_of(each, registry, lang)] if graded else []
            cells += [_value(column, each.values[column.name], lang) for column in audit.columns]
            rows.append((str(properties["name"] or feature["id"]), *cells, str(properties["why"])))
        console.print(folded_table((name, *([grade] if graded else []), *heads, why), rows))
    if len(answer.findings) > _ROWS_SHOWN:
        rest = len(answer.findings) - _ROWS_SHOWN
        console.print(
            f"另有 {rest:,} 行;用 -o 文件.xlsx 取全部" if lang == "zh" else f"{rest:,} more rows; -o FILE.xlsx has all",
            markup=False,
        )
    for note in answer.notes:
        console.print(note.get(lang), markup=False, style="dim")


def _format_of(path: Path) -> ExportFormat:
    try:
        return ExportFormat(path.suffix.lstrip(".").lower())
    except ValueError as error:
        known = ", ".join(f".{each.value}" for each in ExportFormat)
        raise InputError(
            Text(
                f"不认识文件类型 {path.suffix!r};可用 {known}", f"unknown kind of file {path.suffix!r}; known: {known}"
            ),
            field="output",
        ) from error


def list_audits() -> None:
    """Print what can be audited."""
    lang = cli_lang()
    heads = ("名称", "审查", "内容") if lang == "zh" else ("name", "audit", "about")
    rows = [(audit.name, audit.title.get(lang), audit.about.get(lang)) for audit in AUDITS.values()]
    Console().print(folded_table(heads, rows, lines=True))


def run_audit(
    name: str,
    *,
    division: str | None,
    as_of: date | None,
    reach_m: float | None,
    sample_share: float,
    seed: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Ask the audit as of a day (today in China when None); print the answer, or write it to ``output``.

    Raises:
        InputError: an unknown audit, a bound overstepped, an unknown kind of file. OnemapError: from the engine.
    """
    lang, chosen, settings = cli_lang(), choose_audit(name), Settings()
    format_ = _format_of(output) if output is not None else None
    query = AuditQuery(
        discover(),
        as_of or beijing_today(),
        division,
        grids=Grids(rasters_directory(settings.state_directory)),
        reach_m=reach_m,
        sample_share=sample_share,
        seed=seed,
        river_snap_m=settings.river_snap_m,
        downstream_breadth_m=settings.downstream_breadth_m,
    )
    answer = asyncio.run(_answer(settings, chosen, query))
    if output is not None and format_ is not None:
        write_atomically(output, audit_file(chosen, answer, format_, query.registry, lang))
    if as_json:
        typer.echo(json.dumps(answer_dict(chosen, answer, lang), ensure_ascii=False))
    elif output is not None:
        typer.echo(answer.summary.get(lang))
    else:
        _print(chosen, answer, query.registry, lang)
