"""An ordered import, performed: its file fetched from the database, imported in a sandbox, its state written down.

The run's row is the truth: ``done`` is written in the transaction that writes the rows (``runs.py``), so a job that is
performed twice, because its worker died in between, imports once.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from geo.errors import DatabaseUnreachable, ImportCancelled, ImporterLost, NotFound, OnemapError
from geo.ingest.options import ImportOptions
from geo.ingest.progress import Progress
from geo.ingest.sandbox import Limits, import_in_sandbox
from layers.text import Text

__all__ = ["ATTEMPTS_MAX", "forget_old_uploads", "orphans", "perform"]

ATTEMPTS_MAX = 5
"""A run whose worker or importer died that often is not tried again: its file may be what kills them."""
_TOLD_EVERY_S = 0.5

_CLAIM = """
UPDATE import_runs SET state = 'running', started_at = coalesce(started_at, now()), attempts = attempts + 1,
    progress = NULL
WHERE id = %s AND state IN ('waiting', 'running') RETURNING layer, file, options, upload, attempts
"""
_RELEASE = "UPDATE import_runs SET state = 'waiting', progress = NULL WHERE id = %s AND state = 'running'"
_ORPHANS = """
SELECT id::text FROM import_runs r WHERE state IN ('waiting', 'running') AND upload IS NOT NULL AND NOT EXISTS (
    SELECT FROM procrastinate_jobs j
    WHERE j.queue_name = %s AND j.args->>'run' = r.id::text AND j.status IN ('todo', 'doing'))
ORDER BY created_at
"""
_FORGET = """
DELETE FROM import_uploads u WHERE NOT EXISTS (
    SELECT FROM import_runs r WHERE r.upload = u.upload
    AND (r.state IN ('waiting', 'running') OR (r.dry_run AND r.finished_at > now() - interval '1 day')))
AND stored_at < now() - interval '1 hour'
"""


@dataclass(frozen=True, slots=True)
class _Order:
    layer: str
    file: str
    options: ImportOptions
    upload: UUID
    attempts: int


def _claim(connection: psycopg.Connection, run: UUID) -> _Order | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_CLAIM, (run,)).fetchone()
    if row is None:
        return None
    options = row["options"]
    assert isinstance(options, Mapping)
    return _Order(row["layer"], row["file"], ImportOptions.from_dict(options), row["upload"], row["attempts"])


def _file_name(sent: str) -> str:
    """The last part of a sent name, as any file system takes it: its end, with the ending, in 200 bytes."""
    last = PurePosixPath(sent.replace("\\", "/").replace("\0", "")).name
    short = last.encode("utf-8", "replace")[-200:].decode("utf-8", "ignore")
    return short if short not in ("", ".", "..") else "upload"


def _fetch(connection: psycopg.Connection, upload: UUID, folder: Path, name: str) -> Path:
    """The uploaded file, under its own name: readers go by its ending, and the source's default by its stem."""
    path = folder / _file_name(name)
    parts = 0
    with connection.transaction(), connection.cursor("parts") as cursor, path.open("wb") as file:
        cursor.itersize = 4
        cursor.execute("SELECT content FROM import_uploads WHERE upload = %s ORDER BY part", (upload,))
        for (content,) in cursor:
            file.write(content)
            parts += 1
    if not parts:
        raise NotFound(Text(f"上传的文件 {name} 已不在;请重新上传", f"the uploaded file {name} is gone; send it again"))
    return path


class _Watch:
    """Tells the run's row how far it is, and hears from it whether it was cancelled; asks seldom."""

    def __init__(self, connection: psycopg.Connection, run: UUID, stop: Callable[[], bool]) -> None:
        self._connection, self._run, self._stop = connection, run, stop
        self._progress: Progress | None = None
        self._asked = 0.0
        self._cancelled = False
        self.stopped = False

    def tell(self, progress: Progress) -> None:
        self._progress = progress

    def cancelled(self) -> bool:
        if self._stop():
            self.stopped = True
            return True
        if time.monotonic() - self._asked >= _TOLD_EVERY_S:
            self._asked = time.monotonic()
            told = self._progress
            values = {"stage": told.stage.value, "rows": told.rows, "fraction": told.fraction} if told else None
            # The importing process holds the row for a moment when it commits: it is not waited for.
            row = self._connection.execute(
                "UPDATE import_runs SET progress = coalesce(%s::jsonb, progress) WHERE id = "
                "(SELECT id FROM import_runs WHERE id = %s FOR UPDATE SKIP LOCKED) RETURNING state",
                (json.dumps(values) if values else None, self._run),
            ).fetchone()
            self._cancelled = row is not None and row[0] == "cancelled"
        return self._cancelled


def _fail(connection: psycopg.Connection, run: UUID, error: OnemapError) -> None:
    said = {"code": error.code, "field": error.field, "zh": error.message.zh, "en": error.message.en}
    connection.execute(
        "UPDATE import_runs SET state = 'failed', error = %s, progress = NULL, finished_at = now() "
        "WHERE id = %s AND state IN ('waiting', 'running')",
        (json.dumps(said, ensure_ascii=False).replace("\\u0000", ""), run),
    )


def _perform(connection: psycopg.Connection, dsn: str, run: UUID, limits: Limits, stop: Callable[[], bool]) -> None:
    order = _claim(connection, run)
    if order is None:
        return
    watch = _Watch(connection, run, stop)
    try:
        if order.attempts > ATTEMPTS_MAX:
            raise OnemapError(
                Text(
                    f"导入 {ATTEMPTS_MAX} 次均中断,不再重试;没有写入任何数据",
                    f"the import broke off {ATTEMPTS_MAX} times and is not tried again; nothing was written",
                )
            )
        with tempfile.TemporaryDirectory(prefix="onemap-import-") as folder:
            path = _fetch(connection, order.upload, Path(folder), order.file)
            import_in_sandbox(
                dsn, path, order.layer, order.options, watch.tell, run=run, limits=limits, cancelled=watch.cancelled
            )
    except ImportCancelled:
        return  # by its user, whose word is in the row; or the worker is leaving, and another takes it up
    except DatabaseUnreachable:
        raise
    except ImporterLost as error:
        if order.attempts >= ATTEMPTS_MAX:
            _fail(connection, run, error)
        else:
            connection.execute(_RELEASE, (run,))  # and the dispatcher gives it to the next worker that is free
    except OnemapError as error:
        _fail(connection, run, error)


def perform(dsn: str, run: UUID, limits: Limits, stop: Callable[[], bool] = lambda: False) -> None:
    """Perform the run, unless it is done, failed or cancelled already. Its outcome is in its row.

    Raises:
        DatabaseUnreachable: the database broke off; the run can be performed again.
    """
    try:
        with psycopg.connect(dsn, autocommit=True, application_name="onemap worker") as connection:
            _perform(connection, dsn, run, limits, stop)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(Text(f"数据库中断:{error}", f"the database broke off: {error}")) from error


def orphans(dsn: str, queue: str) -> list[str]:
    """Runs that wait or were under way, and that no job in ``queue`` will bring to an end: new ones, and lost ones."""
    with psycopg.connect(dsn, application_name="onemap worker") as connection:
        return [str(row[0]) for row in connection.execute(_ORPHANS, (queue,)).fetchall()]


def forget_old_uploads(dsn: str) -> int:
    """Remove the files of ended runs; that of a dry run stays a day, to be confirmed. How many parts went."""
    with psycopg.connect(dsn, application_name="onemap worker") as connection:
        return connection.execute(_FORGET).rowcount
