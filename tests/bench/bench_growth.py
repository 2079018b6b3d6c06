"""``make bench-growth``: how the cost of one risk answer grows with the number of features and with the radius.

The cost is the processor time that the database spends on an answer, as the kernel counts it: what else the machine
does stretches the clock's time, which is written beside it, and hardly that.

One layer of points over Jiangxi's box, from ten thousand to ten million; median of random places for each radius,
asked on one connection. Writes the table into ``growth.md`` and the curves to ``growth.svg``, beside this file; what
the curves say is written in ``growth.md`` by hand, and is to be read again when the figures change.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import psycopg

from geo.database import Database, Statement
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.risk import RiskQuery, around_point
from geo.risk.sql import risk_statement
from layers.registry import discover
from tests.bench.land import EAST, NORTH, SOUTH, WEST, fill

LAYER = discover()["shelters"]
RADII_M = (500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, 50_000.0)
QUESTIONS = 15
HERE = Path(__file__).parent
_TABLE_BEGINS, _TABLE_ENDS = "<!-- the table begins -->", "<!-- the table ends -->"


@dataclass(frozen=True)
class Cost:
    """The cost of a kind of question."""

    features: int
    radius_m: float
    median_ms: float
    """Of the database's processor."""
    clock_ms: float
    """Median of the clock, from the question to the parsed answer."""
    worst_clock_ms: float
    found: float
    """Features within the radius, on average."""


def processor_ms(process: int) -> float:
    """The processor time of a process so far; the only connection's backend does all the work."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6


async def measure(dsn: str, features: int) -> list[Cost]:
    """Every radius at random places; the first question of each kind only warms up."""
    chance = np.random.default_rng(5)
    database = Database(dsn, pool_size=1, statement_timeout_s=300)
    costs = []
    try:
        (row,) = await database.fetch(Statement("SELECT pg_backend_pid()"))
        backend = int(row[0])
        for radius_m in RADII_M:
            times, clocks, found = [], [], []
            for n in range(QUESTIONS + 1):
                lon, lat = chance.uniform(WEST + 0.6, EAST - 0.6), chance.uniform(SOUTH + 0.6, NORTH - 0.6)
                query = RiskQuery(around_point(float(lon), float(lat)), (radius_m,), (LAYER,), limit=1000)
                statement = risk_statement(query)
                started, worked = time.perf_counter(), processor_ms(backend)
                answer = json.loads(await database.fetch_bytes(statement))
                if n:
                    times.append(processor_ms(backend) - worked)
                    clocks.append((time.perf_counter() - started) * 1e3)
                    found.append(answer["total"])
            middle = statistics.median(times), statistics.median(clocks), max(clocks)
            costs.append(Cost(features, radius_m, *middle, statistics.mean(found)))
    finally:
        await database.close()
    return costs


def table(costs: list[Cost]) -> str:
    """The figures as Markdown, a row per number of features: median in ms, and how many were found on average."""
    head = "| features | " + " | ".join(f"{radius_m / 1000:g} km" for radius_m in RADII_M) + " |"
    lines = [head, "|" + "---:|" * (len(RADII_M) + 1)]
    for features in sorted({cost.features for cost in costs}):
        cells = [f"{cost.median_ms:,.1f} ({cost.found:,.0f})" for cost in costs if cost.features == features]
        lines.append(f"| {features:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def put_table(document: Path, text: str) -> None:
    """The table between its two marks, the words around it as they are."""
    whole = document.read_text(encoding="utf-8")
    before, _, rest = whole.partition(_TABLE_BEGINS)
    _, _, after = rest.partition(_TABLE_ENDS)
    if not rest or not after:
        raise SystemExit(f"{document.name} has lost the marks of its table")
    document.write_text(f"{before}{_TABLE_BEGINS}\n{text}\n{_TABLE_ENDS}{after}", encoding="utf-8")


def plot(costs: list[Cost], path: Path) -> None:
    """The same as curves; needs matplotlib."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "onemap"
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.5))
    for radius_m in RADII_M:
        line = sorted((cost.features, cost.median_ms) for cost in costs if cost.radius_m == radius_m)
        axes.loglog(*zip(*line, strict=True), marker="o", label=f"{radius_m / 1000:g} km")
    axes.set_xlabel("features in the layer")
    axes.set_ylabel("processor time of the database, ms (median)")
    axes.grid(True, which="both", alpha=0.3)
    axes.legend(title="radius")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Fill and measure, size after size."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--sizes", default="10000,100000,1000000,10000000")
    words.add_argument("--out", type=Path, default=HERE)
    given = words.parse_args()
    home = Path(mkdtemp(prefix="onemap-bench-", dir="/tmp"))
    home.chmod(0o711)
    cluster = PrivateCluster(home / "c", throwaway=True)
    cluster.start()
    costs: list[Cost] = []
    try:
        dsn = cluster.dsn()
        migrate(dsn)
        for features in map(int, given.sizes.split(",")):
            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute("SET maintenance_work_mem = '2GB'")
                connection.execute(f"TRUNCATE {LAYER.name}")
                fill(connection, LAYER.name, features, 0.4)
                connection.execute(f"VACUUM ANALYZE {LAYER.name}")
            costs += asyncio.run(measure(dsn, features))
            print(table(costs), flush=True)
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)
    (given.out / "growth.json").write_text(json.dumps([vars(cost) for cost in costs], indent=1) + "\n")
    put_table(given.out / "growth.md", table(costs))
    plot(costs, given.out / "growth.svg")


if __name__ == "__main__":
    main()
