"""The worker: takes imports, batches of sites and atlases from the queue in PostgreSQL, in the service or alone.

A run in ``import_runs`` or ``batch_runs`` is the order; the dispatcher puts a job for it into the queue, so that
ordering is one transaction and nothing is lost between two systems. Jobs of a worker that was killed are found by its
silence and given to another. An ordered atlas stands on the shelf of the state directory, and is treated alike.
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

from api.atlas_job import perform as perform_atlas
from api.atlas_job import shelf_of, waiting_atlases
from api.batch_desk import batch_desk
from api.import_limits import limits_of
from api.settings import Settings
from geo.errors import DatabaseUnreachable
from geo.exhibits.shelf import Shelf
from geo.ingest.jobs import forget_old_uploads, orphans, perform
from geo.risk.batch_jobs import batch_orphans, forget_old_batches, perform_batch

__all__ = ["ATLAS_QUEUE", "QUEUE", "run_worker"]

QUEUE = "imports"
ATLAS_QUEUE = "exhibits"
BATCH_QUEUE = "batches"
_TASK, _ATLAS_TASK, _BATCH_TASK = "onemap.import", "onemap.atlas", "onemap.batch"
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

    @app.task(name=_ATLAS_TASK, queue=ATLAS_QUEUE, pass_context=True, retry=False)
    def draw_atlas(context: JobContext, order: str) -> None:
        perform_atlas(settings, UUID(order), context.should_abort)

    desk = batch_desk(settings)

    @app.task(name=_BATCH_TASK, queue=BATCH_QUEUE, pass_context=True, retry=False)
    def answer_sites(context: JobContext, run: str) -> None:
        perform_batch(desk, UUID(run), context.should_abort)

    return app


async def _dispatch(app: procrastinate.App, dsn: str, shelf: Shelf, silence_s: float) -> None:
    """Give every open run a job, and every job of a silent worker another."""
    for queue in (QUEUE, ATLAS_QUEUE, BATCH_QUEUE):
        for job in await app.job_manager.get_stalled_jobs(queue=queue, seconds_since_heartbeat=silence_s):
            await app.job_manager.retry_job(job)
            _log.warning("job_taken_over", queue=queue, job=job.id)
    for run in await asyncio.to_thread(orphans, dsn, QUEUE):
        with contextlib.suppress(AlreadyEnqueued):
            await app.configure_task(_TASK, queue=QUEUE, queueing_lock=run).defer_async(run=run)
    for run in await asyncio.to_thread(batch_orphans, dsn, BATCH_QUEUE):
        with contextlib.suppress(AlreadyEnqueued):
            await app.configure_task(_BATCH_TASK, queue=BATCH_QUEUE, queueing_lock=run).defer_async(run=run)
    for order in await asyncio.to_thread(waiting_atlases, dsn, ATLAS_QUEUE, shelf):
        with contextlib.suppress(AlreadyEnqueued):
            await app.configure_task(_ATLAS_TASK, queue=ATLAS_QUEUE, queueing_lock=order).defer_async(order=order)


async def _dispatch_for_ever(app: procrastinate.App, settings: Settings) -> None:
    dsn, shelf = settings.dsn(), shelf_of(settings)
    swept = -math.inf
    while True:
        if time.monotonic() - swept >= _SWEEP_S:
            await asyncio.to_thread(forget_old_uploads, dsn)
            await asyncio.to_thread(forget_old_batches, dsn)
            swept = time.monotonic()
        await _dispatch(app, dsn, shelf, settings.worker_silence_s)
        await asyncio.sleep(_DISPATCH_S)


async def _work(settings: Settings, *, install_signal_handlers: bool) -> None:
    app = _application(settings)
    async with app.open_async():
        # An atlas or a batch takes minutes: imports do not wait for them.
        tasks = [asyncio.create_task(_dispatch_for_ever(app, settings))]
        for queue, at_a_time in ((QUEUE, settings.import_workers), (ATLAS_QUEUE, 1), (BATCH_QUEUE, 1)):
            taken = app.run_worker_async(
                queues=[queue],
                concurrency=at_a_time,
                install_signal_handlers=install_signal_handlers and queue == QUEUE,
                update_heartbeat_interval=settings.worker_silence_s / _BEATS,
                stalled_worker_timeout=settings.worker_silence_s,
                fetch_job_polling_interval=1.0,
                shutdown_graceful_timeout=1.0,
                delete_jobs="always",
            )
            tasks.append(asyncio.create_task(taken))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
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
