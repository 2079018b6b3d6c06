"""The quarantine: refused and flagged rows as the file has them, with the reasons, in a table of the run.

They are picked from the file in a second reading, so a good file costs nothing and a bad one no memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

import psycopg

from geo.ingest.copytext import copy_column, copy_rows
from geo.ingest.extra import encode
from geo.ingest.reading.table import Batch, Table
from geo.ingest.reasons import REASONS, Effect
from geo.ingest.report import Finding, Report
from geo.ingest.values import CellReader, read_cells

__all__ = ["Quarantine"]

_TABLE = """
CREATE TEMP TABLE quarantine ON COMMIT DROP AS
SELECT "row", outcome, source_id, reasons, candidates, cells FROM import_rows WITH NO DATA
"""
_PLACES = """
CREATE TEMP TABLE quarantined_places ON COMMIT DROP AS
SELECT s.staging_row, s.source_id, s.geom FROM staging s JOIN quarantine q ON q."row" = s.staging_row
"""
_KEEP = """
INSERT INTO import_rows (run, "row", outcome, source_id, reasons, candidates, cells, geom)
SELECT %s, q."row", q.outcome, coalesce(s.source_id, q.source_id), q.reasons, q.candidates, q.cells, s.geom
FROM quarantine q LEFT JOIN quarantined_places s ON s.staging_row = q."row"
"""
_NAMELESS = """
SELECT count(*) FROM quarantine
WHERE outcome = 'rejected' AND source_id IS NULL AND NOT reasons @> '[{"code": "duplicate-row"}]'
"""


class Quarantine:
    """Collects the troubled rows of one import within its transaction, and keeps them under its run."""

    def __init__(self, connection: psycopg.Connection, table: Table, report: Report) -> None:
        self._connection = connection
        self._table = table
        self._report = report

    def collect(self, id_header: str | None, read_id: CellReader | None) -> None:
        """Copy the troubled rows out of the file, and their places out of the staging table."""
        self._connection.execute(_TABLE)
        if len(self._report.troubled):
            with self._connection.cursor().copy("COPY quarantine FROM STDIN") as copy:
                for batch in self._table.batches():
                    copy.write(self._lines(batch, id_header, read_id))
        self._connection.execute(_PLACES)

    def deliver(self) -> None:
        """Make ``delivered``: every id of the file, of refused rows too."""
        self._connection.execute(
            "CREATE TEMP TABLE delivered ON COMMIT DROP AS SELECT source_id FROM staging "
            "UNION SELECT source_id FROM quarantine WHERE source_id IS NOT NULL"
        )
        self._connection.execute("ANALYZE delivered")

    def nameless(self) -> int:
        """How many rows were refused that may be any feature: no id of theirs can be told. Exact doubles are none."""
        row = self._connection.execute(_NAMELESS).fetchone()
        return 0 if row is None else int(row[0])

    def keep(self, run: UUID) -> None:
        """Write what was collected into the run's table."""
        self._connection.execute(_KEEP, (run,))

    def _lines(self, batch: Batch, id_header: str | None, read_id: CellReader | None) -> str:
        troubled = self._report.troubled
        found = [(at, int(row)) for at, row in enumerate(batch.rows) if int(row) in troubled]
        if not found:
            return ""
        ids: list[object] = [None] * len(found)
        if id_header is not None and read_id is not None:
            cells = batch.cells[id_header]
            ids = [reading.value for reading in read_cells([cells[at] for at, _ in found], read_id)]
        findings = [troubled.of(row) for _, row in found]
        return copy_rows(
            [
                copy_column([row for _, row in found]),
                copy_column([_outcome(each) for each in findings]),
                copy_column(ids),
                copy_column([_reasons(each) for each in findings]),
                copy_column([_candidates(each, row) for each, (_, row) in zip(findings, found, strict=True)]),
                copy_column(list(self._originals(batch, [at for at, _ in found]))),
            ]
        )

    def _originals(self, batch: Batch, positions: list[int]) -> Iterator[object]:
        for at in positions:
            row: dict[str, object] = {
                header: cells[at] for header, cells in batch.cells.items() if cells[at] is not None
            }
            if at in batch.beyond:
                row["_beyond"] = batch.beyond[at]
            yield encode(row)


def _outcome(findings: list[Finding]) -> str:
    refused = any(REASONS[each.code].effect is Effect.REJECTED for each in findings)
    return "rejected" if refused else "flagged"


def _reasons(findings: list[Finding]) -> str:
    return json.dumps(
        [{"code": each.code, "field": each.field, "column": each.column} for each in findings], ensure_ascii=False
    )


def _candidates(findings: list[Finding], row: int) -> str | None:
    found = [place for each in findings for place in each.candidates.get(row, ())]
    return encode_list(found) if found else None


def encode_list(values: list[object]) -> str:
    """A JSON list that PostgreSQL takes."""
    return json.dumps(values, ensure_ascii=False, default=str).replace("\\u0000", "")
