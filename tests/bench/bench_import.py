"""``make bench-import``: a CSV of a million rows through ``import_file`` and through ogr2ogr with PG_USE_COPY.

Both read the same file, into an empty table each, in the same run; ours validates, grades, finds divisions, keeps what
no field takes, and writes one transaction. Prints seconds, the ratio, and the peak memory of our process. Needs
``ogr2ogr`` (Debian's gdal-bin).
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
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from geo.ingest import ImportOptions, import_file
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from layers.registry import discover

LAYER = discover()["shelters"]
HEADERS = ("避难场所编号", "避难场所名称", "经度", "纬度", "可容纳人数", "有效面积(㎡)", "室内", "地址", "更新时间")
MOST_RATIO, MOST_MEMORY_MB = 4.0, 1536
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


def ours(dsn: str, path: Path) -> None:
    """Import in this process; prints seconds and the peak of memory in MB."""
    started = time.monotonic()
    report = import_file(dsn, path, LAYER, ImportOptions(crs="EPSG:4490", source="bench"))
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.2f} {peak:.0f} {report.counts.inserted} {report.counts.rejected}")


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


def main() -> None:
    """Run both, print the figures, fail beyond the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", action="store_true", help="print the figures only, whatever they are")
    words = parser.parse_args()
    if shutil.which("ogr2ogr") is None:
        raise SystemExit("ogr2ogr is missing: apt-get install gdal-bin")
    home = Path(mkdtemp(prefix="onemap-bench-", dir="/tmp"))
    home.chmod(0o755)
    path = home / "shelters.csv"
    write_csv(path, words.rows)
    cluster = PrivateCluster(home / "c", throwaway=True)
    cluster.start()
    try:
        dsn = cluster.dsn()
        migrate(dsn)
        theirs_s = ogr(dsn, path)
        child = subprocess.run(
            [sys.executable, __file__],
            env={**os.environ, IMPORT_ONLY: f"{dsn}\n{path}", "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
            check=True,
            capture_output=True,
            text=True,
        )
        seconds, peak_mb, inserted, rejected = map(float, child.stdout.split())
        with psycopg.connect(dsn) as connection:
            counts = connection.execute("SELECT (SELECT count(*) FROM bench_ogr), count(*) FROM shelters").fetchone()
    finally:
        cluster.stop()
        shutil.rmtree(home)
    ratio = seconds / theirs_s
    print(
        f"{words.rows:,} rows: ogr2ogr {theirs_s:.1f} s, onemap import {seconds:.1f} s, ratio {ratio:.2f} "
        f"(bar {MOST_RATIO}); peak memory {peak_mb:.0f} MB (bar {MOST_MEMORY_MB}); rows {counts}, "
        f"inserted {inserted:.0f}, rejected {rejected:.0f}"
    )
    if not words.keep and (ratio > MOST_RATIO or peak_mb > MOST_MEMORY_MB or inserted != words.rows):
        raise SystemExit(1)


if __name__ == "__main__":
    if os.environ.get(IMPORT_ONLY):
        address, file_path = os.environ[IMPORT_ONLY].split("\n")
        ours(address, Path(file_path))
    else:
        main()
