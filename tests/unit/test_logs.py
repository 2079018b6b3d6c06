"""Logs go to stderr, and are no reason for anything to fail."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from api.logs import configure_logs


class _Full(io.StringIO):
    """What ``/dev/full`` is, without a close that fails too."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, f"no space left for {len(text)} characters")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "no space left")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_full_disk_under_the_log_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Full())
    configure_logs("INFO")
    structlog.get_logger().error("unforeseen", exc_info=ValueError("x"))
    with pytest.raises(OSError, match="no space"):
        print("the stream itself fails", file=sys.stderr)
