"""A PostGIS with as many features a layer as wanted, spread over Jiangxi, for benchmarks; kept when asked."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import psycopg

from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.bootstrap import DATABASE, SUPERUSER
from geo.postgres.configuration import configuration, memory_bytes

__all__ = ["LAYERS", "WEST", "SOUTH", "EAST", "NORTH", "fill", "land"]

WEST, SOUTH, EAST, NORTH = 113.6, 24.5, 118.4, 30.0
"""Jiangxi's box: 4.8° × 5.5°, about 290,000 km²."""

_POINT = "ST_SetSRID(ST_MakePoint(x, y), 4490)"
_SQUARE = "ST_Multi(ST_MakeEnvelope(x, y, x + 0.004, y + 0.004, 4490))"
LAYERS = {
    "hazard_points": _POINT,
    "reservoirs": _POINT,
    "forest_zones": _SQUARE,
    "enterprises": _POINT,
    "shelters": _POINT,
    "helipads": _POINT,
}


def fill(connection: psycopg.Connection, layer: str, rows: int, seed: float) -> None:
    """``rows`` features of one layer, the same for the same seed; indexes are built afterwards, as by any bulk load."""
    for index in ("geom", "geography", "division"):
        connection.execute(f"DROP INDEX IF EXISTS {layer}_{index}")
    connection.execute(f"SELECT setseed({seed})")
    connection.execute(f"""
INSERT INTO {layer} (source, source_id, name, geom, grade, grade_basis, division_code, data_date)
SELECT 'bench', n::text, '要素' || n, {LAYERS[layer]},
       (ARRAY['red','orange','yellow','yellow','blue','blue','blue',NULL])[1 + n % 8], '{{"kind": "supplied"}}',
       '36' || lpad((n % 1200)::text, 4, '0'), DATE '2026-06-01'
FROM (SELECT n, {WEST} + random() * {EAST - WEST} AS x, {SOUTH} + random() * {NORTH - SOUTH} AS y
      FROM generate_series(1, {rows}) AS n) AS places""")
    connection.execute(f"CREATE INDEX {layer}_geom ON {layer} USING gist (geom)")
    connection.execute(f"CREATE INDEX {layer}_geography ON {layer} USING gist ((geom::geography))")
    connection.execute(f"CREATE INDEX {layer}_division ON {layer} (division_code text_pattern_ops)")


def _fill_all(cluster: PrivateCluster, rows: int) -> None:
    """Every layer, and the note that all is there."""
    migrate(cluster.dsn())
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        for number, layer in enumerate(LAYERS):
            started = time.monotonic()
            fill(connection, layer, rows, number / 10)
            print(f"  {layer}: {rows:,} in {time.monotonic() - started:.0f} s", flush=True)
        connection.execute("VACUUM ANALYZE")
        connection.execute(f"CREATE TABLE bench_filled AS SELECT {rows} AS rows")
    with psycopg.connect(cluster.dsn(DATABASE, SUPERUSER), autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def _give_memory(cluster: PrivateCluster) -> None:
    """The memory that a service's own cluster has: a throw-away one is frugal, since many run beside each other."""
    with psycopg.connect(cluster.dsn(DATABASE, SUPERUSER), autocommit=True) as connection:
        asked = configuration(cluster.socket_directory, memory_bytes())
        for line in asked.splitlines():
            name, _, value = line.partition(" = ")
            if name in ("shared_buffers", "effective_cache_size", "work_mem"):
                connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    cluster.stop()
    cluster.start()


def _filled_rows(cluster: PrivateCluster) -> int | None:
    with psycopg.connect(cluster.dsn()) as connection:
        if connection.execute("SELECT to_regclass('bench_filled')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT rows FROM bench_filled").fetchone()
    return None if row is None else int(row[0])


@contextmanager
def land(rows: int, keep: Path | None = None) -> Iterator[str]:
    """The DSN of a database with ``rows`` features in each of six layers.

    Gone afterwards; or, in the directory ``keep``, filled by the first run and found again by the next.
    """
    home = keep or Path(mkdtemp(prefix="onemap-bench-", dir="/tmp"))
    home.mkdir(exist_ok=True)
    home.chmod(0o711)
    cluster = PrivateCluster(home / "c", throwaway=True)
    cluster.start()
    try:
        _give_memory(cluster)
        found = _filled_rows(cluster)
        if found is None:
            _fill_all(cluster, rows)
        elif found == rows:
            # The statements and views of today's code, on the features of an earlier run.
            migrate(cluster.dsn())
        else:
            raise SystemExit(f"{keep} holds layers of {found:,} features, not {rows:,}: name another directory")
        yield cluster.dsn()
    finally:
        cluster.stop()
        if keep is None:
            shutil.rmtree(home, ignore_errors=True)
