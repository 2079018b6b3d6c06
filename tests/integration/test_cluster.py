"""The private cluster, on real PostgreSQL: what it survives, and what it says when it cannot."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from geo.errors import ClusterError
from geo.postgres import PrivateCluster
from geo.postgres.bootstrap import SUPERUSER
from geo.postgres.processes import live_processes
from tests.conftest import ROOT

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become other users")


def value(cluster: PrivateCluster, query: str, user: str = "onemap") -> object:
    """The one value that a query gives."""
    with psycopg.connect(cluster.dsn(user=user)) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def started(home: Path) -> PrivateCluster:
    """A running cluster in ``home``."""
    cluster = PrivateCluster(home)
    cluster.start()
    return cluster


def test_it_starts_stops_and_keeps_what_was_written(cluster_home: Path) -> None:
    cluster = started(cluster_home)
    with psycopg.connect(cluster.dsn()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT ST_Point(115, 25, 4490) AS geom")
    cluster.stop()
    assert not cluster.status().running
    cluster.stop()  # twice does no harm
    cluster.start()
    assert value(cluster, "SELECT ST_X(geom) FROM kept") == 115
    assert cluster.status().running


def test_starting_a_running_cluster_changes_nothing(cluster_home: Path) -> None:
    before = started(cluster_home).status()
    assert started(cluster_home).status() == before


def test_it_is_durable_utf8_and_the_same_everywhere(cluster_home: Path) -> None:
    cluster = started(cluster_home)
    wanted = {"fsync": "on", "full_page_writes": "on", "data_checksums": "on", "server_encoding": "UTF8"}
    wanted |= {"lc_messages": "C", "TimeZone": "UTC", "listen_addresses": "", "max_connections": "100"}
    assert {name: value(cluster, f"SHOW {name}") for name in wanted} == wanted
    assert (
        value(cluster, "SELECT datcollate || ' ' || datctype FROM pg_database WHERE datname = 'onemap'") == "C C.UTF-8"
    )


def test_two_checkouts_never_meet(cluster_home: Path) -> None:
    one, other = started(cluster_home), started(cluster_home.with_name("other"))
    try:
        with psycopg.connect(one.dsn()) as connection:
            connection.execute("CREATE TABLE only_here (a int)")
        assert value(other, "SELECT to_regclass('only_here')") is None
        other.stop()
        assert one.status().running
    finally:
        other.stop()


def test_two_starts_at_once_make_one_cluster(cluster_home: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: PrivateCluster(cluster_home).start(), range(4)))
    assert len([pid for pid in live_processes(cluster_home / "data") if is_postmaster(pid)]) == 1


def is_postmaster(pid: int) -> bool:
    """Whether the process is a server's first: its command line is the program and its options."""
    try:
        return b"-D" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False  # it ended between the listing and the look: a server's helper, as they come and go


def test_it_starts_again_after_the_server_was_killed_in_the_middle_of_work(cluster_home: Path) -> None:
    cluster = started(cluster_home)
    with psycopg.connect(cluster.dsn()) as connection:
        connection.execute("CREATE TABLE whole (a int)")

    def busy() -> None:  # computing, it does not see that its postmaster is gone
        query = "INSERT INTO whole SELECT count(*) FROM generate_series(1, 2000000000)"
        with pytest.raises(psycopg.OperationalError), psycopg.connect(cluster.dsn()) as connection:
            connection.execute(query)

    worker = threading.Thread(target=busy)
    worker.start()
    while value(cluster, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'INSERT INTO whole%'") != 1:
        time.sleep(0.05)
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    cluster.start()
    worker.join(timeout=30)
    assert cluster.status().pid != pid
    assert value(cluster, "SELECT count(*) FROM whole") == 0


def test_a_dead_servers_number_given_to_another_program_is_no_hindrance(cluster_home: Path) -> None:
    cluster = started(cluster_home)
    recorded = (cluster.data / "postmaster.pid").read_text()
    owner = cluster.data.stat()
    cluster.stop()
    as_owner = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **as_owner) as stranger:
        stale = cluster.data / "postmaster.pid"
        stale.write_text("\n".join([str(stranger.pid), *recorded.split("\n")[1:]]))
        os.chown(stale, owner.st_uid, owner.st_gid)
        cluster.start()
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_set_up_is_made_anew(cluster_home: Path) -> None:
    half = cluster_home / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15")
    (half / "junk").touch()
    assert value(started(cluster_home), "SELECT 1") == 1
    assert not half.exists()


def test_a_data_directory_of_another_version_is_refused_and_left_alone(cluster_home: Path) -> None:
    cluster = started(cluster_home)
    cluster.stop()
    version = cluster.data / "PG_VERSION"
    right = version.read_text()
    version.write_text("12\n")
    with pytest.raises(ClusterError, match="was made by PostgreSQL 12") as caught:
        cluster.start()
    assert "apt-get install -y postgresql-12" in caught.value.message.zh
    version.write_text(right)
    cluster.start()


@pytest.mark.parametrize("name", ["一张 图+50%", "a" * 120, "it's, a map"])
def test_any_name_of_the_checkout_will_do(cluster_home: Path, name: str) -> None:
    home = cluster_home.with_name(name) / ".onemap"
    cluster = started(home)
    try:
        assert value(cluster, "SHOW data_directory", SUPERUSER) == str(home / "data")
    finally:
        cluster.stop()
        if cluster.socket_directory.parent == Path("/tmp"):
            shutil.rmtree(cluster.socket_directory)


def test_no_log_line_holds_a_row(cluster_home: Path) -> None:
    cluster = started(cluster_home)
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (phone text PRIMARY KEY)")
        connection.execute("INSERT INTO person VALUES ('13800000000')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('13800000000')")
        with pytest.raises(psycopg.errors.UniqueViolation), connection.cursor().copy("COPY person FROM STDIN") as copy:
            copy.write_row(("13800000000",))
    log = cluster.log.read_text()
    assert "duplicate key" in log
    assert "13800000000" not in log


@AS_ROOT
def test_the_server_is_not_root_and_other_users_do_not_reach_it(cluster_home: Path) -> None:
    cluster = started(cluster_home)
    assert Path(f"/proc/{cluster.status().pid}").stat().st_uid != 0
    knock = ["psql", "-X", "-c", "SELECT 1", cluster.dsn(user=SUPERUSER)]
    assert subprocess.run(knock, capture_output=True).returncode == 0
    stranger = subprocess.run(
        ["setpriv", "--reuid=65534", "--clear-groups", "--", *knock], capture_output=True, text=True
    )
    assert stranger.returncode != 0
    assert "Permission denied" in stranger.stderr


@AS_ROOT
def test_a_checkout_below_a_closed_directory_works(cluster_home: Path) -> None:
    closed = cluster_home.with_name("closed")
    closed.mkdir(mode=0o700)
    cluster = started(closed / ".onemap")
    try:
        assert value(cluster, "SELECT 1") == 1
    finally:
        cluster.stop()


START = """
import sys
from pathlib import Path
from geo.postgres import PrivateCluster
PrivateCluster(Path(sys.argv[1])).start()
"""


@AS_ROOT
def test_where_it_cannot_work_below_a_closed_directory_it_says_which(cluster_home: Path) -> None:
    closed = cluster_home.with_name("closed")
    closed.mkdir(mode=0o700)
    without = ["setpriv", "--bounding-set=-dac_read_search", "--inh-caps=-dac_read_search", "--"]
    run = subprocess.run(
        [*without, sys.executable, "-c", START, str(closed / "deep" / ".onemap")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0
    assert f"The directory {closed} is closed to the user postgres" in run.stderr
    assert f"chmod o+x {closed}" in run.stderr


@AS_ROOT
def test_a_user_without_root_has_a_cluster_of_his_own(cluster_home: Path) -> None:
    parent = cluster_home.parent
    os.chown(parent, 65534, 65534)
    # The capability only lets the interpreter be read where it lies below a closed directory.
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    as_nobody += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--"]
    run = subprocess.run(
        [*as_nobody, sys.executable, "-c", START, str(cluster_home)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert (cluster_home / "data").stat().st_uid == 65534
    cluster = PrivateCluster(cluster_home)
    cluster.start()  # as root: the cluster stays its maker's
    assert Path(f"/proc/{cluster.status().pid}").stat().st_uid == 65534


@AS_ROOT
def test_a_full_disk_is_named(cluster_home: Path) -> None:
    cluster_home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs", str(cluster_home)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        with pytest.raises(ClusterError, match="is full") as caught:
            PrivateCluster(cluster_home).start()
        assert f"df -h {cluster_home}" in caught.value.message.zh
        assert not (cluster_home / "data").exists()
    finally:
        subprocess.run(["umount", str(cluster_home)], check=True)
