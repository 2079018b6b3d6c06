"""One throw-away cluster per test run: started when the first test asks, shared by all workers, gone with pytest.

The pytest that the user started (with xdist: the controller) keeps a thread that waits on a Unix socket. A test's
process asks there for the cluster; the thread starts it as its own child, so that the kernel ends the server when
pytest ends, by whatever signal. What a killed run left below /tmp is swept away by the next one.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Client, Listener
from pathlib import Path
from uuid import uuid4

import psycopg

from geo.demo.loading import load_demo
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.bootstrap import ROLE, SUPERUSER

ADDRESS = "ONEMAP_TEST_CLUSTER"
"""The environment variable that tells xdist's workers where to ask."""

PARENT = Path("/tmp")
PREFIX = "onemap-test-"
TEMPLATE = "onemap_template"
DEMO_TEMPLATE = "onemap_demo_template"


class Keeper:
    """The side of the process that pytest's user started."""

    def __init__(self) -> None:
        sweep()
        self.home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PARENT))
        self.home.chmod(0o711)  # the cluster's user passes through; what is inside has modes of its own
        self._lock = (self.home / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        (self.home / "ask").mkdir(mode=0o700)
        self.address = str(self.home / "ask" / "socket")
        self._listener = Listener(self.address, family="AF_UNIX")
        self._cluster = PrivateCluster(self.home / "c", throwaway=True)
        self._answers: dict[bytes, bytes] = {}
        self._thread = threading.Thread(target=self._serve, name="throw-away cluster", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the cluster if it was ever started, and remove what it left."""
        with Client(self.address, family="AF_UNIX") as connection:
            connection.send_bytes(b"stop")
        self._thread.join(timeout=60)
        self._listener.close()
        self._lock.close()
        shutil.rmtree(self.home)

    def _serve(self) -> None:
        while True:
            with self._listener.accept() as connection:
                wanted = connection.recv_bytes()
                if wanted == b"stop":
                    break
                connection.send_bytes(self._answer(wanted))
        self._cluster.stop()

    def _answer(self, wanted: bytes) -> bytes:
        """Make what is wanted (the name of a template), once; tell where the cluster is, or why it cannot be made."""
        if wanted not in self._answers:
            try:
                self._make(wanted.decode())
                self._answers[wanted] = json.dumps({"home": str(self._cluster.directory)}).encode()
            except Exception as error:  # noqa: BLE001 - whatever it is, each test that asked raises it
                self._answers[wanted] = json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()
        return self._answers[wanted]

    def _make(self, template: str) -> None:
        self._cluster.start()
        if template == TEMPLATE:
            make_template(self._cluster)
        else:
            self._answer(TEMPLATE.encode())
            make_demo_template(self._cluster)


def make_template(cluster: PrivateCluster) -> None:
    """Make the migrated database that each test's own is copied from."""
    administer(cluster, f"CREATE DATABASE {TEMPLATE} OWNER {ROLE}")
    with psycopg.connect(cluster.dsn(TEMPLATE, SUPERUSER), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    migrate(cluster.dsn(TEMPLATE))
    administer(cluster, f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false")


def make_demo_template(cluster: PrivateCluster) -> None:
    """Make the same with the demo city in it."""
    administer(cluster, f"CREATE DATABASE {DEMO_TEMPLATE} TEMPLATE {TEMPLATE} OWNER {ROLE}")
    load_demo(cluster.dsn(DEMO_TEMPLATE))
    with psycopg.connect(cluster.dsn(DEMO_TEMPLATE, SUPERUSER), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # a copy keeps the statistics, so its plans are those of a real database
    administer(cluster, f"ALTER DATABASE {DEMO_TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false")


def administer(cluster: PrivateCluster, statement: str) -> None:
    """Run one statement on the cluster as its superuser."""
    with psycopg.connect(cluster.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(statement)


def ask(template: str = TEMPLATE) -> PrivateCluster:
    """The cluster of this run, holding ``template``; RuntimeError with the reason when it cannot be made."""
    with Client(os.environ[ADDRESS], family="AF_UNIX") as connection:
        connection.send_bytes(template.encode())
        answer = json.loads(connection.recv_bytes())
    if "error" in answer:
        raise RuntimeError(f"The throw-away cluster did not start. {answer['error']}")
    return PrivateCluster(Path(answer["home"]), throwaway=True)


@contextmanager
def database_of_its_own(cluster: PrivateCluster, template: str = TEMPLATE) -> Iterator[str]:
    """The URL of a database of nobody else's, a copy of ``template``; dropped afterwards, whoever still reads it."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(cluster.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {ROLE}")
        try:
            yield cluster.dsn(name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def sweep() -> None:
    """Remove the directories of runs that were killed: theirs are those whose lock nobody holds."""
    for home in PARENT.glob(f"{PREFIX}*"):
        try:
            with (home / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(home)
        except OSError:  # in use, somebody else's, or another run sweeps it at this moment
            continue
