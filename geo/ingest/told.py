"""A report as it comes back from another process or from the database: the JSON of ``Report.as_dict``, read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict, cast

from geo.ingest.report import Change, Column, Counts, Finding, Report
from layers.text import Text

__all__ = ["report_from"]


class _Words(TypedDict):
    zh: str
    en: str


class _Column(TypedDict):
    header: str
    role: str
    field: str | None
    unit: str | None
    title: _Words | None


class _Finding(TypedDict):
    first_rows: NotRequired[dict[str, int]]
    code: str
    field: str | None
    column: str | None
    count: int
    rows: list[int]
    samples: list[str]


class _Sides(TypedDict):
    before: object
    after: object


class _Change(TypedDict):
    kind: str
    source_id: str
    name: str | None
    row: int | None
    columns: dict[str, _Sides]
    moved_m: float | None


class _Told(TypedDict):
    file: str
    layer: str
    source: str
    run: str | None
    dry_run: bool
    full: bool
    format: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    crs: str | None
    header_row: int | None
    profile: str | None
    counts: dict[str, int]
    columns: list[_Column]
    findings: list[_Finding]
    warnings: list[_Words]
    changes: list[_Change]
    changed_columns: dict[str, int]
    seconds: float


def _column(told: _Column) -> Column:
    title = told["title"]
    return Column(
        told["header"], told["role"], told["field"], told["unit"], Text(title["zh"], title["en"]) if title else None
    )


def _finding(told: _Finding) -> Finding:
    first_rows = {int(row): first for row, first in told.get("first_rows", {}).items()}
    return Finding(
        told["code"], told["field"], told["column"], told["count"], told["rows"], told["samples"], first_rows
    )


def _change(told: _Change) -> Change:
    columns = {name: (sides["before"], sides["after"]) for name, sides in told["columns"].items()}
    return Change(told["kind"], told["source_id"], told["name"], told["row"], columns, told["moved_m"])


def report_from(values: Mapping[str, object]) -> Report:
    """The report that ``values`` are the JSON of: all that is shown of it; not which rows have which findings."""
    told = cast("_Told", values)  # our own words, written by ``as_dict`` of this version or an earlier one
    return Report(
        file=told["file"],
        layer=told["layer"],
        source=told["source"],
        run=told["run"],
        dry_run=told["dry_run"],
        full=told["full"],
        format=told["format"],
        encoding=told["encoding"],
        delimiter=told["delimiter"],
        sheet=told["sheet"],
        crs=told["crs"],
        header_row=told["header_row"],
        profile=told.get("profile"),
        columns=[_column(each) for each in told["columns"]],
        counts=Counts(**told["counts"]),
        findings=[_finding(each) for each in told["findings"]],
        warnings=[Text(each["zh"], each["en"]) for each in told["warnings"]],
        changes=[_change(each) for each in told["changes"]],
        changed_columns=told["changed_columns"],
        seconds=told["seconds"],
    )
