"""The service as a process: its command line, its record in ``service.json``, its start and its end."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from geo.errors import InputError, OnemapError
from layers.text import Text

__all__ = [
    "Service",
    "ServiceError",
    "command_line",
    "find_running",
    "readiness",
    "record",
    "require_free",
    "start",
    "stop",
]

READY_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 20.0
LOG_LIMIT_BYTES = 10_000_000


class ServiceError(OnemapError):
    """The service's process did not start, did not become ready or did not end."""

    code: ClassVar[str] = "service"


@dataclass(frozen=True, slots=True)
class Service:
    """A running service; ``started``, in clock ticks since boot, tells it from a later process of the same number."""

    pid: int
    started: int
    host: str
    port: int
    fingerprint: str
    """Of the code and the settings that it runs with (api/fingerprint.py)."""

    @property
    def url(self) -> str:
        """Where a browser of this machine finds it."""
        return f"http://localhost:{self.port}"


def command_line(host: str, port: int) -> list[str]:
    """The service in the foreground: uvicorn on uvloop and httptools."""
    options = ["--factory", "--host", host, "--port", str(port), "--loop", "uvloop", "--http", "httptools"]
    options += ["--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "10"]
    return [sys.executable, "-m", "uvicorn", "api.main:create_app", *options]


def _started(pid: int) -> int | None:
    """When a live process began, in clock ticks since boot (field 22 of /proc/PID/stat); None when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else int(fields[19])


def record(state: Path, pid: int, host: str, port: int, fingerprint: str) -> Service:
    """Write down which process serves, for ``up``, ``down`` and ``status``."""
    service = Service(pid, _started(pid) or 0, host, port, fingerprint)
    fresh = state / "service.json.new"
    fresh.write_text(json.dumps(asdict(service)) + "\n")
    fresh.replace(state / "service.json")
    return service


def find_running(state: Path) -> Service | None:
    """The recorded service if its process still lives; a record that a kill or a power cut left is ignored."""
    try:
        service = Service(**json.loads((state / "service.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):  # never started, or a record of another version
        return None
    return service if _started(service.pid) == service.started else None


def require_free(host: str, port: int) -> None:
    """Raise InputError when another program listens on the port, or this user may not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InputError(
                Text(
                    f"无法使用 {host}:{port}（{error.strerror}）。请换一个端口：make up PORT={_other(port)}",
                    f"{host}:{port} cannot be used ({error.strerror}). Choose another: make up PORT={_other(port)}",
                ),
                field="port",
            ) from error


def _other(port: int) -> int:
    return port + 123 if 1024 <= port < 65_000 else 8123


def readiness(host: str, port: int) -> tuple[int, bytes]:
    """Status and body of ``/health/ready``; (0, the reason) while nobody answers."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(here, port, timeout=10)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error).encode()
    finally:
        connection.close()


def start(
    state: Path,
    directory: Path,
    host: str,
    port: int,
    fingerprint: str,
    *,
    command: Callable[[str, int], list[str]] = command_line,
) -> Service:
    """Serve in the background, logging to ``service.log``; return when ``/health/ready`` says so.

    Raises ServiceError with the log's last words when the process ends or does not become ready.
    """
    log = state / "service.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(state / "service.log.1")
    with log.open("ab") as output:
        already = output.tell()
        process = subprocess.Popen(
            command(host, port),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    service = record(state, process.pid, host, port, fingerprint)
    deadline = time.monotonic() + READY_TIMEOUT_S
    answer = (0, b"")
    while time.monotonic() < deadline and process.poll() is None:
        answer = readiness(host, port)
        if answer[0] == 200 and process.poll() is None:
            return service
        time.sleep(0.1)
    raise ServiceError(_why_not_ready(service, process, log, already, answer))


def _why_not_ready(
    service: Service, process: subprocess.Popen[bytes], log: Path, already: int, answer: tuple[int, bytes]
) -> Text:
    ended = process.poll()
    if ended is None:
        stop(service)
        process.wait()
        said = answer[1].decode(errors="replace")[:600]
        return Text(
            f"服务在 {READY_TIMEOUT_S:.0f} 秒内未就绪，已停止：{said}（日志：{log}）",
            f"The service was not ready within {READY_TIMEOUT_S:.0f} s and was stopped: {said} (log: {log})",
        )
    with log.open("rb") as file:
        file.seek(already)
        lines = file.read().decode(errors="replace").strip().splitlines()
    said = lines[-1] if lines else f"exit status {ended}"
    return Text(f"服务启动失败：{said}（日志：{log}）", f"The service did not start: {said} (log: {log})")


def stop(service: Service) -> None:
    """End the service: requests under way may finish; ServiceError when it cannot be ended."""
    for sign, patience_s in ((signal.SIGTERM, STOP_TIMEOUT_S), (signal.SIGKILL, 5.0)):
        if _started(service.pid) != service.started:
            return
        try:
            os.kill(service.pid, sign)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise ServiceError(
                Text(
                    f"服务（进程 {service.pid}）属于另一用户，无法停止。请以该用户或 sudo 运行：make down",
                    f"The service (process {service.pid}) is another user's. Run as that user or by sudo: make down",
                )
            ) from error
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and _started(service.pid) == service.started:
            time.sleep(0.05)
    if _started(service.pid) == service.started:
        raise ServiceError(
            Text(f"进程 {service.pid} 无法结束", f"The process {service.pid} could not be ended: kill -9 {service.pid}")
        )
