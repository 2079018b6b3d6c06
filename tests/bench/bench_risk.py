"""``make bench-risk``: the service against the raw database, tipg and GeoPandas, all on the same features in one run.

Needs wrk and pgbench (apt-get install wrk postgresql-contrib); tipg in the environment for its part. Everything runs
on this machine's loopback, bounded in count and time. Figures of one run are comparable with each other only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod

from api.settings import Settings
from geo.database import Database
from geo.risk import RiskQuery, default_rules
from geo.risk.batch import BatchPlan, batch_answers
from geo.risk.index_sql import index_statement
from geo.risk.sites import Site
from geo.risk.sql import risk_statement
from layers.feature import GeometryKind
from layers.registry import discover
from tests.bench.land import EAST, LAYERS, NORTH, SOUTH, WEST, land
from tests.bench.load import INNER, loans, memory_mb, running, service, wrk
from tests.bench.raw import pgbench, pgbench_script
from tests.bench.tipg_items import against_tipg

REGISTRY = discover()
RADIUS_M = 2000.0


def check_plans(dsn: str) -> None:
    """Every layer's candidates come by a spatial index."""
    query = RiskQuery.at(116.0, 27.0, (RADIUS_M,), REGISTRY)
    statement = risk_statement(query)

    async def plan() -> str:
        database = Database(dsn)
        try:
            async with database.connection(one_plan=statement.one_plan) as connection:
                rows = await connection.fetch(f"EXPLAIN {statement.sql}", *statement.values)
        finally:
            await database.close()
        return "\n".join(row[0] for row in rows)

    text = asyncio.run(plan())
    for layer in LAYERS:
        index = f"{layer}_geography" if REGISTRY[layer].geometry is not GeometryKind.POINT else f"{layer}_geom "
        assert index in text, f"{layer} is read without its index"
        assert f"Seq Scan on {layer} " not in text, f"{layer} is read whole"
    print("plans: every layer by a spatial index, no table read whole")


def against_pgbench(dsn: str, folder: Path, tipg_python: str) -> None:
    """GET /risk against the same SQL in pgbench."""
    place = (116.0, 27.0)
    here, there = (RiskQuery.at(lon, lat, (RADIUS_M,), REGISTRY) for lon, lat in (place, (115.5, 26.5)))
    searched, rules = tuple(REGISTRY.searchable()), default_rules()
    plain = pgbench_script([(risk_statement(here), risk_statement(there))], place)
    indexes = index_statement(here, rules, searched), index_statement(there, rules, searched)
    scored = plain + pgbench_script([indexes], place)
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
        hold_on(dsn, address, pid, f"{path}&include=")


def hold_on(dsn: str, address: str, pid: int, path: str) -> None:
    """200 connections for a minute: what is refused is a 503 that says when to come again, and nothing stays behind."""
    before_mb, before = memory_mb(pid), wrk(address, path, seconds=5)
    held = wrk(address, path, connections=200, seconds=60, count_busy=True)
    after = wrk(address, path, seconds=5)
    peak_mb = memory_mb(pid)
    again = wrk(address, path, connections=200, seconds=20, count_busy=True)
    empty_s = until_empty(address)
    print(
        f"200 connections, 60 s: {held['rps']:.1f}/s, p50 {held['p50_ms']:.0f} ms; not 200: {held['errors']:.0f}, of "
        f"which 503 with Retry-After {held['busy']:.0f}, other {held['errors'] - held['busy']:.0f}; timeouts "
        f"{held['timeouts']:.0f}; p50 of 8 connections before {before['p50_ms']:.1f} ms, right after "
        f"{after['p50_ms']:.1f} ms\n  pool empty {empty_s:.1f} s after the last client left, statements running "
        f"{running(dsn)}; "
        f"memory before {before_mb:.0f} MB, after {peak_mb:.0f} MB, after another 20 s {memory_mb(pid):.0f} "
        f"MB (and {again['errors'] - again['busy']:.0f} other than 200 and 503)",
        flush=True,
    )


def until_empty(address: str, limit_s: float = 30.0) -> float:
    """Seconds until no connection is on loan any more: clients that left have their queries cancelled."""
    started = time.monotonic()
    while loans(address):
        assert time.monotonic() - started < limit_s, f"{loans(address):.0f} connections are on loan still"
        time.sleep(0.1)
    return time.monotonic() - started


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
    words.add_argument("--keep", type=Path, help="a directory for the filled database, found again by the next run")
    words.add_argument("--tipg-python", default=sys.executable, help="the Python of an environment with tipg")
    given = words.parse_args()
    print(f"six layers × {given.rows:,} features over {EAST - WEST:.1f}° × {NORTH - SOUTH:.1f}°", flush=True)
    with land(given.rows, given.keep) as dsn, tempfile.TemporaryDirectory() as folder:
        Settings(database_url=dsn)
        check_plans(dsn)
        against_pgbench(dsn, Path(folder), given.tipg_python)
        against_geopandas(dsn, given.sites)


if __name__ == "__main__":
    main()
