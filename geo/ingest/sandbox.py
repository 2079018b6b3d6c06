"""An import in a process of its own, with limits of memory, processor time and patience.

Readers of formats are large and some are written in C: what a hostile file does to them ends with that process, its
transaction rolled back, while the caller goes on and says what happened. The process ends itself when its caller does.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from geo import errors
from geo.errors import FileTooLarge, FileUnreadable, ImportCancelled, ImporterLost, OnemapError
from geo.ingest.options import ImportOptions
from geo.ingest.progress import Progress, ProgressCallback, Stage
from geo.ingest.reading.drivers import confined
from layers.text import Text

__all__ = ["Limits", "import_in_sandbox"]

_ROOT = Path(__file__).resolve().parents[2]
_POLL_S = 0.25
_LAST_WORD_S = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one import may take: address space, processor time, and time by the clock."""

    memory_mb: int = 4096
    cpu_s: int = 900
    wall_s: float = 1800.0


def _environment() -> dict[str, str]:
    """Ours, without threads that would each reserve address space, and with no driver of GDAL that goes elsewhere."""
    single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "ARROW_NUM_THREADS"), "1")
    return os.environ | single | {"MALLOC_ARENA_MAX": "2"} | confined()


def _refusal(said: Mapping[str, object]) -> OnemapError:
    """The exception that the child told of."""
    kind = getattr(errors, str(said["kind"]), OnemapError)
    if not (isinstance(kind, type) and issubclass(kind, OnemapError)):
        kind = OnemapError
    field = said.get("field")
    return kind(Text(str(said["zh"]), str(said["en"])), field=None if field is None else str(field))


def _ended(path: Path, limits: Limits, status: int, stderr: str) -> OnemapError:
    """What a child's end without a word means."""
    short = stderr.strip().splitlines()[-1][:200] if stderr.strip() else f"exit status {status}"
    if status == -signal.SIGXCPU:
        return FileTooLarge(
            Text(
                f"读取 {path.name} 用了超过 {limits.cpu_s} 秒处理器时间,已中止;没有写入任何数据,请拆分后导入",
                f"reading {path.name} took over {limits.cpu_s} s of processor time and was stopped; nothing was "
                "written, split it",
            )
        )
    if status == -signal.SIGKILL:
        # No limit of ours kills so: somebody did, or the machine, which had no memory left.
        return ImporterLost(
            Text(
                f"导入 {path.name} 的进程被强行结束(可能是机器内存不足);没有写入任何数据,可以重新导入",
                f"the process that imported {path.name} was killed (the machine may have run out of memory); nothing "
                "was written, it can be imported again",
            )
        )
    starved = any(words in short.lower() for words in ("memory", "can't start new thread"))
    if starved or status in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
        return FileTooLarge(
            Text(
                f"读取 {path.name} 需要超过 {limits.memory_mb} MB 内存,已中止;没有写入任何数据,请检查文件或拆分",
                f"reading {path.name} needs over {limits.memory_mb} MB of memory and was stopped; nothing was written, "
                "check the file or split it",
            )
        )
    return FileUnreadable(
        Text(
            f"读取 {path.name} 时出现意外错误({short});没有写入任何数据",
            f"reading {path.name} failed unexpectedly ({short}); nothing was written",
        )
    )


class _Child:
    """The importing process and what it says, line by line."""

    def __init__(self, order: Mapping[str, object]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "geo.ingest.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_ROOT,
            env=_environment(),
            start_new_session=True,  # a Ctrl-C is for the caller, which then ends it
        )
        assert self.process.stdin is not None
        # The pipe stays open: its end tells the child that nobody waits any more.
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        self._selector = selectors.DefaultSelector()
        for stream, name in ((self.process.stdout, "out"), (self.process.stderr, "err")):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, name)
        self._pending = b""
        self.stderr = b""

    def lines(self) -> list[bytes] | None:
        """What was said within the next moment; None at the end."""
        told: list[bytes] = []
        for key, _ in self._selector.select(_POLL_S):
            chunk = os.read(key.fd, 1 << 20)
            if not chunk:
                self._selector.unregister(key.fileobj)
            elif key.data == "err":
                self.stderr = (self.stderr + chunk)[-20_000:]
            else:
                *whole, self._pending = (self._pending + chunk).split(b"\n")
                told.extend(whole)
        return told if told or self._selector.get_map() else None

    def end(self, patience_s: float = 0.0) -> int:
        """Kill it if it still runs after a moment of patience; its exit status."""
        try:
            status = self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._selector.close()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return status


def import_in_sandbox(
    dsn: str,
    path: Path,
    layer: str,
    options: ImportOptions,
    progress: ProgressCallback | None = None,
    *,
    run: UUID,
    limits: Limits | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, object]:
    """As ``import_file``, in a process of its own; returns the report as JSON has it.

    ``cancelled`` is asked several times a second; once it says yes the process is killed and nothing is written.

    Raises:
        FileTooLarge: it took more memory or time than ``limits`` allow.
        ImporterLost: somebody else killed it; it may be repeated.
        ImportCancelled: ``cancelled`` said so, or the run was closed.
        OnemapError: whatever ``import_file`` raises.
    """
    limits = limits or Limits()
    order = {
        "dsn": dsn,
        "path": str(path.absolute()),
        "layer": layer,
        "options": options.as_dict(),
        "run": str(run),
        "memory_mb": limits.memory_mb,
        "cpu_s": limits.cpu_s,
    }
    child = _Child(order)
    patience_s = 0.0
    try:
        answer, refusal = _listen(child, path, limits, progress, cancelled)
        patience_s = _LAST_WORD_S
    finally:
        status = child.end(patience_s)
    if refusal is not None:
        raise refusal
    if answer is None:
        raise _ended(path, limits, status, child.stderr.decode(errors="replace"))
    return answer


def _listen(
    child: _Child,
    path: Path,
    limits: Limits,
    progress: ProgressCallback | None,
    cancelled: Callable[[], bool],
) -> tuple[dict[str, object] | None, OnemapError | None]:
    """Hear the child to its end: its report, or its refusal, or neither."""
    deadline = time.monotonic() + limits.wall_s
    answer: dict[str, object] | None = None
    refusal: OnemapError | None = None
    while (lines := child.lines()) is not None:
        for line in lines:
            said = json.loads(line)
            if "report" in said:
                answer = said["report"]
            elif "refused" in said:
                refusal = _refusal(said["refused"])
            elif progress is not None:
                progress(Progress(Stage(said["stage"]), int(said["rows"]), float(said["fraction"])))
        if cancelled():
            raise ImportCancelled(Text("导入已取消,没有写入任何数据", "the import was cancelled; nothing was written"))
        if time.monotonic() > deadline:
            raise FileTooLarge(
                Text(
                    f"导入 {path.name} 超过 {limits.wall_s:g} 秒,已中止;没有写入任何数据",
                    f"importing {path.name} took over {limits.wall_s:g} s and was stopped; nothing was written",
                )
            )
    return answer, refusal
