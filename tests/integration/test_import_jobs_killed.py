"""kill -9 of importer, worker and database at random moments of import jobs (``ONEMAP_KILLS=20`` for the full bar).

Each time all of a file is in, or nothing of it; the job is resumed by a worker that lives; nothing is doubled.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from geo.ingest import ImportOptions, sandbox
from geo.ingest.jobs import ATTEMPTS_MAX, perform
from geo.ingest.sandbox import Limits
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.processes import postmaster_pid
from tests.conftest import ROOT

ROWS = 2_500
MOMENTS = int(os.environ.get("ONEMAP_KILLS", "6"))
SEED = 20261122


def _content(edition: int) -> bytes:
    lines = ["编号,名称,经度,纬度,容纳人数"]
    for n in range(ROWS):
        lines.append(
            f"S{n},安置点{n}第{edition}版,{114 + (n % 300) * 0.00517:.5f},{25 + (n // 300) * 0.00513:.5f},{n % 500}"
        )
    return "\n".join(lines).encode()


def _order(dsn: str, edition: int) -> str:
    run, upload = uuid4(), uuid4()
    options = ImportOptions(crs="CRS84", source="某局")
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO import_uploads (upload, part, content) VALUES (%s, 0, %s)", (upload, _content(edition))
        )
        connection.execute(
            "INSERT INTO import_runs (id, layer, file, state, dry_run, options, upload) "
            "VALUES (%s, 'shelters', 'a.csv', 'waiting', false, %s, %s)",
            (run, json.dumps(options.as_dict()), upload),
        )
    return str(run)


def _start_worker(dsn: str) -> subprocess.Popen[bytes]:
    # What `onemap worker` runs, without the other commands, which it would be killed while importing.
    words = "import asyncio; from api.settings import Settings; from api.worker import run_worker; "
    command = [sys.executable, "-c", words + "asyncio.run(run_worker(Settings(), install_signal_handlers=True))"]
    environment = os.environ | {"ONEMAP_DATABASE_URL": dsn, "ONEMAP_WORKER_SILENCE_S": "3"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def _killed_at_the_end(worker: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    try:
        yield
    finally:
        for each in worker:
            each.kill()
            each.wait()


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            command = (status.parent / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and b"geo.ingest.child" in command:
            found.append(int(status.parent.name))
    return found


def _state(dsn: str, run: str, edition: int) -> tuple[str, int, int, int]:
    """The run's state; rows; rows of this edition; ids that are there twice."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT (SELECT state FROM import_runs WHERE id = %s), count(*), "
            "count(*) FILTER (WHERE name LIKE %s), count(*) - count(DISTINCT source_id) FROM shelters",
            (run, f"%第{edition}版"),
        ).fetchone()
    assert row is not None
    return str(row[0]), int(row[1]), int(row[2]), int(row[3])


def _wait_until_done(dsn: str, run: str, edition: int) -> None:
    deadline = time.monotonic() + 600
    while (state := _state(dsn, run, edition))[0] in ("waiting", "running"):
        assert time.monotonic() < deadline, state
        _all_or_nothing(state)
        time.sleep(0.1)
    assert state == ("done", ROWS, ROWS, 0)


def _all_or_nothing(state: tuple[str, int, int, int]) -> None:
    name, rows, of_this_edition, doubled = state
    assert rows in (0, ROWS), state
    assert of_this_edition == (ROWS if name == "done" else 0), state
    assert doubled == 0, state


def _kill(victim: str, worker: subprocess.Popen[bytes], cluster: PrivateCluster) -> bool:
    """Whether there was anything to kill."""
    if victim == "worker":
        worker.kill()
        worker.wait()
    elif victim == "database":
        pid = postmaster_pid(cluster.data)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        cluster.start()
    else:
        children = _children(worker.pid)
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        return bool(children)
    return True


@pytest.fixture
def own_database(cluster_home: Path) -> tuple[PrivateCluster, str]:
    cluster = PrivateCluster(cluster_home)
    cluster.start()
    migrate(cluster.dsn())
    return cluster, cluster.dsn()


def test_jobs_killed_at_random_moments_are_all_or_nothing_and_resumed(
    own_database: tuple[PrivateCluster, str],
) -> None:
    cluster, dsn = own_database
    chance = random.Random(SEED)
    worker = _start_worker(dsn)
    workers = [worker]
    struck = {"importer": 0, "worker": 0, "database": 0}
    with _killed_at_the_end(workers):
        undisturbed_s = _seconds_undisturbed(dsn, MOMENTS)
        for edition in range(MOMENTS):
            victim = ("importer", "worker", "database")[edition % 3]
            run, ordered = _order(dsn, edition), time.monotonic()
            _wait_until_taken(dsn, run, edition)
            time.sleep(chance.uniform(0.0, 0.8 * undisturbed_s))
            interrupted = _state(dsn, run, edition)[0] == "running"
            struck[victim] += _kill(victim, worker, cluster) and interrupted
            if worker.poll() is not None:
                worker = _start_worker(dsn)
                workers.append(worker)
            _all_or_nothing(_state(dsn, run, edition))
            _wait_until_done(dsn, run, edition)
            print(edition, victim, interrupted, f"{time.monotonic() - ordered:.1f} s", flush=True)
    print(f"{MOMENTS} kills, of which while under way: {struck}; all or nothing each time, resumed each time")
    assert sum(struck.values()) >= MOMENTS // 2, f"most kills came too late to strike anything: {struck}"


def _wait_until_taken(dsn: str, run: str, edition: int) -> None:
    deadline = time.monotonic() + 300
    while _state(dsn, run, edition)[0] == "waiting":
        assert time.monotonic() < deadline, "no worker takes the job"
        time.sleep(0.02)


def _seconds_undisturbed(dsn: str, edition: int) -> float:
    """How long this machine works on such a job: the moments of the kills are parts of it."""
    run = _order(dsn, edition)
    _wait_until_taken(dsn, run, edition)
    started = time.monotonic()
    _wait_until_done(dsn, run, edition)
    return time.monotonic() - started


def test_a_file_that_its_importer_never_survives_is_given_up_with_a_reason(
    own_database: tuple[PrivateCluster, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, dsn = own_database
    run = _order(dsn, 1)
    killed = 0

    def strike(self: sandbox._Child) -> list[bytes] | None:
        nonlocal killed
        if self.process.poll() is None:
            self.process.kill()
            killed += 1
        return None

    monkeypatch.setattr(sandbox._Child, "lines", strike)
    states = []
    for _ in range(ATTEMPTS_MAX + 1):
        perform(dsn, UUID(run), Limits())
        states.append(_state(dsn, run, 1)[0])
    assert states == ["waiting"] * (ATTEMPTS_MAX - 1) + ["failed"] * 2
    assert killed == ATTEMPTS_MAX
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT error->>'code', error->>'en', attempts FROM import_runs").fetchone()
    assert row is not None
    assert (row[0], row[2]) == ("importer-lost", ATTEMPTS_MAX)
    assert "was killed" in row[1]
    assert _state(dsn, run, 1)[1] == 0
