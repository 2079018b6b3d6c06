"""An import that is killed, or whose database is killed, leaves all of it or nothing; run again, it completes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.processes import postmaster_pid
from tests.conftest import ROOT

ROWS = 25_000
BATCHES = 3

IMPORTER = """
import sys, time
from pathlib import Path
from geo.ingest import ImportOptions, Progress, import_file
from layers.registry import discover

def tell(progress: Progress) -> None:
    print(progress.stage, progress.rows, flush=True)

dsn, path = sys.argv[1:]
report = import_file(dsn, Path(path), discover()["shelters"], ImportOptions(crs="CRS84"), tell)
print("committed", report.counts.inserted, report.counts.unchanged, flush=True)
"""


def _write(path: Path, suffix: str = "") -> None:
    lines = ["编号,名称,经度,纬度,容纳人数,备注"]
    for n in range(ROWS):
        lon, lat = 114 + (n % 300) * 0.005, 25 + (n // 300) * 0.005
        lines.append(f"S{n},安置点{n}{suffix},{lon:.4f},{lat:.4f},{n % 500},来源备注 {n}")
    path.write_text("\n".join(lines), encoding="utf-8")


def _start(dsn: str, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", IMPORTER, dsn, str(path)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _wait_for(process: subprocess.Popen[str], line_number: int) -> None:
    assert process.stdout is not None
    for _ in range(line_number):
        process.stdout.readline()


def _finish(dsn: str, path: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTER, dsn, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1].split()


def _state(dsn: str) -> tuple[int, int, int]:
    """Rows, rows of the second edition of the file, revision. No index is ever missing."""
    with psycopg.connect(dsn) as connection:
        of_layer = "SELECT replace(indexname, tablename, '') FROM pg_indexes WHERE tablename = %s ORDER BY 1"
        indexes = connection.execute(of_layer, ("shelters",)).fetchall()
        assert indexes == connection.execute(of_layer, ("helipads",)).fetchall()  # into which nothing is imported
        assert indexes
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE name LIKE '%修'), "
            "(SELECT revision FROM onemap_revisions WHERE layer = 'shelters') FROM shelters"
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2])


# The moment of the kill: after so many lines of the importer's progress (0: on its way to the database; 1 and 2: in
# the COPY; 3: in the upsert), and so many seconds later.
MOMENTS = [(0, 0.6), (1, 0.0), (2, 0.0), (3, 0.0), (3, 0.1), (3, 0.4)]


@pytest.fixture
def own_database(cluster_home: Path) -> tuple[PrivateCluster, str]:
    cluster = PrivateCluster(cluster_home)
    cluster.start()
    migrate(cluster.dsn())
    return cluster, cluster.dsn()


def test_an_importer_that_is_killed_leaves_all_or_nothing(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "shelters.csv"
    _write(path)
    interrupted = 0
    for lines, delay_s in MOMENTS:
        before = _state(database_url)
        with _start(database_url, path) as importer:
            _wait_for(importer, lines)
            time.sleep(delay_s)
            importer.send_signal(signal.SIGKILL)
        _wait_until_idle(database_url)
        assert _state(database_url) in (before, (ROWS, 0, 1)), (lines, delay_s)
        interrupted += _state(database_url) == (0, 0, 0)
    assert interrupted >= 3  # the kills did come in the middle
    assert _finish(database_url, path)[0] == "committed"
    assert _state(database_url) == (ROWS, 0, 1)


def test_an_update_that_is_killed_leaves_all_or_nothing(database_url: str, tmp_path: Path) -> None:
    first, second = tmp_path / "one" / "shelters.csv", tmp_path / "two" / "shelters.csv"
    for path, suffix in ((first, ""), (second, "修")):
        path.parent.mkdir()
        _write(path, suffix)
    assert _finish(database_url, first) == ["committed", str(ROWS), "0"]
    for lines, delay_s in MOMENTS[2:]:
        with _start(database_url, second) as importer:
            _wait_for(importer, lines)
            time.sleep(delay_s)
            importer.send_signal(signal.SIGKILL)
        _wait_until_idle(database_url)
        assert _state(database_url) in ((ROWS, 0, 1), (ROWS, ROWS, 2)), (lines, delay_s)
    _finish(database_url, second)
    assert _state(database_url) == (ROWS, ROWS, 2)


def test_a_database_that_is_killed_holds_all_or_nothing(
    own_database: tuple[PrivateCluster, str], tmp_path: Path
) -> None:
    cluster, dsn = own_database
    path = tmp_path / "shelters.csv"
    _write(path)
    for lines, delay_s in ((1, 0.0), (2, 0.05), (3, 0.0), (3, 0.3)):
        before = _state(dsn)
        with _start(dsn, path) as importer:
            _wait_for(importer, lines)
            time.sleep(delay_s)
            pid = postmaster_pid(cluster.data)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            _, said = importer.communicate(timeout=60)
        committed = importer.returncode == 0
        assert committed or "DatabaseUnreachable" in said
        cluster.start()
        assert _state(dsn) == ((ROWS, 0, 1) if committed else before), (lines, delay_s)
    _finish(dsn, path)
    assert _state(dsn) == (ROWS, 0, 1)


def test_cancelling_writes_nothing_and_says_so(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "shelters.csv"
    _write(path)
    command = [sys.executable, "-c", "from api.cli import main; main()", "import", str(path)]
    environment = os.environ | {"ONEMAP_DATABASE_URL": database_url}
    with subprocess.Popen(
        [*command, "--layer", "shelters", "--crs", "CRS84"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        _wait_until_importing(database_url)
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=30)
    assert process.returncode == 130, complained
    assert said == ""
    assert _state(database_url) == (0, 0, 0)


def _importing(dsn: str) -> int:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE application_name = 'onemap import' AND datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def _wait_until_idle(dsn: str) -> None:
    """The backend of a killed importer notices within two seconds that nobody listens any more."""
    deadline = time.monotonic() + 30
    while _importing(dsn):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _wait_until_importing(dsn: str) -> None:
    deadline = time.monotonic() + 60
    while not _importing(dsn):
        assert time.monotonic() < deadline
        time.sleep(0.01)
