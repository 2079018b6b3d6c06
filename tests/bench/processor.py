"""Processor time of a server and of its database connections: what a loaded machine's clock does not tell."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import psycopg

__all__ = ["Processor"]


def _seconds(process: int) -> float:
    """Processor seconds of all threads of a process since it began; 0 when it has ended."""
    found = 0.0
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{process}/task"):
            found += int(Path(f"/proc/{process}/task/{thread}/schedstat").read_text().split()[0]) / 1e9
    return found


class Processor:
    """Processor seconds that the server of ``address`` and the connections to ``dsn`` have used since it was made."""

    def __init__(self, address: str, dsn: str) -> None:
        port = address.rsplit(":", 1)[1]
        found = subprocess.run(["pgrep", "-f", f"uvicorn.*--port {port}"], capture_output=True, text=True, check=True)
        self._server = int(found.stdout.split()[0])
        with psycopg.connect(dsn) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        self._backends = [int(row[0]) for row in rows]
        self._before = self._now()

    def _now(self) -> tuple[float, float]:
        return _seconds(self._server), sum(map(_seconds, self._backends))

    def used(self) -> tuple[float, float]:
        """Seconds of the server and of the database."""
        server, database = self._now()
        return server - self._before[0], database - self._before[1]

    def resident_mb(self) -> float:
        """Memory of the server."""
        lines = Path(f"/proc/{self._server}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024
