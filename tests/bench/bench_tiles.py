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

from geo.cartography.risk_cells import RISK_CELLS
from geo.cartography.style_sources import MOST_RISKS
from geo.cartography.tile_address import TileAddress
from geo.cartography.tile_export import tiles_touching
from geo.cartography.tile_layers import told_columns
from geo.cartography.tiles import fetch_tile, tile_statement
from geo.database import Database
from geo.demo.loading import load_demo
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.bootstrap import ROLE, SUPERUSER
from geo.selection import Selection
from layers.registry import discover
from tests.bench.processor import Processor
from tests.bench.tile_data import POINTS_LAYER, POLYGONS_LAYER, fill, province
from tests.mvt import decode
from tests.wall.driving import free_port

REGISTRY = discover()
CONNECTIONS = 8
TILES = 120
OURS = "/tiles/" + POINTS_LAYER + "/{z}/{x}/{y}.mvt"
TIPG = (
    "/collections/public."
    + POINTS_LAYER
    + "/tiles/WebMercatorQuad/{z}/{x}/{y}?properties="
    + ",".join(told_columns(REGISTRY[POINTS_LAYER]))
)
OURS_SHAPES, TIPG_SHAPES = (
    template.replace(POINTS_LAYER, POLYGONS_LAYER).replace(",hazard_type", "") for template in (OURS, TIPG)
)


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Web Mercator metres of a place in degrees."""
    metres = 20_037_508.342789244
    return lon / 180 * metres, math.asinh(math.tan(math.radians(lat))) / math.pi * metres


def tiles_of(zooms: range) -> list[TileAddress]:
    """The tiles over the province."""
    area = shapely.transform(province(), lambda xy: [mercator(*each) for each in xy])
    return list(tiles_touching(area, zooms))


def database(directory: Path, points: int, polygons: int, *, with_demo: bool = False) -> str:
    """The DSN of a filled database of its own; filled once, migrated at each run. ``with_demo``: beside the city."""
    cluster = PrivateCluster(directory)
    cluster.start()
    name = f"tiles_{points}_{polygons}" + ("_city" if with_demo else "")
    with psycopg.connect(cluster.dsn("postgres", SUPERUSER), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            migrate(cluster.dsn(name))
            return cluster.dsn(name)
        connection.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
    with psycopg.connect(cluster.dsn(name, SUPERUSER), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
    migrate(cluster.dsn(name))
    if with_demo:
        load_demo(cluster.dsn(name))
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
    # As ``onemap serve`` does.
    loop = ["--loop", "uvloop", "--http", "httptools", "--no-server-header"]
    words = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port), *loop]
    environment = {"ONEMAP_DATABASE_URL": dsn, "ONEMAP_TILE_CACHE_MB": str(cache_mb), "ONEMAP_LOG_LEVEL": "ERROR"}
    return server([*words, "--no-access-log"], environment, port, "/health/live")


def tipg(python: str, dsn: str) -> AbstractContextManager[str]:
    """One worker of tipg on the same database."""
    port = free_port()
    query = parse_qs(urlsplit(dsn).query)
    theirs = f"postgresql://{query['user'][0]}@{quote(query['host'][0], safe='')}{urlsplit(dsn).path}"
    words = [python, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log"]
    return server(words, {"DATABASE_URL": theirs, "TIPG_DB_SCHEMAS": '["public"]'}, port, "/healthz")


def wrk(
    address: str, paths: list[str], seconds: int, connections: int = CONNECTIONS, pause_ms: int = 0
) -> tuple[float, float]:
    """Requests per second and median milliseconds, the paths in turn; an answer that is no tile is a fault.

    Each connection rests ``pause_ms`` before it asks again.
    """
    listed = ",".join(f'"{path}"' for path in paths)
    pause = f"delay = function() return {pause_ms} end" if pause_ms else ""
    script = f"""local paths = {{{listed}}}
{pause}
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
        words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", file.name, address]
        said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = re.search(r"OUT (\S+) (\S+) (\d+)", said)
    assert found is not None, said
    assert found[3] == "0", f"{found[3]} answers were no tiles"
    return float(found[1]), float(found[2])


def pgbench(dsn: str, tiles: list[TileAddress], seconds: int) -> float:
    """Transactions per second of the very SQL of these tiles."""
    with tempfile.TemporaryDirectory() as directory:
        # Prepared, as the service has it: planned once for a connection.
        words = ["pgbench", "-n", "-Mprepared", f"-c{CONNECTIONS}", "-j1", f"-T{seconds}"]
        for number, tile in enumerate(tiles):
            statement = tile_statement(Selection((REGISTRY[POINTS_LAYER],)), tile)
            values = [Literal(value).as_string(None) for value in statement.values]
            parts = re.split(r"\$(\d+)", statement.sql)
            sql = "".join(values[int(part) - 1] if place % 2 else part for place, part in enumerate(parts))
            script = Path(directory) / f"{number}.sql"
            script.write_text(" ".join(sql.split()) + ";\n")
            words += ["-f", str(script)]
        words += ["-d", dsn]
        environment = {
            **os.environ,
            "PGOPTIONS": "-c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off "
            "-c max_parallel_workers_per_gather=0",
        }
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


def far_tiles(address: str, template: str, most: int) -> None:
    """Time and size of the tiles of z5 to z11, cold: of each zoom all, or ``most`` of them evenly."""
    for z in range(5, 12):
        every = tiles_of(range(z, z + 1))
        some = every[:: max(1, len(every) // most)]
        found = [fetch(address + template.format(z=z, x=t.x, y=t.y)) for t in some]
        slowest, largest = max(each[0] for each in found), max(each[1] for each in found)
        middle = sorted(each[0] for each in found)[len(found) // 2]
        print(f"  z{z:<2}: {len(found):3} tiles, {middle:6.0f} ms median, {slowest:6.0f} ms slowest, "
              f"{largest / 1000:7.0f} KB largest", flush=True)  # fmt: skip


async def worst_are_all_there(dsn: str) -> None:
    """Every 红 of the layer is in the tiles of each far zoom, as itself or in a cell's count."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(f"SELECT count(*) FROM {POINTS_LAYER} WHERE grade = 'red'").fetchone()
    pool = Database(dsn, pool_size=1)
    for z in range(5, 9):
        red = 0
        for tile in tiles_of(range(z, z + 1)):
            drawn = decode((await fetch_tile(pool, Selection((REGISTRY[POINTS_LAYER],)), tile)).mvt)
            for each in [*drawn.get(POINTS_LAYER, []), *drawn.get(RISK_CELLS, [])]:
                if all(0 <= value < 4096 for value in each.points[0]):
                    alone = each.properties.get("grade") == "red"
                    red += int(each.properties.get("red") or (alone and "total" not in each.properties))
        print(f"  z{z}: {red:,} of {row[0] if row else 0:,} red")
    await pool.close()


def measured(name: str, address: str, dsn: str, paths: list[str], seconds: int) -> float:
    """Requests per second of these paths, printed with the processor time of each."""
    wrk(address, paths, 2)
    processor = Processor(address, dsn)
    rate, p50 = wrk(address, paths, seconds)
    server, database = processor.used()
    each = 1000 / (rate * seconds)
    print(f"{name:26} {rate:8.0f}/s  {p50:7.1f} ms   processor: {server * each:5.2f} ms + {database * each:5.2f} ms "
          f"of PostgreSQL", flush=True)  # fmt: skip
    return rate


def sizes(theirs: str, mine: str, there: list[str], here: list[str]) -> None:
    """Whether both have the same features: how many lie in the tiles themselves, and the mean sizes."""
    told = []
    for address, paths in ((theirs, there), (mine, here)):
        inside = size = 0
        for path in paths:
            with urllib.request.urlopen(address + path, timeout=60) as answer:
                tile = answer.read()
            size += len(tile)
            for features in decode(tile).values():
                inside += sum(all(0 <= value < 4096 for value in each.points[0]) for each in features)
        told.append((inside, size / len(paths) / 1000))
    (n, kb), (m, own_kb) = told
    print(f"the same {len(here)} tiles: {n:,} features inside and {kb:.1f} KB (tipg), {m:,} and {own_kb:.1f} KB with "
          "a margin for marks (ours)")  # fmt: skip


def compare(dsn: str, asked: argparse.Namespace) -> None:
    """Tiles of zoom 12, cold and warm, of points and of polygons; with tipg on the same database."""
    near = tiles_of(range(12, 13))
    random.Random(3).shuffle(near)
    near = near[:TILES]

    def paths(template: str) -> list[str]:
        return [template.format(z=t.z, x=t.x, y=t.y) for t in near]

    raw = pgbench(dsn, near, asked.seconds)
    print(f"pgbench, the same SQL      {raw:8.0f}/s", flush=True)
    theirs = shapes = 0.0
    if asked.tipg:
        with tipg(asked.tipg, dsn) as address:
            with ours(dsn, 0) as mine:
                sizes(address, mine, paths(TIPG), paths(OURS))
            theirs = measured("tipg, points", address, dsn, paths(TIPG), asked.seconds)
            shapes = measured("tipg, polygons", address, dsn, paths(TIPG_SHAPES), asked.seconds)
            print("tipg, far tiles (it stops at 10,000 features)")
            far_tiles(address, TIPG, asked.far)
    with ours(dsn, 0) as address:
        urllib.request.urlopen(address + "/style.json", timeout=60).close()
        cold = measured("ours, points, cold", address, dsn, paths(OURS), asked.seconds)
        print(
            f"    {cold / raw:.0%} of pgbench (bar 40%)" + (f", {cold / theirs:.1f} × tipg (bar 4)" if theirs else "")
        )
        cold = measured("ours, polygons, cold", address, dsn, paths(OURS_SHAPES), asked.seconds)
        print(f"    {cold / shapes:.1f} × tipg" if shapes else "")
        print("ours, far tiles, cold (bars 150 ms, 500 KB)")
        far_tiles(address, OURS, asked.far)
        print("the wall's tiles of all risks, cold")
        risks = ",".join(layer.name for layer in REGISTRY.values() if layer.graded)
        far_tiles(address, f"/tiles/{{z}}/{{x}}/{{y}}.mvt?layers={risks}&most={MOST_RISKS}", asked.far)
    with ours(dsn, 64) as address:
        urllib.request.urlopen(address + "/style.json", timeout=60).close()
        warm = measured("ours, points, warm", address, dsn, paths(OURS), asked.seconds)
        print(f"    {warm / theirs:.1f} × tipg (bar 20)" if theirs else "")


def main() -> None:
    """Run what is asked and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--polygons", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--far", type=int, default=40, help="most tiles of each far zoom")
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()) / "onemap-bench")
    parser.add_argument("--tipg", "--tipg-python", default="", help="a Python that has tipg and uvicorn")
    parser.add_argument("--only-far", action="store_true", help="only z5 to z11: for ten million points")
    asked = parser.parse_args()
    dsn = database(asked.directory, asked.points, asked.polygons)
    print(f"{asked.points:,} points, {asked.polygons:,} polygons; z12, {CONNECTIONS} connections, one worker")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    if asked.only_far:
        with ours(dsn, 0) as address:
            print("ours, far tiles, cold (bars 150 ms, 500 KB)")
            far_tiles(address, OURS, asked.far)
        if asked.tipg:
            with tipg(asked.tipg, dsn) as address:
                print("tipg, far tiles (it stops at 10,000 features)")
                far_tiles(address, TIPG, 3)
    else:
        compare(dsn, asked)
    asyncio.run(worst_are_all_there(dsn))


if __name__ == "__main__":
    main()
