"""A bureau's backup: what ``pg_dump`` writes, ``pg_restore`` brings back whole, and the service reads it as before."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest

from geo.cartography.tile_address import TileAddress
from geo.cartography.tiles import fetch_tile
from geo.database import Database
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.binaries import find_binaries
from geo.postgres.bootstrap import SUPERUSER
from geo.selection import Selection
from layers.registry import discover
from tests.throwaway import database_of_its_own

pytestmark = pytest.mark.anyio


def indexes(dsn: str) -> list[tuple[str, str]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()


def rows(dsn: str) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a sum over their texts."""
    with psycopg.connect(dsn) as connection:
        tables = [name for (name,) in connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND "
                  "relnamespace = 'public'::regnamespace AND relname <> 'spatial_ref_sys' ORDER BY 1")]  # fmt: skip
        told = {}
        for name in tables:
            row = connection.execute(
                f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0))::text, '') FROM \"{name}\" t".encode()
            ).fetchone()
            assert row is not None
            told[name] = row
    return told


async def tile(dsn: str) -> bytes:
    database = Database(dsn)
    try:
        return (await fetch_tile(database, Selection(tuple(discover().values())), TileAddress(11, 1675, 878))).mvt
    finally:
        await database.close()


def dump_and_restore(cluster: PrivateCluster, source: str, target: str, file: Path) -> None:
    """As an administrator does it: into an empty database of the same owner."""
    name, tools = str(psycopg.conninfo.conninfo_to_dict(target)["dbname"]), find_binaries()
    subprocess.run([tools.program("pg_dump"), "-Fc", "-f", file, source], check=True)
    words = [tools.program("pg_restore"), "--exit-on-error", "-d", cluster.dsn(name, SUPERUSER), file]
    subprocess.run(words, check=True)


async def test_a_dump_brings_everything_back(cluster: PrivateCluster, demo_database_url: str, tmp_path: Path) -> None:
    with database_of_its_own(cluster, "template0") as restored:
        dump_and_restore(cluster, demo_database_url, restored, tmp_path / "onemap.dump")
        assert rows(restored) == rows(demo_database_url)
        assert indexes(restored) == indexes(demo_database_url)
        migrate(restored)  # there is nothing to do, and nothing is lost
        assert rows(restored) == rows(demo_database_url)
        assert indexes(restored) == indexes(demo_database_url)
        mvt = await tile(restored)
        assert len(mvt) > 1000
        assert mvt == await tile(demo_database_url)
