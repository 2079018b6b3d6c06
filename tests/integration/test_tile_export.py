"""``onemap tiles export``: what a wall without a network gets is what the service would have answered."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import subprocess
from pathlib import Path

import shapely
from pmtiles.reader import MemorySource, Reader
from pmtiles.tile import Compression

from geo.cartography.tile_address import TileAddress
from geo.cartography.tile_export import tiles_touching
from geo.cartography.tiles import fetch_tile
from geo.database import Database
from geo.selection import Selection
from layers.registry import discover
from tests.conftest import ROOT
from tests.seeding import insert


def run(dsn: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / ".venv/bin/onemap", "tiles", "export", *words],
        env={**os.environ, "ONEMAP_DATABASE_URL": dsn},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def read(path: Path) -> Reader:
    return Reader(MemorySource(path.read_bytes()))


def test_the_file_holds_the_tiles_of_a_division_as_the_service_gives_them(database_url: str, tmp_path: Path) -> None:
    outline = "MULTIPOLYGON(((114.9 24.9, 115.1 24.9, 115.1 25.1, 114.9 25.1, 114.9 24.9)))"
    insert(database_url, "divisions", outline, "360721", name="赣县区", level="county")
    insert(database_url, "hazard_points", "POINT(115 25)", "h-1", name="㙍𬇙滑坡", grade="red")
    insert(database_url, "hazard_points", "POINT(120 30)", "far", grade="red")
    out = tmp_path / "county.pmtiles"
    done = run(database_url, str(out), "--division", "360721", "--max-zoom", "12", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    reader = read(out)
    header = reader.header()
    assert (header["min_zoom"], header["max_zoom"], header["tile_compression"]) == (0, 12, Compression.GZIP)
    assert header["addressed_tiles_count"] == told["tiles"]
    assert "hazard_points" in {each["id"] for each in reader.metadata()["vector_layers"]}

    async def served(address: TileAddress) -> bytes:
        database = Database(database_url)
        try:
            return (await fetch_tile(database, Selection(tuple(discover().values())), address)).mvt
        finally:
            await database.close()

    for z, x, y in ((0, 0, 0), (9, 419, 219), (12, 3356, 1753)):
        assert gzip.decompress(reader.get(z, x, y)) == asyncio.run(served(TileAddress(z, x, y)))
    again = tmp_path / "again.pmtiles"
    run(database_url, str(again), "--division", "360721000000", "--max-zoom", "12")
    assert reader.get(12, 3356, 1753) == read(again).get(12, 3356, 1753)


def test_what_cannot_be_exported_says_so_and_leaves_no_file(database_url: str, tmp_path: Path) -> None:
    out = tmp_path / "x.pmtiles"
    unknown = run(database_url, str(out), "--division", "999999")
    assert unknown.returncode == 1
    assert "999999" in unknown.stderr
    assert run(database_url, str(out), "--division", "赣县").returncode == 1
    assert run(database_url, str(out), "--division", "360721", "--min-zoom", "5", "--max-zoom", "3").returncode == 1
    insert(database_url, "divisions", "MULTIPOLYGON(((115 25, 115.1 25, 115.1 25.1, 115 25)))", "360721")
    nowhere = run(database_url, str(tmp_path / "no" / "x.pmtiles"), "--division", "360721", "--max-zoom", "3")
    assert nowhere.returncode == 3
    assert list(tmp_path.iterdir()) == []


def test_the_tiles_touching_an_area_are_those_that_a_search_of_all_finds() -> None:
    area = shapely.from_wkt("POLYGON((12800000 2870000, 12900000 2880000, 12850000 2990000, 12800000 2870000))")
    found = set(tiles_touching(area, range(9)))
    for z in range(9):
        edge = 40_075_016.685578488 / 2**z
        every = {
            TileAddress(z, x, y)
            for x in range(2**z)
            for y in range(2**z)
            if area.intersects(
                shapely.box(
                    x * edge - 20_037_508.342789244,
                    20_037_508.342789244 - (y + 1) * edge,
                    (x + 1) * edge - 20_037_508.342789244,
                    20_037_508.342789244 - y * edge,
                )
            )
        }
        assert {tile for tile in found if tile.z == z} == every
