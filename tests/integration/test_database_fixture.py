"""The tests' own scaffolding: each test's database is migrated, empty and nobody else's."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from geo.demo.loading import DemoState, demo_state
from geo.migrate import head_revision
from geo.postgres.processes import live_processes
from tests.conftest import ROOT


def test_a_database_is_migrated_and_has_postgis(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(head_revision(),)]
        assert connection.execute("SELECT ST_SRID(ST_Point(115, 25, 4490))").fetchone() == (4490,)


def page_faults(process: int) -> int:
    """How often the kernel had to give the process a page of memory so far."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[7])


def test_a_backend_keeps_the_memory_of_a_statement_for_the_next(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        faults = []
        for _ in range(12):
            before = page_faults(connection.info.backend_pid)
            connection.execute(
                "SELECT cardinality(array_agg(repeat('x', 300))) FROM generate_series(1, 2000)"
            ).fetchone()
            faults.append(page_faults(connection.info.backend_pid) - before)
    # It takes some 380 pages, which glibc left alone gives back each time.
    assert sorted(faults)[len(faults) // 2] < 100


@pytest.mark.parametrize("turn", [1, 2])
def test_what_one_test_writes_no_other_sees(database_url: str, turn: int) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE left_behind AS SELECT 1")


def test_the_service_role_reaches_no_file_of_the_machine(database_url: str) -> None:
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("SELECT pg_read_file('/etc/hostname')")


def test_the_demo_city_is_there_for_tests_that_only_read(demo_database_url: str) -> None:
    assert demo_state(demo_database_url) is DemoState.COMPLETE


RUN = """
import time
from tests.throwaway import Keeper, ask, ADDRESS
import os
keeper = Keeper()
os.environ[ADDRESS] = keeper.address
print(ask().directory, flush=True)
time.sleep(60)
"""


def test_a_killed_run_takes_its_server_along_and_the_next_one_sweeps_up() -> None:
    with subprocess.Popen([sys.executable, "-c", RUN], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        home = Path(run.stdout.readline().strip())
        assert live_processes(home / "data")
        run.kill()
    deadline = time.monotonic() + 10
    while live_processes(home / "data") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not live_processes(home / "data")

    import tests.throwaway

    tests.throwaway.sweep()
    assert not home.parent.exists()
