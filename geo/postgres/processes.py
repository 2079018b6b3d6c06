"""Which processes work in a data directory (told by Linux's /proc), and the lock by which one caller starts them."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo.errors import ClusterError
from layers.text import Text

__all__ = ["discard_stale_locks", "exclusive", "live_processes", "postmaster_pid", "quit_orphans"]


def postmaster_pid(data: Path) -> int | None:
    """The postmaster of ``data`` by its own pid file, when a process of that number works in that directory.

    A process that we may not inspect (root in a container without CAP_SYS_PTRACE) is taken for the postmaster.
    """
    pid = _recorded_pid(data)
    return pid if pid is not None and _works_in(pid, data, unknown=True) else None


def _recorded_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):  # absent, or empty after a full disk
        return None


def _works_in(pid: int, data: Path, *, unknown: bool) -> bool:
    """Whether the process has ``data`` as its working directory; ``unknown`` where we may not look."""
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(data)
    except PermissionError:
        return unknown
    except (FileNotFoundError, ProcessLookupError):  # ended, or a zombie
        return False


def live_processes(data: Path) -> set[int]:
    """Processes known to work in ``data`` (an absolute, resolved path): postmaster and backends, orphans included."""
    numbers = [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]
    return {pid for pid in numbers if _works_in(pid, data, unknown=False)}


def quit_orphans(data: Path) -> None:
    """After the postmaster was killed: tell its remaining backends to leave (SIGQUIT: at once, nothing is written)."""
    if postmaster_pid(data) is None:
        for pid in live_processes(data):
            try:
                os.kill(pid, signal.SIGQUIT)
            except ProcessLookupError:
                continue


def discard_stale_locks(data: Path, socket_directory: Path) -> None:
    """Remove a dead postmaster's lock files, whose number the kernel may by now have given to another program."""
    if postmaster_pid(data) is None and not live_processes(data):
        for stale in (data / "postmaster.pid", *socket_directory.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)


@contextmanager
def exclusive(lock: Path, timeout_s: float) -> Iterator[None]:
    """Hold ``lock`` (a file beside the cluster) for the block; ClusterError when another holds it for too long."""
    with lock.open("a") as handle:
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise ClusterError(
                        Text(
                            zh=f"另一个 onemap 命令占用 {lock} 已超过 {timeout_s:.0f} 秒。请等它结束后重试。",
                            en=f"Another onemap command has held {lock} for more than {timeout_s:.0f} s. "
                            "Try again when it has ended.",
                        )
                    ) from None
                time.sleep(0.1)
        yield
