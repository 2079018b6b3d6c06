"""The worker: takes import jobs from the queue in PostgreSQL, in the service or as ``onemap worker``.

A run in ``import_runs`` is the order; the dispatcher puts a job for it into the queue, so that ordering is one
transaction and nothing is lost between two systems. Jobs of a worker that was killed are found by its silence and
given to another.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from uuid import UUID

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.job_context import JobContext

from api.import_limits import limits_of
from api.settings import Settings
from geo.errors import DatabaseUnreachable
from geo.ingest.jobs import forget_old_uploads, orphans, perform

__all__ = ["QUEUE", "run_worker"]

QUEUE = "imports"
_TASK = "onemap.import"
_BEATS = 5
"""Heartbeats within the silence after which a worker counts as dead."""
_DISPATCH_S = 0.5
_RETRY_S = 2.0
_SWEEP_S = 3600.0
_FAILURES = (ConnectorException, psycopg.Error, DatabaseUnreachable, OSError)
_log = structlog.get_logger("onemap.worker")


def _application(settings: Settings) -> procrastinate.App:
    dsn, limits = settings.dsn(), limits_of(settings)
    connector = procrastinate.PsycopgConnector(
        conninfo=dsn, min_size=1, max_size=4, kwargs={"application_name": "onemap worker"}
    )
    app = procrastinate.App(connector=connector)

    @app.task(name=_TASK, queue=QUEUE, pass_context=True, retry=False)
    def import_file(context: JobContext, run: str) -> None:
        perform(dsn, UUID(run), limits, context.should_abort)

    return app


async def _dispatch(app: procrastinate.App, dsn: str, silence_s: float) -> None:
    """Give every open run a job, and every job of a silent worker another."""
    for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=silence_s):
        await app.job_manager.retry_job(job)
        _log.warning("import_job_taken_over", job=job.id)
    for run in await asyncio.to_thread(orphans, dsn, QUEUE):
        with contextlib.suppress(AlreadyEnqueued):
            await app.configure_task(_TASK, queue=QUEUE, queueing_lock=run).defer_async(run=run)


async def _dispatch_for_ever(app: procrastinate.App, dsn: str, silence_s: float) -> None:
    swept = -math.inf
    while True:
        if time.monotonic() - swept >= _SWEEP_S:
            await asyncio.to_thread(forget_old_uploads, dsn)
            swept = time.monotonic()
        await _dispatch(app, dsn, silence_s)
        await asyncio.sleep(_DISPATCH_S)


async def _work(settings: Settings, *, install_signal_handlers: bool) -> None:
    app = _application(settings)
    async with app.open_async():
        dispatcher = asyncio.create_task(_dispatch_for_ever(app, settings.dsn(), settings.worker_silence_s))
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=settings.import_workers,
                install_signal_handlers=install_signal_handlers,
                update_heartbeat_interval=settings.worker_silence_s / _BEATS,
                stalled_worker_timeout=settings.worker_silence_s,
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=1.0,
                delete_jobs="always",
            )
        )
        try:
            await asyncio.wait((dispatcher, worker), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (dispatcher, worker):
                task.cancel()
            ended = await asyncio.gather(dispatcher, worker, return_exceptions=True)
        for each in ended:
            if isinstance(each, Exception):
                raise each


async def run_worker(
    settings: Settings, *, install_signal_handlers: bool = False, told: Callable[[], None] | None = None
) -> None:
    """Work until cancelled (or, with ``install_signal_handlers``, until a signal); a lost database is waited for."""
    if told is not None:
        told()
    while True:
        try:
            await _work(settings, install_signal_handlers=install_signal_handlers)
        except _FAILURES as error:
            _log.warning("worker_without_database", reason=type(error).__name__)
        else:
            if install_signal_handlers:
                return
        await asyncio.sleep(_RETRY_S)
