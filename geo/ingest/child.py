"""The importing process: limits itself, imports, and says on stdout what it does, one JSON object a line.

It is started by ``sandbox.py`` as ``python -m geo.ingest.child`` with its order on stdin; when stdin ends, so does it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
from pathlib import Path
from typing import TextIO
from uuid import UUID

from geo.errors import FileTooLarge, OnemapError
from geo.ingest.into import import_into
from geo.ingest.options import ImportOptions
from geo.ingest.progress import Progress
from layers.text import Text

__all__ = ["main"]

_ABANDONED = 70


def _say(out: TextIO, said: object) -> None:
    out.write(json.dumps(said, ensure_ascii=True, default=str) + "\n")
    out.flush()


def _limit(memory_mb: int, cpu_s: int) -> None:
    memory = memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _leave_with_caller() -> None:
    """End at once when nobody holds the other side of stdin: an unfinished transaction is rolled back."""

    def wait() -> None:
        while os.read(0, 4096):
            pass
        os._exit(_ABANDONED)

    threading.Thread(target=wait, daemon=True).start()


def _order() -> dict[str, object]:
    """The first line of stdin, read byte by byte so that what follows stays in the pipe."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    order: dict[str, object] = json.loads(line)
    return order


def main() -> int:
    """Import as ordered; 0 when what was to be said is said."""
    # Libraries write to stdout now and then: what is said here goes out by a descriptor of its own.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    order = _order()
    _leave_with_caller()
    options = order["options"]
    assert isinstance(options, dict)
    _limit(int(str(order["memory_mb"])), int(str(order["cpu_s"])))

    def tell(progress: Progress) -> None:
        _say(out, {"stage": progress.stage.value, "rows": progress.rows, "fraction": progress.fraction})

    path = Path(str(order["path"]))
    try:
        report = import_into(
            str(order["dsn"]),
            path,
            str(order["layer"]),
            ImportOptions.from_dict(options),
            tell,
            run=UUID(str(order["run"])),
        )
    except MemoryError:
        refused = FileTooLarge(
            Text(
                f"读取 {path.name} 需要超过 {order['memory_mb']} MB 内存,已中止;没有写入任何数据,请检查文件或拆分",
                f"reading {path.name} needs over {order['memory_mb']} MB of memory and was stopped; nothing was "
                "written, check the file or split it",
            )
        )
        _refuse(out, refused)
    except OnemapError as error:
        _refuse(out, error)
    else:
        _say(out, {"report": report.as_dict()})
    return 0


def _refuse(out: TextIO, error: OnemapError) -> None:
    said = {"kind": type(error).__name__, "field": error.field, "zh": error.message.zh, "en": error.message.en}
    _say(out, {"refused": said})


if __name__ == "__main__":
    sys.exit(main())
