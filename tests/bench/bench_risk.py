"""``make bench-risk``: the service against the raw database, tipg and GeoPandas, all on the same features in one run.

Needs wrk and pgbench (apt-get install wrk postgresql-contrib); tipg in the environment for its part. Everything runs
on this machine's loopback, bounded in count and time. Figures of one run are comparable with each other only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
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
from urllib.parse import parse_qs, quote, urlsplit

import geopandas as gpd
import numpy as np
import psycopg
import shapely
from pyproj import Geod

from api.settings import Settings
from geo.database import Database, Statement
from geo.risk import RiskQuery, default_rules
from geo.risk.batch import BatchPlan, batch_answers
from geo.risk.index_sql import index_statement
from geo.risk.sites import Site
from geo.risk.sql import risk_statement
from layers.registry import discover
from tests.bench.land import EAST, LAYERS, NORTH, SOUTH, WEST, land
from tests.wall.driving import free_port

REGISTRY = discover()
RADIUS_M = 2000.0
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


def wrk(address: str, path: str, connections: int = CONNECTIONS, seconds: int | None = None) -> dict[str, float]:
    """Requests per second and latencies (ms) of random places; ``path`` has %LON% and %LAT%."""
    lasting_s = seconds or SECONDS
    script = f"""
math.randomseed(7)
request = function()
  local lon = {INNER[0]} + math.random() * {INNER[2] - INNER[0]}
  local lat = {INNER[1]} + math.random() * {INNER[3] - INNER[1]}
  return wrk.format("GET", (string.gsub(string.gsub(string.gsub(string.gsub("{path}", "@LON@", lon), "@LAT@", lat),
    "@W@", (lon - 0.02) .. "," .. (lat - 0.018)), "@E@", (lon + 0.02) .. "," .. (lat + 0.018))))
end
done = function(summary, latency, requests)
  io.write(string.format("OUT %f %f %f %f %d %d\\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.bytes / summary.requests,
    summary.errors.status, summary.errors.timeout))
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
    found = re.search(r"OUT (\S+) (\S+) (\S+) (\S+) (\d+) (\d+)", said)
    assert found is not None, said
    names = ("rps", "p50_ms", "p99_ms", "bytes", "errors", "timeouts")
    return dict(zip(names, map(float, found.groups()), strict=True))


def _literal(value: object) -> str:
    """A value that is the same for every place; bytes in hexadecimal, whatever the client library would write."""
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return "ARRAY[" + ", ".join(f"'\\x{each.hex()}'::bytea" for each in value) + "]"
    return psycopg.sql.Literal(value).as_string(None)


def pgbench_script(statements: list[tuple[Statement, Statement]]) -> str:
    """The service's own SQL for random places: what differs between two places becomes an expression of :lon, :lat."""
    west, south, east, north = INNER
    lines = [
        f"\\set lon {west} + random(0, 1000000) / 1000000.0 * {east - west}",
        f"\\set lat {south} + random(0, 1000000) / 1000000.0 * {north - south}",
    ]
    plane = (
        "format('+proj=aeqd +lat_0=%s +lon_0=%s +ellps=GRS80 +units=m +no_defs +type=crs', :lat::float8, :lon::float8)"
    )
    for here, there in statements:
        assert here.sql == there.sql
        sql = here.sql
        for number in range(len(here.values), 0, -1):
            one, other = here.values[number - 1], there.values[number - 1]
            if one == other:
                literal = _literal(one)
            elif isinstance(one, float):
                literal = ":lon" if WEST <= one <= EAST else ":lat"
            elif isinstance(one, list) and isinstance(one[0], str):
                literal = f"ARRAY[{plane}]"
            elif isinstance(one, list):
                literal = "ARRAY[ST_AsBinary(ST_MakePoint(:lon, :lat))]"
            else:
                raise TypeError(f"parameter {number} is a {type(one).__name__}")
            sql = sql.replace(f"${number}::", f"({literal})::")
        lines.append(re.sub(r"\s+", " ", sql).strip() + ";")
    return "\n".join(lines) + "\n"


def pgbench(dsn: str, script: str) -> dict[str, float]:
    """Transactions per second and mean latency (ms) of the script, with the service's own session settings."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        words = ["-n", "-M", "simple", "-c", str(CONNECTIONS), "-j", "1", "-T", str(SECONDS), "-f", file.name, dsn]
        binary = next(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
        environment = {**os.environ, "PGOPTIONS": "-c jit=off"}
        said = subprocess.run(
            [str(binary), *words], capture_output=True, text=True, check=True, env=environment, timeout=SECONDS + 90
        ).stdout
    rates = re.search(r"tps = (\S+)", said)
    latency = re.search(r"latency average = (\S+)", said)
    assert rates is not None, said
    assert latency is not None, said
    return {"rps": float(rates.group(1)), "mean_ms": float(latency.group(1))}


def check_plans(dsn: str) -> None:
    """Every layer's candidates come by its geography index."""
    query = RiskQuery.at(116.0, 27.0, (RADIUS_M,), REGISTRY)
    statement = risk_statement(query)

    async def plan() -> str:
        database = Database(dsn)
        try:
            async with database.connection() as connection:
                rows = await connection.fetch(f"EXPLAIN {statement.sql}", *statement.values)
        finally:
            await database.close()
        return "\n".join(row[0] for row in rows)

    text = asyncio.run(plan())
    for layer in LAYERS:
        assert f"{layer}_geography" in text, f"{layer} is read without its index"
        assert f"Seq Scan on {layer} " not in text, f"{layer} is read whole"
    print("plans: every layer by its geography index, no table read whole")


def against_pgbench(dsn: str, folder: Path, tipg_python: str) -> None:
    """GET /risk against the same SQL in pgbench."""
    places = [RiskQuery.at(lon, lat, (RADIUS_M,), REGISTRY) for lon, lat in ((116.0, 27.0), (115.5, 26.5))]
    searched, rules = tuple(REGISTRY.searchable()), default_rules()
    plain = pgbench_script([tuple(risk_statement(query) for query in places)])  # type: ignore[list-item]
    scored = plain + pgbench_script([tuple(index_statement(query, rules, searched) for query in places)])  # type: ignore[list-item]
    with service(dsn, folder / "service.log") as (address, pid):
        path = f"/risk?lon=@LON@&lat=@LAT@&radius_m={RADIUS_M:g}"
        wrk(address, f"{path}&include=", seconds=5)
        for name, include, script in (("features", "", plain), ("features + index", "index", scored)):
            raw = pgbench(dsn, script)
            served = wrk(address, f"{path}&include={include}")
            spread = served["p99_ms"] / served["p50_ms"]
            print(
                f"GET /risk ({name}): {served['rps']:.1f}/s, p50 {served['p50_ms']:.1f} ms, "
                f"p99 {served['p99_ms']:.1f} ms (p99/p50 {spread:.1f}), {served['bytes'] / 1e3:.0f} kB each, "
                f"errors {served['errors']:.0f}; pgbench {raw['rps']:.1f}/s → {served['rps'] / raw['rps']:.0%}",
                flush=True,
            )
        against_tipg(dsn, address, folder, tipg_python)
        sys.stdout.flush()
        hold = wrk(address, f"{path}&include=", connections=200, seconds=60)
        after = wrk(address, f"{path}&include=", seconds=5)
        memory = memory_mb(pid)
        print(
            f"200 connections, 60 s: {hold['rps']:.1f}/s, p50 {hold['p50_ms']:.0f} ms, refused {hold['errors']:.0f}, "
            f"timeouts {hold['timeouts']:.0f}; right after p50 {after['p50_ms']:.1f} ms; service memory {memory:.0f} MB"
        )


def memory_mb(pid: int) -> float:
    """The resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found.group(1)) / 1024


def against_tipg(dsn: str, address: str, folder: Path, python: str) -> None:
    """One layer within a box of the same size: our /risk against tipg's items."""
    if subprocess.run([python, "-c", "import tipg"], capture_output=True, check=False).returncode:
        print("tipg: not installed, left out (pip install tipg uvicorn in any environment, then --tipg-python)")
        return
    port = free_port()
    # tipg wants its host before the slash; asyncpg takes a percent-encoded socket directory there.
    socket = quote(parse_qs(urlsplit(dsn).query)["host"][0], safe="")
    theirs_dsn = f"postgresql://{parse_qs(urlsplit(dsn).query)['user'][0]}@{socket}{urlsplit(dsn).path}"
    environment = {**os.environ, "DATABASE_URL": theirs_dsn, "TIPG_DB_SCHEMAS": '["public"]'}
    words = ["-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log", "--log-level", "error"]
    with (folder / "tipg.log").open("wb") as output:
        process = subprocess.Popen([python, *words], env=environment, stdout=output, stderr=output)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            theirs = wrk(
                f"http://127.0.0.1:{port}", "/collections/public.shelters/items?f=geojson&limit=1000&bbox=@W@,@E@"
            )
        finally:
            process.terminate()
            process.wait(20)
    ours = wrk(address, f"/risk?lon=@LON@&lat=@LAT@&radius_m={RADIUS_M:g}&layers=shelters&include=&nearest=0")
    print(
        f"one layer: ours {ours['rps']:.1f}/s ({ours['bytes'] / 1e3:.0f} kB), tipg items {theirs['rps']:.1f}/s "
        f"({theirs['bytes'] / 1e3:.0f} kB, errors {theirs['errors']:.0f}) → {ours['rps'] / theirs['rps']:.1f}×"
    )


def against_geopandas(dsn: str, sites: int) -> None:
    """A batch of sites against GeoPandas doing the same from the same database, end to end."""
    chance = np.random.default_rng(3)
    lons = chance.uniform(INNER[0], INNER[2], sites)
    lats = chance.uniform(INNER[1], INNER[3], sites)
    asked = [Site(n, str(n), float(x), float(y), RADIUS_M) for n, (x, y) in enumerate(zip(lons, lats, strict=True), 1)]
    plan = BatchPlan(tuple(REGISTRY[name] for name in LAYERS))

    async def ours() -> list[int]:
        database = Database(dsn, pool_size=4, statement_timeout_s=300)
        try:
            return [json.loads(line)["total"] async for line in batch_answers(database, asked, plan)]
        finally:
            await database.close()

    started = time.monotonic()
    totals = asyncio.run(ours())
    ours_s = time.monotonic() - started
    theirs, kernel_s, theirs_s = _geopandas_totals(dsn, lons, lats)
    different = int((np.array(totals) != theirs).sum())
    print(
        f"batch of {sites:,} sites at {RADIUS_M:g} m: ours {ours_s:.1f} s; GeoPandas end to end {theirs_s:.1f} s "
        f"→ {theirs_s / ours_s:.1f}×; its STRtree and Geod alone {kernel_s:.1f} s ({kernel_s / ours_s:.2f}×); "
        f"{different} sites counted differently"
    )


def _geopandas_totals(dsn: str, lons: np.ndarray, lats: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Counts per site, seconds of tree and distances, seconds in all. Polygons: their corners and edges by Geod."""
    from sqlalchemy import create_engine

    geod, engine = Geod(ellps="GRS80"), create_engine(dsn.replace("postgresql:", "postgresql+psycopg:"))
    totals, kernel_s, started = np.zeros(len(lons), dtype=int), 0.0, time.monotonic()
    boxes = shapely.box(lons - 0.022, lats - 0.019, lons + 0.022, lats + 0.019)
    for layer in LAYERS:
        with engine.connect() as connection:
            frame = gpd.read_postgis(f"SELECT source_id, grade, geom FROM {layer}", connection)
        began = time.monotonic()
        asked, near = shapely.STRtree(frame.geometry.values).query(boxes)
        shapes = frame.geometry.values[near]
        if LAYERS[layer].startswith("ST_Set"):
            x, y = shapely.get_x(shapes), shapely.get_y(shapes)
        else:
            # The squares lie along the axes: the nearest place of one is the asked place, clipped to it.
            x0, y0, x1, y1 = shapely.bounds(shapes).T
            x, y = np.clip(lons[asked], x0, x1), np.clip(lats[asked], y0, y1)
        _, _, distance = geod.inv(lons[asked], lats[asked], x, y)
        np.add.at(totals, asked[np.asarray(distance) <= RADIUS_M], 1)
        kernel_s += time.monotonic() - began
    return totals, kernel_s, time.monotonic() - started


def main() -> None:
    """Fill, then measure."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=1_000_000, help="features in each of the six layers")
    words.add_argument("--sites", type=int, default=10_000)
    words.add_argument("--tipg-python", default=sys.executable, help="the Python of an environment with tipg")
    given = words.parse_args()
    print(f"six layers × {given.rows:,} features over {EAST - WEST:.1f}° × {NORTH - SOUTH:.1f}°", flush=True)
    with land(given.rows) as dsn, tempfile.TemporaryDirectory() as folder:
        Settings(database_url=dsn)
        check_plans(dsn)
        against_pgbench(dsn, Path(folder), given.tipg_python)
        against_geopandas(dsn, given.sites)


if __name__ == "__main__":
    main()
