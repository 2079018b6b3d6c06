"""A private PostGIS cluster in a directory of its own: set up, started, stopped, and told about."""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from geo.errors import ClusterError
from geo.postgres.account import Account, account_for, bare_environment
from geo.postgres.binaries import Binaries, find_binaries
from geo.postgres.bootstrap import DATABASE, ROLE, SUPERUSER, prepare_database
from geo.postgres.configuration import HBA, configuration, memory_bytes
from geo.postgres.failures import explain
from geo.postgres.processes import discard_stale_locks, exclusive, postmaster_pid, quit_orphans
from geo.postgres.socket_directory import choose_socket_directory, prepare_socket_directory

__all__ = ["ClusterStatus", "PrivateCluster"]

START_TIMEOUT_S = 300
"""Recovery after a power cut replays up to max_wal_size of log before connections are taken."""

RETRY_S = 30.0
"""For how long a start is tried again while backends of a killed postmaster still hold its shared memory."""

LOCK_TIMEOUT_S = 330.0


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What can be told of a cluster without starting it."""

    exists: bool
    running: bool
    pid: int | None
    major: int | None
    data_directory: Path
    socket_directory: Path


class PrivateCluster:
    """The cluster in ``directory``: its data in ``data/``, its socket in ``socket/``, its log in ``postgres.log``.

    ``throwaway=True`` is for tests: it gives up durability for speed and dies with the thread that started it.
    Every method raises ClusterError, which says what failed and what mends it.
    """

    def __init__(self, directory: Path, *, throwaway: bool = False) -> None:
        self.directory = directory.resolve()
        self.data = self.directory / "data"
        self.log = self.directory / "postgres.log"
        self.socket_directory = choose_socket_directory(self.directory)
        self.throwaway = throwaway
        self._child: subprocess.Popen[bytes] | None = None

    def dsn(self, database: str = DATABASE, user: str = ROLE) -> str:
        """The libpq URL of a database of this cluster; through its Unix socket, without a password."""
        return f"postgresql:///{quote(database)}?host={quote(str(self.socket_directory))}&user={quote(user)}"

    def start(self) -> None:
        """Make sure that the cluster runs and holds the database with PostGIS; set it up where it does not exist."""
        self._make_home()
        with exclusive(self.directory / "cluster.lock", LOCK_TIMEOUT_S):
            account = account_for(self.directory, owner_of=self.data)
            binaries = find_binaries(self._major())
            self._initialise(account, binaries)
            if not self._answers():
                self._launch(account, binaries)
            prepare_database(self.dsn)

    def stop(self) -> None:
        """Stop the cluster: sessions are ended, the data is written out; nothing happens when it does not run."""
        if not self.data.exists():
            return
        with exclusive(self.directory / "cluster.lock", LOCK_TIMEOUT_S):
            if postmaster_pid(self.data) is None:
                quit_orphans(self.data)
                return
            account = account_for(self.directory, owner_of=self.data)
            program = find_binaries(self._major()).program("pg_ctl")
            mode = "immediate" if self.throwaway else "fast"
            done = account.run(program, "stop", "-D", str(self.data), "-m", mode, "-w", "-t", "120", timeout_s=150)
            if self._child is not None:
                self._child.wait(timeout=30)
            if done.returncode != 0 and postmaster_pid(self.data) is not None:
                raise ClusterError(explain("stop", done.stderr or done.stdout, self.directory))

    def status(self) -> ClusterStatus:
        """Whether the cluster exists and runs."""
        major = self._major()  # first: it says so when this user may not look
        pid = None if major is None else postmaster_pid(self.data)
        return ClusterStatus(
            exists=self.data.exists(),
            running=pid is not None,
            pid=pid,
            major=major,
            data_directory=self.data,
            socket_directory=self.socket_directory,
        )

    def _make_home(self) -> None:
        try:
            if not self.directory.exists():
                self.directory.mkdir(parents=True, exist_ok=True)
                self.directory.chmod(0o755)  # whatever the umask: the cluster's user passes through
            (self.directory / "cluster.lock").touch()
        except OSError as error:
            raise ClusterError(explain("make", str(error), self.directory)) from error

    def _major(self) -> int | None:
        """The major version that made the data directory, when there is one."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise ClusterError(explain("read", str(error), self.directory)) from error

    def _initialise(self, account: Account, binaries: Binaries) -> None:
        """Run initdb in a directory beside, renamed only when it is whole: what a killed initdb leaves is made anew."""
        if self.data.exists():
            return
        fresh = self.directory / "data.new"
        try:
            if fresh.exists():
                shutil.rmtree(fresh)
            fresh.mkdir(mode=0o700)
            account.own(fresh)
        except OSError as error:
            raise ClusterError(explain("make", str(error), self.directory)) from error
        options = ["--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--no-instructions"]
        options += ["--lc-collate", "C", "--lc-ctype", "C.UTF-8", "--lc-messages", "C", "--data-checksums"]
        options += ["--no-sync"] if self.throwaway else []
        done = account.run(binaries.program("initdb"), "-D", str(fresh), *options)
        if done.returncode != 0:
            shutil.rmtree(fresh)
            raise ClusterError(explain("initdb", done.stderr or done.stdout, self.directory))
        with (fresh / "postgresql.conf").open("a") as file:
            file.write("include 'onemap.conf'\n")
        (fresh / "pg_hba.conf").write_text(HBA)
        fresh.rename(self.data)

    def _launch(self, account: Account, binaries: Binaries) -> None:
        """Start the postmaster, trying again while the remains of a killed one are still in the way."""
        try:
            prepare_socket_directory(self.socket_directory, account)
            settings = self.data / "onemap.conf"
            settings.write_text(configuration(self.socket_directory, memory_bytes(), throwaway=self.throwaway))
            self.log.touch()
            account.own(settings)
            account.own(self.log)
        except OSError as error:
            raise ClusterError(explain("make", str(error), self.directory)) from error
        deadline = time.monotonic() + RETRY_S
        while True:
            quit_orphans(self.data)
            discard_stale_locks(self.data, self.socket_directory)
            already = self.log.stat().st_size
            if self._launched(account, binaries):
                return
            said = self.log.read_bytes()[already:].decode(errors="replace")
            in_the_way = "pre-existing shared memory" in said or "lock file" in said
            if not in_the_way or time.monotonic() > deadline:
                raise ClusterError(explain("start", said, self.directory))
            time.sleep(0.5)

    def _launched(self, account: Account, binaries: Binaries) -> bool:
        if self.throwaway:
            return self._launched_as_child(account, binaries)
        words = ("start", "-D", str(self.data), "-l", str(self.log), "-w", "-t", str(START_TIMEOUT_S))
        return account.run(binaries.program("pg_ctl"), *words, timeout_s=START_TIMEOUT_S + 30).returncode == 0

    def _launched_as_child(self, account: Account, binaries: Binaries) -> bool:
        """Run the postmaster as a child that the kernel ends with us, even when we are killed."""
        dying = ("setpriv", "--pdeathsig", "QUIT", "--", binaries.program("postgres"), "-D", str(self.data))
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                account.command(*dying),
                cwd="/",
                env=bare_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 60
        while self._child.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        """Whether a server of exactly this data directory takes connections."""
        try:
            with psycopg.connect(self.dsn("postgres", SUPERUSER), connect_timeout=5, autocommit=True) as connection:
                row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        except psycopg.OperationalError:
            return False
        return row is not None and row[0] == str(self.data)
