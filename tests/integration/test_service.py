"""``onemap up | down | status`` as a user runs them: real processes, a real cluster, a free port."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api import background
from api.background import ServiceError, find_running, record
from geo.errors import InputError
from geo.postgres import PrivateCluster
from tests.conftest import ROOT


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """A copy of the program, so that nobody edits it meanwhile, with a port of its own, and the command on it."""

    def __init__(self, checkout: Path) -> None:
        for floor in ("api", "geo", "layers"):
            shutil.copytree(ROOT / floor, checkout / floor, ignore=shutil.ignore_patterns("node_modules", "src"))
        self.checkout = checkout
        self.state = checkout / ".onemap"
        self.port = free_port()
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEMAP_")}
        self.environment |= {"ONEMAP_LANG": "en"}

    def onemap(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", *words],
            cwd=self.checkout,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )

    def up(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Start it, without the demo."""
        return self.onemap("up", "--no-demo", "--port", str(self.port), **environment)

    def get(self, address: str) -> bytes:
        """What the service answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{address}", timeout=10) as answer:
            return bytes(answer.read())


@pytest.fixture
def installation() -> Iterator[Installation]:
    """An installation that is stopped and removed afterwards."""
    parent = Path(tempfile.mkdtemp(prefix="onemap-own-", dir="/tmp"))
    parent.chmod(0o755)
    made = Installation(parent / "onemap")
    yield made
    if running := find_running(made.state):
        background.stop(running)
    PrivateCluster(made.state).stop()
    shutil.rmtree(parent)


def test_up_serves_and_says_what_can_be_opened_and_down_keeps_the_data(installation: Installation) -> None:
    up = installation.up()
    assert up.returncode == 0, up.stderr
    for address in ("/", "/docs", "/risk?lon=", "/maps/image.png?"):
        assert f"http://localhost:{installation.port}{address}" in up.stdout
    assert json.loads(installation.get("/health/ready"))["status"] == "ready"
    with psycopg.connect(PrivateCluster(installation.state).dsn()) as connection:
        connection.execute("CREATE TABLE kept (a int)")

    assert installation.onemap("down").returncode == 0
    with pytest.raises(OSError, match="refused"):
        installation.get("/health/live")
    assert not PrivateCluster(installation.state).status().running

    assert installation.up().returncode == 0
    with psycopg.connect(PrivateCluster(installation.state).dsn()) as connection:
        assert connection.execute("SELECT to_regclass('kept') IS NOT NULL").fetchone() == (True,)


def test_up_again_leaves_a_running_service_alone_and_restarts_it_when_something_changed(
    installation: Installation,
) -> None:
    installation.up()
    first = find_running(installation.state)
    again = installation.up()
    assert "running already" in again.stderr
    assert find_running(installation.state) == first

    with (installation.checkout / "api/main.py").open("a") as code:
        code.write("# changed\n")
    changed = installation.up()
    assert "Restarting" in changed.stderr
    second = find_running(installation.state)
    assert first is not None
    assert second is not None
    assert second.pid != first.pid

    installation.port = free_port()
    assert installation.up().returncode == 0
    assert installation.get("/health/live")


def test_status_tells_what_runs_and_what_does_not(installation: Installation) -> None:
    before = installation.onemap("status", "--json")
    assert before.returncode == 3
    assert json.loads(before.stdout)["service"]["running"] is False

    installation.up()
    during = installation.onemap("status", "--json")
    assert during.returncode == 0, during.stdout + during.stderr
    told = json.loads(during.stdout)
    assert told["service"] == {
        "running": True,
        "ready": True,
        "pid": told["service"]["pid"],
        "url": f"http://localhost:{installation.port}",
        "code_is_current": True,
    }
    assert told["cluster"]["running"] is True
    assert told["database"]["migration"] == told["database"]["migration_head"] is not None
    assert told["database"]["postgis"].startswith("3.")
    assert f"http://localhost:{installation.port}" in installation.onemap("status").stdout


def test_after_kill_9_of_service_and_database_up_brings_both_back(installation: Installation) -> None:
    installation.up()
    service, database = find_running(installation.state), PrivateCluster(installation.state).status().pid
    assert service is not None
    assert database is not None
    os.kill(service.pid, signal.SIGKILL)
    os.kill(database, signal.SIGKILL)
    up = installation.up()
    assert up.returncode == 0, up.stderr
    assert json.loads(installation.get("/health/ready"))["status"] == "ready"


def test_a_port_in_use_is_named_with_another_to_take(installation: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.port))
        other.listen()
        up = installation.up()
    assert up.returncode == 1
    assert f"127.0.0.1:{installation.port} cannot be used" in up.stderr
    assert "make up PORT=" in up.stderr
    assert "Traceback" not in up.stderr


def test_the_users_own_postgis_needs_no_cluster(installation: Installation, database_url: str) -> None:
    up = installation.up(ONEMAP_DATABASE_URL=database_url)
    assert up.returncode == 0, up.stderr
    assert json.loads(installation.get("/health/ready"))["status"] == "ready"
    assert not (installation.state / "data").exists()
    told = json.loads(installation.onemap("status", "--json", ONEMAP_DATABASE_URL=database_url).stdout)
    assert told["cluster"] is None
    assert told["service"]["code_is_current"] is True


def test_a_database_that_does_not_answer_is_one_sentence_and_exit_code_3(installation: Installation) -> None:
    up = installation.up(ONEMAP_DATABASE_URL="postgresql://127.0.0.1:1/nowhere")
    assert up.returncode == 3
    assert "cannot be reached" in up.stderr
    assert "Traceback" not in up.stderr


def test_serve_is_the_same_in_the_foreground_and_ends_at_a_signal(installation: Installation) -> None:
    words = ["-c", "from api.cli import main; main()", "serve", "--no-demo", "--port", str(installation.port)]
    log = installation.state.with_name("serve.log")
    with (
        log.open("w") as output,
        subprocess.Popen(
            [sys.executable, *words],
            cwd=installation.checkout,
            env=installation.environment,
            stdout=output,
            stderr=output,
        ) as serving,
    ):
        deadline = time.monotonic() + 60
        while background.readiness("127.0.0.1", installation.port)[0] != 200 and time.monotonic() < deadline:
            assert serving.poll() is None, log.read_text()
            time.sleep(0.1)
        running = find_running(installation.state)
        assert running is not None
        assert running.pid == serving.pid
        serving.terminate()
        assert serving.wait(timeout=20) in (0, -signal.SIGTERM)
    assert find_running(installation.state) is None


def test_serve_beside_a_running_service_is_refused_so_that_down_still_finds_that(installation: Installation) -> None:
    assert installation.up().returncode == 0
    beside = installation.onemap("serve", "--port", str(free_port()), "--no-demo")
    assert beside.returncode != 0
    assert f":{installation.port}" in beside.stderr
    assert installation.onemap("down").returncode == 0
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", installation.port)) != 0


def test_a_record_of_a_process_that_is_gone_or_is_another_one_is_ignored(tmp_path: Path) -> None:
    assert find_running(tmp_path) is None
    with subprocess.Popen(["sleep", "60"]) as process:
        service = record(tmp_path, process.pid, "127.0.0.1", 8000, "f")
        assert find_running(tmp_path) == service
        (tmp_path / "service.json").write_text(
            (tmp_path / "service.json").read_text().replace(str(service.started), str(service.started - 1))
        )
        assert find_running(tmp_path) is None  # the number now belongs to another process
        record(tmp_path, process.pid, "127.0.0.1", 8000, "f")
        process.kill()
    assert find_running(tmp_path) is None
    (tmp_path / "service.json").write_text("{")
    assert find_running(tmp_path) is None


def test_a_service_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    def failing(host: str, port: int) -> list[str]:
        return [sys.executable, "-c", "import sys; print('it broke', file=sys.stderr); sys.exit(4)"]

    with pytest.raises(ServiceError, match="it broke"):
        background.start(tmp_path, tmp_path, "127.0.0.1", free_port(), "f", command=failing)


def test_a_service_that_never_gets_ready_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "READY_TIMEOUT_S", 0.5)

    def idle(host: str, port: int) -> list[str]:
        return [sys.executable, "-c", "import time; time.sleep(60)"]

    with pytest.raises(ServiceError, match="was not ready"):
        background.start(tmp_path, tmp_path, "127.0.0.1", free_port(), "f", command=idle)
    assert find_running(tmp_path) is None


def test_a_port_that_only_root_may_use_or_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be used"):
        background.require_free("192.0.2.1", 8000)
