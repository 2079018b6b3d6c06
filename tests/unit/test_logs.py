"""Logs go to stderr, and are no reason for anything to fail."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from api.logs import configure_logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_full_disk_under_the_log_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(OSError, match="No space"),  # what closing still tells
        Path("/dev/full").open("w", buffering=1, encoding="utf-8") as stream,
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        configure_logs("INFO")
        structlog.get_logger().error("unforeseen", exc_info=ValueError("x"))
        is_alive = True
    assert is_alive
