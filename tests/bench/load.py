"""What a benchmark asks with: one worker of the service, wrk, and what is told of both afterwards."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.bench.land import EAST, NORTH, SOUTH, WEST
from tests.wall.driving import free_port

__all__ = ["CONNECTIONS", "INNER", "SECONDS", "loans", "memory_mb", "running", "service", "wait_for", "wrk"]

CONNECTIONS = 8
SECONDS = 20
INNER = (WEST + 0.1, SOUTH + 0.1, EAST - 0.1, NORTH - 0.1)


@contextmanager
def service(dsn: str, log: Path) -> Iterator[tuple[str, int]]:
    """One worker of the service; its address and process id."""
    port = free_port()
    environment = {**os.environ, "ONEMAP_DATABASE_URL": dsn, "ONEMAP_LOG_LEVEL": "ERROR"}
    words = ["-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port), "--no-access-log"]
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, *words], env=environment, stdout=output, stderr=output)
        try:
            wait_for(f"http://127.0.0.1:{port}/health/live")
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(20)


def wait_for(address: str, limit_s: float = 60) -> None:
    """Until ``address`` answers."""
    deadline = time.monotonic() + limit_s
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


_COUNT_BUSY = """
response = function(status, headers, body)
  if status == 503 and (headers["Retry-After"] or headers["retry-after"]) then busy = busy + 1 end
end
"""


def wrk(
    address: str, path: str, connections: int = CONNECTIONS, seconds: int | None = None, *, count_busy: bool = False
) -> dict[str, float]:
    """Requests per second and latencies (ms) of random places.

    ``path`` has @LON@ and @LAT@; or @W@ and @E@, the corners of a box of about 2 km each way; or @RING@, the places of
    a circle of 2 km, 64 of them and the first again. ``count_busy`` has wrk hand every answer to its script, a third
    more work for it on the processors that all share.
    """
    lasting_s = seconds or SECONDS
    script = f"""
math.randomseed(7)
local path = "{path}"
local round = string.find(path, "@RING@")
-- A circle of 2 km on GRS 80, to the decimetre.
local function ring(lon, lat)
  local sine = math.sin(math.rad(lat))
  local flat = 1 - 0.0066943800229 * sine * sine
  local high = math.deg(2000 / (6335439.327 / flat ^ 1.5))
  local wide = math.deg(2000 / (6378137 / flat ^ 0.5 * math.cos(math.rad(lat))))
  local places = {{}}
  for k = 0, 64 do
    local turn = -2 * math.pi * (k % 64) / 64
    places[k + 1] = string.format("%.7f+%.7f", lon + wide * math.sin(turn), lat + high * math.cos(turn))
  end
  return table.concat(places, ",")
end
request = function()
  local lon = {INNER[0]} + math.random() * {INNER[2] - INNER[0]}
  local lat = {INNER[1]} + math.random() * {INNER[3] - INNER[1]}
  local asked = string.gsub(string.gsub(string.gsub(string.gsub(path, "@LON@", lon), "@LAT@", lat),
    "@W@", (lon - 0.02) .. "," .. (lat - 0.018)), "@E@", (lon + 0.02) .. "," .. (lat + 0.018))
  if round then asked = string.gsub(asked, "@RING@", ring(lon, lat)) end
  return wrk.format("GET", asked)
end
local threads = {{}}
setup = function(thread)
  table.insert(threads, thread)
end
busy = 0
{_COUNT_BUSY if count_busy else ""}
done = function(summary, latency, requests)
  local refused = 0
  for _, thread in ipairs(threads) do refused = refused + thread:get("busy") end
  io.write(string.format("OUT %f %f %f %f %d %d %d\\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.bytes / summary.requests,
    summary.errors.status, summary.errors.timeout, refused))
end
"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        words = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{lasting_s}s",
            "--timeout",
            "30s",
            "-s",
            file.name,
            address,
        ]
        said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=lasting_s + 60).stdout
    found = re.search(r"OUT (\S+) (\S+) (\S+) (\S+) (\d+) (\d+) (\d+)", said)
    assert found is not None, said
    names = ("rps", "p50_ms", "p99_ms", "bytes", "errors", "timeouts", "busy")
    return dict(zip(names, map(float, found.groups()), strict=True))


def memory_mb(pid: int) -> float:
    """The resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found.group(1)) / 1024


def loans(address: str) -> float:
    """Database connections on loan, as the service tells its metrics."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        found = re.search(rb"^onemap_pool_loans (\S+)", answer.read(), re.MULTILINE)
    assert found is not None, "no onemap_pool_loans in /metrics"
    return float(found.group(1))


def running(dsn: str) -> int:
    """Statements of the service that the database still works on."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'onemap' AND state <> 'idle' "
            "AND query NOT LIKE 'LISTEN%'"
        ).fetchone()
    assert row is not None
    return int(row[0])
