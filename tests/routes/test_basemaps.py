"""Basemaps under rendered maps: tiles of one's own in every kind of file, and 天地图 for who has a key."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from pmtiles.convert import mbtiles_to_pmtiles
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from api.own_basemap import basemap_warning
from api.settings import Settings
from geo.cartography.tile_export import export_tiles
from geo.database import Database
from geo.errors import FileUnreadable
from geo.selection import Selection
from layers.registry import discover
from tests.pixels import colour
from tests.pixels import read_rgba as pixels
from tests.seeding import insert
from tests.services import service

KEY = "a-secret-key-0123456789"
BOX = {"bbox": "114.9,24.9,115.1,25.1", "legend": "false", "strip": "false", "size": "400x400"}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def tile_picture(hexed: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (256, 256), tuple(colour(hexed))).save(out, "PNG")
    return out.getvalue()


def fill_folder(path: Path) -> None:
    """Level 9 around 115° E 25° N: each tile in its own colour, one of them missing."""
    for x in range(418, 421):
        for y in range(217, 221):
            if (x, y) != (419, 218):
                place = path / "9" / str(x)
                place.mkdir(parents=True, exist_ok=True)
                (place / f"{y}.png").write_bytes(tile_picture("#30A030" if x < 420 else "#3030A0"))


def fill_mbtiles(path: Path, folder: Path, kind: str = "png") -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metadata (name text, value text)")
        database.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        told = {"format": kind, "attribution": "某某测绘院", "minzoom": "9", "maxzoom": "9"}
        database.executemany("INSERT INTO metadata VALUES (?, ?)", told.items())
        for each in folder.glob("*/*/*.png"):
            z, x, y = int(each.parts[-3]), int(each.parts[-2]), int(each.stem)
            database.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (z, x, 2**z - 1 - y, each.read_bytes()))
    database.close()


def fill_pmtiles(path: Path, folder: Path, packing: Compression = Compression.NONE) -> None:
    pack = gzip.compress if packing is Compression.GZIP else bytes
    with path.open("wb") as file:
        writer = Writer(file)
        for each in sorted(folder.glob("*/*/*.png"), key=lambda each: zxy_to_tileid(*tile_of(each))):
            writer.write_tile(zxy_to_tileid(*tile_of(each)), pack(each.read_bytes()))
        header = {"tile_type": TileType.PNG, "tile_compression": packing, "min_lon_e7": 0, "max_lon_e7": 0}
        header |= {"min_lat_e7": 0, "max_lat_e7": 0, "center_zoom": 9, "center_lon_e7": 0, "center_lat_e7": 0}
        writer.finalize(header, {"attribution": "某某测绘院"})


def tile_of(path: Path) -> tuple[int, int, int]:
    return int(path.parts[-3]), int(path.parts[-2]), int(path.stem)


def made(kind: str, tmp_path: Path) -> Path:
    """The tiles of ``fill_folder`` as a folder or a file."""
    folder = tmp_path / "tiles"
    fill_folder(folder)
    path = tmp_path / f"tiles.{kind.partition(' ')[0]}"
    if kind == "folder":
        return folder
    if kind == "mbtiles":
        fill_mbtiles(path, folder)
    elif kind == "pmtiles converted":
        # As a bureau makes one: by the format's own tool from what it has.
        fill_mbtiles(tmp_path / "from.mbtiles", folder)
        mbtiles_to_pmtiles(str(tmp_path / "from.mbtiles"), str(path), None)
    else:
        fill_pmtiles(path, folder, Compression.GZIP if kind == "pmtiles packed" else Compression.NONE)
    return path


@pytest.mark.parametrize("kind", ["folder", "mbtiles", "pmtiles", "pmtiles packed", "pmtiles converted"])
async def test_tiles_of_ones_own_lie_under_a_map_and_missing_ones_are_said(tmp_path, database_url, state, kind):
    path = made(kind, tmp_path)
    async with service(database_url, state, basemap=path) as client:
        asked = {"bbox": "114.6,24.9,115.4,25.6", "size": "600x600", "basemap": "tiles", "legend": "false"}
        answer = await client.get("/maps/image.png", params=asked)
        assert answer.status_code == 200, answer.text
        missing, total = map(int, answer.headers["x-onemap-basemap-missing"].split("/"))
        assert 0 < missing < total
        drawn = pixels(answer.content)
        # Column 420 begins at 115.3125° E.
        assert drawn[300, 560, :3].tolist() == colour("#3030A0")
        edge = np.flatnonzero((drawn[560, :, :3] == colour("#3030A0")).all(axis=1))[0]
        assert abs(edge / 600 * 0.8 + 114.6 - 115.3125) < 0.01
        # 218, where the middle column has no tile, ends at 25.16° N: what is missing there is not covered.
        assert drawn[300, 300, :3].tolist() not in (colour("#30A030"), colour("#3030A0"))
        tile = await client.get("/basemap/9/420/219")
        assert (tile.content, tile.headers["content-type"]) == (tile_picture("#3030A0"), "image/png")
        assert (await client.get("/basemap/9/419/218")).status_code == 404
        assert (await client.get("/basemap/8/210/109")).status_code == 404
        if kind != "folder":
            assert (await client.get("/basemap.json")).json()["attribution"] == "某某测绘院"
        style = (await client.get("/style.json")).json()
        assert style["sources"]["raster-basemap"]["maxzoom"] == 9
        (shown,) = [each for each in style["layers"] if each["id"] == "raster-basemap"]
        assert shown["layout"]["visibility"] == "visible"


async def test_every_kind_of_file_draws_the_same_picture(tmp_path, database_url, state):
    asked = {"bbox": "114.6,24.9,115.4,25.6", "size": "400x400", "basemap": "tiles"}
    drawn = set()
    for kind in ("folder", "mbtiles", "pmtiles", "pmtiles packed"):
        (tmp_path / kind).mkdir()
        async with service(
            database_url, state, basemap=made(kind, tmp_path / kind), basemap_attribution="某"
        ) as client:
            drawn.add((await client.get("/maps/image.png", params=asked)).content)
    assert len(drawn) == 1


async def export(dsn: str, out: Path) -> None:
    insert(dsn, "divisions", "MULTIPOLYGON(((114.9 24.9, 115.1 24.9, 115.1 25.1, 114.9 24.9)))", "360721")
    insert(dsn, "hazard_points", "POINT(115.05 25)", "h-1")
    database = Database(dsn)
    try:
        await export_tiles(database, Selection(tuple(discover().values())), "360721", range(10), out)
    finally:
        await database.close()


async def test_vector_tiles_are_no_basemap_and_the_refusal_says_what_is_wanted(tmp_path, database_url, state):
    fill_mbtiles(tmp_path / "vector.mbtiles", tmp_path, "pbf")
    await export(database_url, tmp_path / "own.pmtiles")
    for path in (tmp_path / "vector.mbtiles", tmp_path / "own.pmtiles"):
        async with service(database_url, state, basemap=path) as client:
            answer = await client.get("/maps/image.png", params=BOX | {"lang": "en", "basemap": "tiles"})
            assert answer.status_code == 422
            assert answer.json()["code"] == FileUnreadable.code
            assert "vector tiles" in answer.json()["detail"]
            assert "PNG, JPEG, WebP" in answer.json()["detail"]


def spoil(path: Path, head: int) -> None:
    """All behind the head of a file is lost; it stays as long as it was."""
    with path.open("r+b") as file:
        file.seek(head)
        file.write(b"\xff" * (path.stat().st_size - head))


@pytest.mark.parametrize(("kind", "when"), [("mbtiles", "before"), ("pmtiles", "before"), ("pmtiles", "meanwhile")])
async def test_a_file_that_breaks_is_told_and_is_no_failure_of_ours(tmp_path, database_url, state, kind, when):
    path = made(kind, tmp_path)
    asked = {**BOX, "basemap": "tiles", "lang": "en"}
    if when == "before":
        spoil(path, 4096 if kind == "mbtiles" else 127)
    async with service(database_url, state, basemap=path) as client:
        if when == "meanwhile":
            assert (await client.get("/basemap.json")).status_code == 200
            spoil(path, 127)
        for answer in (await client.get("/maps/image.png", params=asked), await client.get("/basemap/9/420/219")):
            assert answer.status_code == 422, answer.text
            assert answer.json()["code"] == FileUnreadable.code
            assert path.name in answer.json()["detail"]


def wrong(how: str, tmp_path: Path) -> Path:
    """A basemap as it is wrong in the field: a mistyped path, a copy cut short, an export of something else."""
    path = tmp_path / {"an empty folder": "tiles", "another file": "tiles.zip"}.get(how, "tiles.mbtiles")
    if how == "an empty folder":
        path.mkdir()
    elif how == "another file":
        path.write_bytes(b"PK")
    elif how == "half a file":
        fill_mbtiles(path, made("folder", tmp_path))
        path.write_bytes(path.read_bytes()[:5000])
    elif how != "no file":
        fill_mbtiles(path, made("folder", tmp_path))
        changes = {
            "wrong zooms": "UPDATE tiles SET zoom_level = 42",
            "below zero": "UPDATE tiles SET zoom_level = -1",
            "no tile": "DELETE FROM tiles",
            "no pictures": "UPDATE tiles SET tile_data = x'1F8B0800'",
            "broken pictures": "UPDATE tiles SET tile_data = substr(tile_data, 1, 40)",
        }
        with sqlite3.connect(path) as database:
            database.execute(changes[how])
        database.close()
    return path


WRONGS = {
    "no file": "no such file or folder",
    "an empty folder": "z/x/y",
    "another file": "an .mbtiles or a .pmtiles",
    "half a file": "no MBTiles that can be read",
    "wrong zooms": "its zooms 42 to 42 are wrong",
    "below zero": "its zooms -1 to -1 are wrong",
    "no tile": "holds no tile",
    "no pictures": "no PNG, JPEG or WebP pictures",
    "broken pictures": "no PNG, JPEG or WebP pictures",
}


@pytest.mark.parametrize(("how", "told"), WRONGS.items())
async def test_a_wrong_basemap_spoils_the_maps_on_it_and_no_other(tmp_path, database_url, state, how, told):
    path = wrong(how, tmp_path)
    async with service(database_url, state, basemap=path) as client:
        ready = await client.get("/health/ready")
        assert ready.status_code == 200
        found = ready.json()["basemap"]
        assert (found["configured"], found["ok"]) == (True, False)
        assert told in found["reason"]
        assert path.name in found["reason"]
        assert "ONEMAP_BASEMAP" in found["reason"]
        on_it = {"/maps/image.png": BOX | {"basemap": "tiles"}, "/basemap.json": {}, "/basemap/9/420/219": {}}
        for address, parameters in on_it.items():
            answer = await client.get(address, params=parameters, headers={"Accept-Language": "en"})
            assert answer.status_code == 422, address
            assert (answer.json()["code"], answer.json()["detail"]) == (FileUnreadable.code, found["reason"])
        for basemap in ({}, {"basemap": "own"}, {"basemap": "none"}):
            assert (await client.get("/maps/image.png", params=BOX | basemap)).status_code == 200
        style = (await client.get("/style.json")).json()
        assert "raster-basemap" not in style["sources"]


async def test_a_basemap_that_is_mended_is_used_without_a_new_start(tmp_path, database_url, state):
    path = tmp_path / "tiles.mbtiles"
    async with service(database_url, state, basemap=path) as client:
        asked = BOX | {"basemap": "tiles"}
        assert (await client.get("/maps/image.png", params=asked)).status_code == 422
        fill_mbtiles(path, made("folder", tmp_path))
        assert (await client.get("/maps/image.png", params=asked)).status_code == 200
        assert (await client.get("/health/ready")).json()["basemap"] == {"configured": True, "ok": True, "reason": None}
        assert "raster-basemap" in (await client.get("/style.json")).json()["sources"]


async def test_without_a_basemap_readiness_says_that_there_is_none(database_url, state):
    async with service(database_url, state) as client:
        found = (await client.get("/health/ready")).json()["basemap"]
    assert found == {"configured": False, "ok": True, "reason": None}


def test_who_starts_the_service_is_told_of_a_wrong_basemap_and_where_it_lies(tmp_path, state):
    path = tmp_path / "nowhere" / "tiles.mbtiles"
    warning = basemap_warning(Settings(basemap=path, state_directory=state))
    assert warning is not None
    for told in (warning.zh, warning.en):
        assert str(path) in told
        assert "ONEMAP_BASEMAP" in told
    good = made("mbtiles", tmp_path)
    assert basemap_warning(Settings(basemap=good, state_directory=state)) is None


class _StandIn(http.server.BaseHTTPRequestHandler):
    """天地图's WMTS as far as it is asked."""

    asked: ClassVar[list[dict[str, list[str]]]] = []
    refuses = False

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        _StandIn.asked.append(asked)
        if asked.get("tk") != [KEY] or _StandIn.refuses:
            self.send_response(403)
            self.end_headers()
            self.wfile.write(f"denied {self.path}".encode())
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(tile_picture("#807040"))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a test's output is no log."""


@pytest.fixture
def tianditu() -> Iterator[str]:
    _StandIn.asked, _StandIn.refuses = [], False
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _StandIn)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


async def test_tianditu_is_asked_as_it_wants_and_its_key_is_never_told(tianditu, database_url, state, capfd):
    settings = {"tianditu_key": KEY, "tianditu_url": tianditu, "tianditu_layers": "vec,cva"}
    async with service(database_url, state, **settings) as client:
        answer = await client.get("/maps/image.png", params={**BOX, "basemap": "tianditu"})
        assert answer.status_code == 200
        assert pixels(answer.content)[200, 200, :3].tolist() == colour("#807040")
        first = _StandIn.asked[0]
        assert first["TILEMATRIXSET"] == ["w"]
        assert first["SERVICE"] == ["WMTS"]
        assert {each["LAYER"][0] for each in _StandIn.asked} == {"vec", "cva"}
        z, row, column = (int(first[name][0]) for name in ("TILEMATRIX", "TILEROW", "TILECOL"))
        assert int((115 + 180) / 360 * 2**z) == pytest.approx(column, abs=2)
        assert row < 2 ** (z - 1), "25° N lies in the northern half"
        _StandIn.refuses = True
        refused = await client.get(
            "/maps/image.png", params={**BOX, "bbox": "100,30,100.2,30.2", "basemap": "tianditu"}
        )
        assert refused.status_code == 503
        assert refused.json()["code"] == "basemap-unreachable"
    everything = refused.text + str(refused.headers) + "".join(capfd.readouterr())
    assert KEY not in everything


async def test_a_service_without_network_draws_as_before(database_url, state):
    async with service(database_url, state, tianditu_key=KEY, tianditu_url="http://127.0.0.1:9") as client:
        assert (await client.get("/maps/image.png", params=BOX)).status_code == 200
        refused = await client.get("/maps/image.png", params={**BOX, "basemap": "tianditu"})
        assert refused.status_code == 503
        assert KEY not in refused.text


def test_the_key_is_not_in_what_settings_print(tmp_path):
    assert KEY not in repr(Settings(tianditu_key=KEY, state_directory=tmp_path))
    assert KEY not in json.dumps(Settings(tianditu_key=KEY, state_directory=tmp_path).model_dump(mode="json"))
