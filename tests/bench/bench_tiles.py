"""``make bench-tiles``: vector tiles against tipg and pgbench on the same million points, in one run.

Needs wrk and pgbench (apt-get install wrk postgresql-contrib), and for tipg's part an environment that holds it
(``--tipg PYTHON``). Everything runs on this machine's loopback, bounded in count and time. Figures of one run are
comparable with each other only.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import psycopg
import shapely
from psycopg.sql import Literal

from geo.cartography.tile_address import TileAddress
from geo.cartography.tile_export import tiles_touching
from geo.cartography.tiles import fetch_tile, tile_statement
from geo.database import Database
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.bootstrap import ROLE, SUPERUSER
from geo.selection import Selection
from layers.registry import discover
from tests.bench.tile_data import POINTS_LAYER, fill, province
from tests.mvt import decode
from tests.wall.driving import free_port

REGISTRY = discover()
CONNECTIONS = 8
TILES = 120
OURS = "/tiles/" + POINTS_LAYER + "/{z}/{x}/{y}.mvt"
TIPG = "/collections/public." + POINTS_LAYER + "/tiles/WebMercatorQuad/{z}/{x}/{y}"


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Web Mercator metres of a place in degrees."""
    metres = 20_037_508.342789244
    return lon / 180 * metres, math.asinh(math.tan(math.radians(lat))) / math.pi * metres


def tiles_of(zooms: range) -> list[TileAddress]:
    """The tiles over the province."""
    area = shapely.transform(province(), lambda xy: [mercator(*each) for each in xy])
    return list(tiles_touching(area, zooms))


def database(directory: Path, points: int, polygons: int) -> str:
    """The DSN of a filled database of its own; filled once, kept for the next run."""
    cluster = PrivateCluster(directory)
    cluster.start()
    name = f"tiles_{points}_{polygons}"
    with psycopg.connect(cluster.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return cluster.dsn(name)
        connection.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
    with psycopg.connect(cluster.dsn(name, SUPERUSER), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    migrate(cluster.dsn(name))
    fill(cluster.dsn(name), points, polygons)
    return cluster.dsn(name)


@contextmanager
def server(words: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[str]:
    """A server process that answers ``path``; its address."""
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        running = subprocess.Popen(words, env={**os.environ, **environment}, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 90
            while True:
                with suppress(OSError):
                    urllib.request.urlopen(address + path, timeout=5).close()
                    break
                if running.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(log.read().decode(errors="replace")[-2000:])
                time.sleep(0.2)
            yield address
        finally:
            running.terminate()
            running.wait(20)


def ours(dsn: str, cache_mb: int) -> AbstractContextManager[str]:
    """One worker of the service, as ``onemap serve`` starts it."""
    port = free_port()
    words = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port)]
    environment = {"ONEMAP_DATABASE_URL": dsn, "ONEMAP_TILE_CACHE_MB": str(cache_mb), "ONEMAP_LOG_LEVEL": "ERROR"}
    return server([*words, "--no-access-log"], environment, port, "/health/live")


def tipg(python: str, dsn: str) -> AbstractContextManager[str]:
    """One worker of tipg on the same database."""
    port = free_port()
    query = parse_qs(urlsplit(dsn).query)
    theirs = f"postgresql://{query['user'][0]}@{quote(query['host'][0], safe='')}{urlsplit(dsn).path}"
    words = [python, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log"]
    return server(words, {"DATABASE_URL": theirs, "TIPG_DB_SCHEMAS": '["public"]'}, port, "/healthz")


def wrk(address: str, paths: list[str], seconds: int) -> tuple[float, float]:
    """Requests per second and median milliseconds, the paths in turn; an answer that is no tile is a fault."""
    listed = ",".join(f'"{path}"' for path in paths)
    script = f"""local paths = {{{listed}}}
local n = 0
request = function() n = n % #paths + 1; return wrk.format("GET", paths[n]) end
done = function(summary, latency)
  io.write(string.format("OUT %f %f %d\\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1e3, summary.errors.status))
end
"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", file.name, address]
        said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = re.search(r"OUT (\S+) (\S+) (\d+)", said)
    assert found is not None, said
    assert found[3] == "0", f"{found[3]} answers were no tiles"
    return float(found[1]), float(found[2])


def pgbench(dsn: str, tiles: list[TileAddress], seconds: int) -> float:
    """Transactions per second of the very SQL of these tiles."""
    with tempfile.TemporaryDirectory() as directory:
        words = ["pgbench", "-n", f"-c{CONNECTIONS}", "-j1", f"-T{seconds}"]
        for number, tile in enumerate(tiles):
            statement = tile_statement(Selection((REGISTRY[POINTS_LAYER],)), tile)
            values = [Literal(value).as_string(None) for value in statement.values]
            parts = re.split(r"\$(\d+)", statement.sql)
            sql = "".join(values[int(part) - 1] if place % 2 else part for place, part in enumerate(parts))
            script = Path(directory) / f"{number}.sql"
            script.write_text(" ".join(sql.split()) + ";\n")
            words += ["-f", str(script)]
        words += ["-d", dsn]
        environment = {**os.environ, "PGOPTIONS": "-c jit=off -c plan_cache_mode=force_custom_plan"}
        said = subprocess.run(words, capture_output=True, text=True, timeout=seconds + 60, env=environment, check=False)
    found = re.search(r"tps = (\S+)", said.stdout)
    assert found is not None, said.stderr[-500:]
    return float(found[1])


def fetch(address: str) -> tuple[float, int]:
    """Milliseconds and bytes of one answer."""
    started = time.perf_counter()
    with urllib.request.urlopen(address, timeout=120) as answer:
        size = len(answer.read())
    return (time.perf_counter() - started) * 1000, size


def far_tiles(address: str, template: str) -> None:
    """Time and size of every tile of z5 to z8, cold."""
    for z in range(5, 9):
        found = [fetch(address + template.format(z=z, x=t.x, y=t.y)) for t in tiles_of(range(z, z + 1))]
        slowest, largest = max(each[0] for each in found), max(each[1] for each in found)
        middle = sorted(each[0] for each in found)[len(found) // 2]
        print(f"  z{z}: {len(found):3} tiles, {middle:6.0f} ms median, {slowest:6.0f} ms slowest, "
              f"{largest / 1000:7.0f} KB largest")  # fmt: skip


async def worst_are_all_there(dsn: str) -> None:
    """Every 红 of the layer is in the tiles of each far zoom, as itself or in a cell's count."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM {POINTS_LAYER} WHERE grade = 'red'").fetchone()
    pool = Database(dsn, pool_size=1)
    for z in range(5, 9):
        red = 0
        for tile in tiles_of(range(z, z + 1)):
            drawn = decode((await fetch_tile(pool, Selection((REGISTRY[POINTS_LAYER],)), tile)).mvt)
            for each in [*drawn.get(POINTS_LAYER, []), *drawn.get(POINTS_LAYER + ":cells", [])]:
                if all(0 <= value < 4096 for value in each.points[0]):
                    alone = each.properties.get("grade") == "red"
                    red += int(each.properties.get("red") or (alone and "total" not in each.properties))
        print(f"  z{z}: {red:,} of {row[0] if row else 0:,} red")
    await pool.close()


def main() -> None:
    """Run what is asked and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--polygons", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()) / "onemap-bench")
    parser.add_argument("--tipg", default="", help="a Python that has tipg and uvicorn")
    asked = parser.parse_args()
    dsn = database(asked.directory, asked.points, asked.polygons)
    near = tiles_of(range(12, 13))
    random.Random(3).shuffle(near)
    near = near[:TILES]
    here = [OURS.format(z=t.z, x=t.x, y=t.y) for t in near]
    there = [TIPG.format(z=t.z, x=t.x, y=t.y) for t in near]
    print(f"{asked.points:,} points, {asked.polygons:,} polygons; z12, {CONNECTIONS} connections, one worker")
    theirs = raw = 0.0
    raw = pgbench(dsn, near, asked.seconds)
    print(f"pgbench, the same SQL  {raw:8.0f}/s")
    if asked.tipg:
        with tipg(asked.tipg, dsn) as address:
            wrk(address, there, 2)
            theirs, p50 = wrk(address, there, asked.seconds)
            print(f"tipg                   {theirs:8.0f}/s   {p50:6.1f} ms")
            print("tipg, far tiles (it stops at 10,000 features)")
            far_tiles(address, TIPG)
    with ours(dsn, 0) as address:
        wrk(address, here, 2)
        cold, p50 = wrk(address, here, asked.seconds)
        print(f"ours, cold             {cold:8.0f}/s   {p50:6.1f} ms   {cold / raw:.0%} of pgbench (bar 40%)")
        if theirs:
            print(f"                       {cold / theirs:.1f} × tipg (bar 4)")
        print("ours, far tiles, cold (bars 150 ms, 500 KB)")
        far_tiles(address, OURS)
        print("ours, far tiles of all layers, cold")
        far_tiles(address, "/tiles/{z}/{x}/{y}.mvt")
    with ours(dsn, 64) as address:
        wrk(address, here, 2)
        warm, p50 = wrk(address, here, asked.seconds)
        print(f"ours, warm             {warm:8.0f}/s   {p50:6.1f} ms")
        if theirs:
            print(f"                       {warm / theirs:.1f} × tipg (bar 20)")
    asyncio.run(worst_are_all_there(dsn))


if __name__ == "__main__":
    main()
