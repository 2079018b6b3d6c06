"""A batch of sites as a job: ordered with its file, performed by the worker, its answers kept as a file for a week.

The run's row is the truth, as with imports: the answers are written in the transaction that says ``done``, so a job
that is performed twice, because its worker died in between, ends once.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from geo.crs import Crs
from geo.database import Database
from geo.errors import DatabaseUnreachable, OnemapError
from geo.export import ExportFormat
from geo.limits import RiskLimits
from geo.rasters import Grids
from geo.risk.batch import BatchPlan, batch_answers
from geo.risk.batch_file import batch_file
from geo.risk.sites import read_sites
from geo.selection import Reader, choose_layers
from layers.registry import Registry
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["BATCH_PART_BYTES", "BatchDesk", "batch_orphans", "forget_old_batches", "order_options", "perform_batch"]

BATCH_PART_BYTES = 1_000_000
_ATTEMPTS_MAX = 3
_TOLD_EVERY_S = 0.5

_CLAIM = """
UPDATE batch_runs SET state = 'running', started_at = coalesce(started_at, now()), attempts = attempts + 1, done = 0
WHERE id = %s AND state IN ('waiting', 'running') RETURNING format, options, attempts
"""
_ORPHANS = """
SELECT id::text FROM batch_runs r WHERE state IN ('waiting', 'running') AND NOT EXISTS (
    SELECT FROM procrastinate_jobs j
    WHERE j.queue_name = %s AND j.args->>'run' = r.id::text AND j.status IN ('todo', 'doing'))
ORDER BY created_at
"""


class _Cancelled(Exception):
    """Its user cancelled the run, or the worker leaves and another takes it up."""


@dataclass(frozen=True)
class BatchDesk:
    """What a worker has at hand for every batch."""

    dsn: str
    registry: Registry
    grids: Grids
    limits: RiskLimits
    sites_max: int
    statement_timeout_s: float = 300.0


def order_options(plan: BatchPlan, kind: str, crs: str, radius_m: float) -> dict[str, object]:
    """What the run's row keeps of the question; the reader's scope goes with it."""
    return {
        "layers": [layer.name for layer in plan.layers],
        "grades": None if plan.grades is None else [None if each is None else each.value for each in plan.grades],
        "divisions": None if plan.reader.divisions is None else list(plan.reader.divisions),
        "personal_data": plan.reader.personal_data,
        "kind": kind,
        "crs": crs,
        "radius_m": radius_m,
    }


def _plan(options: Mapping[str, object], desk: BatchDesk) -> BatchPlan:
    layers, grades, divisions = options["layers"], options["grades"], options["divisions"]
    assert isinstance(layers, list)
    return BatchPlan(
        choose_layers(desk.registry, layers),
        frozenset(None if each is None else RiskGrade(each) for each in grades) if isinstance(grades, list) else None,
        Reader(tuple(divisions) if isinstance(divisions, list) else None, bool(options["personal_data"])),
        desk.grids,
    )


class _Watch:
    """Tells the run's row how far it is, and hears from it whether it was cancelled; asks seldom."""

    def __init__(self, connection: psycopg.Connection, run: UUID, stop: Callable[[], bool]) -> None:
        self._connection, self._run, self._stop = connection, run, stop
        self._asked = 0.0

    def tell(self, done: int, total: int) -> None:
        if self._stop():
            raise _Cancelled
        if time.monotonic() - self._asked < _TOLD_EVERY_S:
            return
        self._asked = time.monotonic()
        row = self._connection.execute(
            "UPDATE batch_runs SET done = %s, total = %s WHERE id = %s RETURNING state", (done, total, self._run)
        ).fetchone()
        if row is None or row[0] == "cancelled":
            raise _Cancelled


def _sites_of(connection: psycopg.Connection, run: UUID) -> bytes:
    rows = connection.execute(
        "SELECT content FROM batch_files WHERE run = %s AND role = 'sites' ORDER BY part", (run,)
    ).fetchall()
    return b"".join(bytes(row[0]) for row in rows)


async def _answers(desk: BatchDesk, options: Mapping[str, object], content: bytes, watch: _Watch) -> list[bytes]:
    sites = list(
        read_sites(
            content,
            str(options["kind"]),
            Crs.parse(str(options["crs"])),
            float(str(options["radius_m"])),
            desk.limits,
            desk.sites_max,
        )
    )
    database = Database(desk.dsn, pool_size=3, statement_timeout_s=desk.statement_timeout_s)
    lines: list[bytes] = []
    answers = batch_answers(database, sites, _plan(options, desk))
    try:
        watch.tell(0, len(sites))
        async for line in answers:
            lines.append(line)
            watch.tell(len(lines), len(sites))
    finally:
        await answers.aclose()
        await database.close()
    return lines


def _keep(connection: psycopg.Connection, run: UUID, content: bytes, rows: int) -> None:
    """The file and ``done``, in one transaction; not when it was cancelled meanwhile."""
    with connection.transaction():
        updated = connection.execute(
            "UPDATE batch_runs SET state = 'done', done = %s, total = %s, finished_at = now() "
            "WHERE id = %s AND state = 'running'",
            (rows, rows, run),
        ).rowcount
        if updated:
            parts = [content[at : at + BATCH_PART_BYTES] for at in range(0, len(content), BATCH_PART_BYTES)]
            with connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO batch_files (run, role, part, content) VALUES (%s, 'answers', %s, %s)",
                    [(run, number, part) for number, part in enumerate(parts)],
                )
            connection.execute("DELETE FROM batch_files WHERE run = %s AND role = 'sites'", (run,))


def _fail(connection: psycopg.Connection, run: UUID, error: OnemapError) -> None:
    said = {"code": error.code, "field": error.field, **error.message.as_dict()}
    connection.execute(
        "UPDATE batch_runs SET state = 'failed', error = %s, finished_at = now() WHERE id = %s AND state = 'running'",
        (json.dumps(said, ensure_ascii=False).replace("\\u0000", ""), run),
    )


def _perform(connection: psycopg.Connection, desk: BatchDesk, run: UUID, stop: Callable[[], bool]) -> None:
    with connection.cursor(row_factory=dict_row) as cursor:
        order = cursor.execute(_CLAIM, (run,)).fetchone()
    if order is None:
        return
    try:
        if order["attempts"] > _ATTEMPTS_MAX:
            raise OnemapError(
                Text(
                    f"研判 {_ATTEMPTS_MAX} 次均中断,不再重试",
                    f"the batch broke off {_ATTEMPTS_MAX} times and is not tried again",
                )
            )
        watch = _Watch(connection, run, stop)
        lines = asyncio.run(_answers(desk, order["options"], _sites_of(connection, run), watch))
        layers = _plan(order["options"], desk).layers
        content = batch_file([json.loads(line) for line in lines], layers, ExportFormat(order["format"]))
        _keep(connection, run, content, len(lines))
    except _Cancelled:
        return
    except DatabaseUnreachable:
        raise
    except OnemapError as error:
        _fail(connection, run, error)


def perform_batch(desk: BatchDesk, run: UUID, stop: Callable[[], bool] = lambda: False) -> None:
    """Perform the run, unless it is done, failed or cancelled already. Its outcome is in its row.

    Raises:
        DatabaseUnreachable: the database broke off; the run can be performed again.
    """
    try:
        with psycopg.connect(desk.dsn, autocommit=True, application_name="onemap worker") as connection:
            _perform(connection, desk, run, stop)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(Text(f"数据库中断:{error}", f"the database broke off: {error}")) from error


def batch_orphans(dsn: str, queue: str) -> list[str]:
    """Runs that wait or were under way, and that no job in ``queue`` will bring to an end."""
    with psycopg.connect(dsn, application_name="onemap worker") as connection:
        return [str(row[0]) for row in connection.execute(_ORPHANS, (queue,)).fetchall()]


def forget_old_batches(dsn: str) -> int:
    """Remove the runs that ended a week ago, with their files. How many went."""
    with psycopg.connect(dsn, application_name="onemap worker") as connection:
        return connection.execute("DELETE FROM batch_runs WHERE finished_at < now() - interval '7 days'").rowcount
