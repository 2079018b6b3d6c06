"""``make bench-import``: a CSV of a million rows through ``import_file`` and through ogr2ogr with PG_USE_COPY.

Both read the same file, into an empty table each, by turns in the same run; ours validates, grades, finds divisions,
keeps what no field takes, and writes one transaction. Prints the seconds of every round, the ratio of the best ones
(other work on the machine only ever adds to either), and the peak memory of our process. Then the same file again,
which changes nothing, and the same rows as another source's, beside the first. Needs ``ogr2ogr`` (Debian's gdal-bin).
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import psycopg
from psycopg import sql

from geo.ingest import ImportOptions, import_file
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.processes import postmaster_pid
from layers.registry import discover

LAYER = discover()["shelters"]
HEADERS = ("避难场所编号", "避难场所名称", "经度", "纬度", "可容纳人数", "有效面积(㎡)", "室内", "地址", "更新时间")
MOST_RATIO, MOST_MEMORY_MB = 4.0, 1536
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
IMPORT_ONLY = "ONEMAP_BENCH_IMPORT"


def write_csv(path: Path, rows: int) -> None:
    """A clean file, seeded."""
    rng = random.Random(20261122)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for index in range(rows):
            place = (f"{rng.uniform(113.6, 118.5):.6f}", f"{rng.uniform(24.5, 30.0):.6f}")
            people, area = rng.randrange(20, 3000), round(rng.uniform(50, 9000), 1)
            day = f"2025-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
            yes = rng.choice(("是", "否"))
            writer.writerow((f"S{index:07d}", f"第{index}号避难场所", *place, people, area, yes, f"某路{index}号", day))


@dataclass(frozen=True, slots=True)
class Run:
    """One import: its own seconds, those of its whole process, the peak of its memory, and what became of the rows."""

    seconds: float
    process_s: float
    peak_mb: float
    inserted: int
    unchanged: int
    rejected: int


def import_here(dsn: str, path: Path, source: str) -> None:
    """Import in this process; prints the figures of a ``Run``."""
    started = time.monotonic()
    counts = import_file(dsn, path, LAYER, ImportOptions(crs="EPSG:4490", source=source)).counts
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.2f} {peak:.0f} {counts.inserted} {counts.unchanged} {counts.rejected}")


def ours(dsn: str, path: Path, source: str = "bench") -> Run:
    """Import in a process of its own."""
    started = time.monotonic()
    child = subprocess.run(
        [sys.executable, __file__],
        env={
            **os.environ,
            IMPORT_ONLY: f"{dsn}\n{path}\n{source}",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    process_s = time.monotonic() - started
    seconds, peak_mb, *counts = child.stdout.split()
    return Run(float(seconds), process_s, float(peak_mb), *map(int, counts))


def ogr(dsn: str, path: Path) -> float:
    """Seconds of ogr2ogr into a table of its own, with its spatial index."""
    found = re.fullmatch(r"postgresql:///(\w+)\?host=([^&]+)&user=(\w+)", dsn)
    if found is None:
        raise SystemExit(f"not a DSN of the private cluster: {dsn}")
    command = [
        *("ogr2ogr", "-f", "PostgreSQL", f"PG:dbname={found[1]} host={found[2]} user={found[3]}", str(path)),
        *("-oo", "X_POSSIBLE_NAMES=经度", "-oo", "Y_POSSIBLE_NAMES=纬度", "-oo", "AUTODETECT_TYPE=YES"),
        *("-a_srs", "EPSG:4490", "-nln", "bench_ogr", "--config", "PG_USE_COPY", "YES"),
    ]
    started = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - started


def empty(dsn: str) -> None:
    """Both tables as they were before the first round."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bench_ogr")
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(LAYER.name)))


def told(word: str, run: Run, theirs_s: float) -> str:
    """One import in words."""
    return (
        f"{word}: {run.seconds:.1f} s, {run.seconds / theirs_s:.2f} x ogr2ogr (inserted {run.inserted:,}, "
        f"unchanged {run.unchanged:,}, rejected {run.rejected:,}; peak memory {run.peak_mb:.0f} MB)"
    )


def processor_s(cluster: PrivateCluster) -> float:
    """Processor time of the whole cluster and of our ended children: what a busy machine cannot stretch by much."""
    pid = postmaster_pid(cluster.data)
    own = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = own.ru_utime + own.ru_stime
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            if pid == int(stat.parent.name):
                used += sum(map(int, fields[11:15])) / TICKS_PER_S  # its ended backends too
            elif pid == int(fields[1]):
                used += sum(map(int, fields[11:13])) / TICKS_PER_S
    return used


def measure(cluster: PrivateCluster, path: Path, rounds: int) -> tuple[list[float], list[Run], list[str]]:
    """Rounds of both, each into empty tables; then what comes on top of a full one, in words."""
    dsn, theirs, own = cluster.dsn(), [], []
    for number in range(rounds):
        empty(dsn)
        times = [processor_s(cluster)]
        theirs.append(ogr(dsn, path))
        times.append(processor_s(cluster))
        own.append(ours(dsn, path))
        times.append(processor_s(cluster))
        theirs_cpu_s, own_cpu_s = times[1] - times[0], times[2] - times[1]
        print(
            f"round {number + 1}: ogr2ogr {theirs[-1]:.1f} s, onemap import {own[-1].seconds:.1f} s "
            f"(with the start of Python {own[-1].process_s:.1f} s), ratio {own[-1].seconds / theirs[-1]:.2f}; "
            f"processor time, database and start included, {theirs_cpu_s:.1f} s and {own_cpu_s:.1f} s, "
            f"ratio {own_cpu_s / theirs_cpu_s:.2f}",
            flush=True,
        )
    again, beside = ours(dsn, path), ours(dsn, path, "bench-2")
    return theirs, own, [told("the same file again", again, min(theirs)), told("beside", beside, min(theirs))]


def main() -> None:
    """Run both, print the figures, fail beyond the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--durable", action="store_true", help="a cluster with fsync, as onemap up starts it")
    parser.add_argument("--keep", action="store_true", help="print the figures only, whatever they are")
    words = parser.parse_args()
    if shutil.which("ogr2ogr") is None:
        raise SystemExit("ogr2ogr is missing: apt-get install gdal-bin")
    home = Path(mkdtemp(prefix="onemap-bench-", dir="/tmp"))
    home.chmod(0o755)
    path = home / "shelters.csv"
    write_csv(path, words.rows)
    cluster = PrivateCluster(home / "c", throwaway=not words.durable)
    cluster.start()
    try:
        migrate(cluster.dsn())
        theirs, own, later = measure(cluster, path, words.rounds)
    finally:
        cluster.stop()
        shutil.rmtree(home)
    theirs_s, best = min(theirs), min(own, key=lambda run: run.seconds)
    ratio, peak_mb = best.seconds / theirs_s, max(run.peak_mb for run in own)
    whole_ratio = min(run.process_s for run in own) / theirs_s
    print(*later, sep="\n")
    print(
        f"{words.rows:,} rows, best of {words.rounds}: ogr2ogr {theirs_s:.1f} s, onemap import {best.seconds:.1f} s, "
        f"ratio {ratio:.2f} (bar {MOST_RATIO}), of the whole process {whole_ratio:.2f}; "
        f"peak memory {peak_mb:.0f} MB (bar {MOST_MEMORY_MB})"
    )
    whole = all((run.inserted, run.rejected) == (words.rows, 0) for run in own)
    if not words.keep and (ratio > MOST_RATIO or peak_mb > MOST_MEMORY_MB or not whole):
        raise SystemExit(1)


if __name__ == "__main__":
    if os.environ.get(IMPORT_ONLY):
        address, file_path, of_source = os.environ[IMPORT_ONLY].split("\n")
        import_here(address, Path(file_path), of_source)
    else:
        main()
