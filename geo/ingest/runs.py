"""Import runs: each import's record in the database, from its order to its report."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import psycopg

from geo.errors import DatabaseUnreachable, ImportCancelled
from geo.ingest.options import ImportOptions
from geo.ingest.profiles import keep_profile
from geo.ingest.report import Report
from geo.ingest.told import report_from
from layers.text import Text

__all__ = ["Run", "conclude", "must_not_be_closed", "read_runs", "record_cancelled"]

_CONCLUDE = """
INSERT INTO import_runs AS r (id, layer, file, state, dry_run, options, mends, report, started_at, finished_at)
VALUES (%(id)s, %(layer)s, %(file)s, 'done', %(dry_run)s, %(options)s, %(mends)s, %(report)s, now(), clock_timestamp())
ON CONFLICT (id) DO UPDATE SET state = 'done', report = EXCLUDED.report, mends = EXCLUDED.mends, error = NULL,
    progress = NULL, finished_at = clock_timestamp()
WHERE r.state = 'running'
"""

_CANCELLED = """
INSERT INTO import_runs (id, layer, file, state, dry_run, options, finished_at)
VALUES (%s, %s, %s, 'cancelled', %s, %s, now()) ON CONFLICT (id) DO NOTHING
"""

_LIST = """
SELECT id, layer, file, state, dry_run, attempts, report->'counts' AS counts, error, created_at
FROM import_runs ORDER BY created_at DESC, id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One import as a list shows it. ``counts`` are empty until it is done."""

    id: UUID
    layer: str
    file: str
    state: str
    dry_run: bool
    attempts: int
    counts: Mapping[str, int]
    error: Text | None
    created_at: datetime.datetime

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "id": str(self.id),
            "layer": self.layer,
            "file": self.file,
            "state": self.state,
            "dry_run": self.dry_run,
            "attempts": self.attempts,
            "counts": dict(self.counts) or None,
            "error": self.error.as_dict() if self.error else None,
            "created_at": self.created_at.isoformat(),
        }


def read_runs(dsn: str, limit: int) -> list[Run]:
    """The newest runs, the latest first.

    Raises:
        DatabaseUnreachable: PostGIS does not answer.
    """
    try:
        with psycopg.connect(dsn, application_name="onemap import") as connection:
            rows = connection.execute(_LIST, (limit,)).fetchall()
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(Text(f"连不上数据库:{error}", f"the database cannot be reached: {error}")) from error
    return [
        Run(own, layer, file, state, dry, attempts, counts or {}, Text(error["zh"], error["en"]) if error else None, at)
        for own, layer, file, state, dry, attempts, counts, error, at in rows
    ]


def must_not_be_closed(connection: psycopg.Connection, run: UUID) -> None:
    """Go on only with a run that is not recorded yet, or is running.

    Raises:
        ImportCancelled: it was cancelled, or another process has done it meanwhile.
    """
    row = connection.execute("SELECT state FROM import_runs WHERE id = %s", (run,)).fetchone()
    if row is not None and row[0] != "running":
        raise _closed()


def conclude(
    connection: psycopg.Connection, run: UUID, report: Report, options: ImportOptions, mends: UUID | None
) -> None:
    """Write the report down in the transaction of the import itself: the run is done if, and only if, the rows are in.

    Raises:
        ImportCancelled: it was cancelled meanwhile.
    """
    if not report.counts.read:
        report.warn("表头之后没有一行数据", "there is no row of data below the header")
    values = {
        "id": run,
        "layer": report.layer,
        "file": report.file,
        "dry_run": report.dry_run,
        "options": json.dumps(options.as_dict(), ensure_ascii=False).replace("\\u0000", ""),
        "mends": mends,
        "report": json.dumps(report.as_dict(), ensure_ascii=False, default=str).replace("\\u0000", ""),
    }
    if connection.execute(_CONCLUDE, values).rowcount != 1:
        raise _closed()
    if not report.dry_run:
        keep_profile(connection, report.layer, report.source, options)


def record_cancelled(dsn: str, run: UUID, layer: str, file: str, options: ImportOptions) -> Report | None:
    """Record that a run which nobody ordered before was cancelled; its report instead, when it was done already.

    It waits for a transaction of the run that may be committing this moment, so its word is the truth.

    Raises:
        DatabaseUnreachable: PostGIS does not answer.
    """
    values = (run, layer, file, options.dry_run, json.dumps(options.as_dict(), ensure_ascii=False))
    try:
        with psycopg.connect(dsn, application_name="onemap import") as connection:
            if connection.execute(_CANCELLED, values).rowcount:
                return None
            row = connection.execute("SELECT report FROM import_runs WHERE id = %s", (run,)).fetchone()
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(Text(f"连不上数据库:{error}", f"the database cannot be reached: {error}")) from error
    return report_from(row[0]) if row is not None and row[0] is not None else None


def _closed() -> ImportCancelled:
    return ImportCancelled(Text("导入已取消,没有写入任何数据", "the import was cancelled; nothing was written"))
