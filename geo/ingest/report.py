"""The report of an import: what became of every row, and why."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from geo.ingest.reasons import REASONS, Effect
from geo.ingest.troubled import Troubled
from layers.text import Text

__all__ = ["CHANGES_KEPT", "ROWS_KEPT", "SAMPLES_KEPT", "Change", "Column", "Counts", "Finding", "Report"]

ROWS_KEPT = 10_000
"""Row numbers that are kept per reason and field; beyond it only the count goes on, and the report says so."""

SAMPLES_KEPT = 3

CHANGES_KEPT = 200
"""Features that are shown with what changes in them; the counts go on."""


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """What became of one header: ``role`` is field, division, ordinal, extra, or one of ``PLACE_ROLES``."""

    header: str
    role: str
    field: str | None = None
    unit: str | None = None
    title: Text | None = None

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        title = self.title.as_dict() if self.title else None
        return {"header": self.header, "role": self.role, "field": self.field, "unit": self.unit, "title": title}


@dataclasses.dataclass(slots=True)
class Finding:
    """One reason in one column: how many rows, which, and samples of what stood there."""

    code: str
    field: str | None
    column: str | None
    count: int = 0
    rows: list[int] = dataclasses.field(default_factory=list)
    samples: list[str] = dataclasses.field(default_factory=list)
    first_rows: dict[int, int] = dataclasses.field(default_factory=dict)
    """For duplicates: row → the earlier row that was kept."""
    candidates: dict[int, list[object]] = dataclasses.field(default_factory=dict)
    """Row → what it may have meant (JSON values, such as places), for whoever mends it."""
    troubled: Troubled[Finding] | None = None
    """Where the rows of a rejection or a flag are written down; None for a mere note."""

    def add(self, rows: Iterable[int], samples: Iterable[str] = ()) -> None:
        """Count ``rows`` and keep some of the originals."""
        for row in rows:
            self.count += 1
            if len(self.rows) < ROWS_KEPT:
                self.rows.append(row)
            if self.troubled is not None:
                self.troubled.add(row, self)
        for sample in samples:
            if len(self.samples) == SAMPLES_KEPT:
                break
            if sample not in self.samples:
                self.samples.append(sample)

    def first_row(self, row: int, first: int) -> None:
        """Say which earlier row was kept instead of ``row``."""
        if len(self.first_rows) < ROWS_KEPT:
            self.first_rows[row] = first

    def as_dict(self) -> dict[str, object]:
        """As JSON, with the reason's texts."""
        reason = REASONS[self.code]
        answer: dict[str, object] = {
            "code": self.code,
            "effect": reason.effect.value,
            "what": reason.what.as_dict(),
            "todo": reason.todo.as_dict(),
            "field": self.field,
            "column": self.column,
            "count": self.count,
            "rows": self.rows,
            "rows_truncated": self.count > len(self.rows),
            "samples": self.samples,
        }
        if self.first_rows:
            answer["first_rows"] = {str(row): first for row, first in self.first_rows.items()}
        return answer


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What an import does to a feature: ``kind`` is updated, restored, retired or removed; ``columns`` have before and
    after."""

    kind: str
    source_id: str
    name: str | None
    row: int | None = None
    columns: Mapping[str, tuple[object, object]] = dataclasses.field(default_factory=dict)
    moved_m: float | None = None

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "kind": self.kind,
            "source_id": self.source_id,
            "name": self.name,
            "row": self.row,
            "columns": {name: {"before": old, "after": new} for name, (old, new) in self.columns.items()},
            "moved_m": self.moved_m,
        }


@dataclasses.dataclass(slots=True)
class Counts:
    """What became of the rows: read = inserted + updated + unchanged + rejected; flagged ones are among the loaded.

    ``retired`` counts features, not rows: those that the source holds no more.
    """

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    flagged: int = 0
    retired: int = 0

    def as_dict(self) -> dict[str, int]:
        """As JSON."""
        return dataclasses.asdict(self)

    @property
    def loaded(self) -> int:
        """成功: rows that are in the layer now, flagged ones included."""
        return self.inserted + self.updated + self.unchanged


@dataclasses.dataclass(slots=True)
class Report:
    """Everything a user is told about one import. Row numbers are the spreadsheet's, the header included."""

    file: str
    layer: str
    source: str
    run: str | None = None
    """The id under which the run, its report and its refused rows are kept."""
    dry_run: bool = False
    full: bool = False
    format: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    crs: str | None = None
    header_row: int | None = None
    profile: str | None = None
    """The saved profile by which the file was read."""
    columns: list[Column] = dataclasses.field(default_factory=list)
    counts: Counts = dataclasses.field(default_factory=Counts)
    findings: list[Finding] = dataclasses.field(default_factory=list)
    warnings: list[Text] = dataclasses.field(default_factory=list)
    changes: list[Change] = dataclasses.field(default_factory=list)
    """The first features of each kind that change; ``changed_columns`` counts them all."""
    changed_columns: dict[str, int] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0
    troubled: Troubled[Finding] = dataclasses.field(default_factory=Troubled)

    def finding(self, code: str, field_name: str | None = None, column: str | None = None) -> Finding:
        """The finding of this reason, field and column; made when it is the first of its kind.

        Raises:
            KeyError: the code is not declared in ``reasons``.
        """
        _ = REASONS[code]
        for each in self.findings:
            if (each.code, each.field, each.column) == (code, field_name, column):
                return each
        made = Finding(code, field_name, column)
        if REASONS[code].effect is not Effect.NOTED:
            made.troubled = self.troubled
            self.troubled.register(made)
        self.findings.append(made)
        return made

    def of(self, effect: Effect) -> list[Finding]:
        """The findings of one effect, the most frequent first."""
        chosen = [each for each in self.findings if REASONS[each.code].effect is effect]
        return sorted(chosen, key=lambda each: (-each.count, each.code, each.column or ""))

    def warn(self, zh: str, en: str) -> None:
        """Say something about the file as a whole, once."""
        warning = Text(zh, en)
        if warning not in self.warnings:
            self.warnings.append(warning)

    def as_dict(self) -> dict[str, object]:
        """As JSON: what ``onemap import --json`` prints."""
        return {
            "file": self.file,
            "layer": self.layer,
            "source": self.source,
            "run": self.run,
            "dry_run": self.dry_run,
            "full": self.full,
            "format": self.format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "sheet": self.sheet,
            "crs": self.crs,
            "header_row": self.header_row,
            "profile": self.profile,
            "counts": self.counts.as_dict(),
            "columns": [each.as_dict() for each in self.columns],
            "findings": [each.as_dict() for effect in Effect for each in self.of(effect)],
            "rows_kept_per_finding": ROWS_KEPT,
            "warnings": [each.as_dict() for each in self.warnings],
            "changes": [each.as_dict() for each in self.changes],
            "changed_columns": self.changed_columns,
            "seconds": round(self.seconds, 3),
        }
