"""Grids, hillshade and basemaps over HTTP: at their place in their colours in every picture, or said to be missing."""

from __future__ import annotations

import asyncio
import http.server
import io
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import httpx
import numpy as np
import pytest
import rasterio
from affine import Affine
from PIL import Image

from api.main import create_app
from api.settings import Settings
from api.studio import close_studio
from geo.cartography.theme import Themes
from geo.errors import FileUnreadable
from geo.rasters import ColourTable, RasterKind, add_raster, rasters_directory, remove_raster
from tests.seeding import insert

# rasterio 1.4 multiplies affine 3's matrices in the old way; nothing of ours does.
pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")

WEST, NORTH, CELL = 114.9, 25.1, 0.005
TABLE = ColourTable.model_validate(
    {
        "title": {"zh": "易发性", "en": "Susceptibility"},
        "opacity": 1.0,
        "class": [
            {"value": 1, "color": "#67A9CF", "title": {"zh": "低易发", "en": "low"}},
            {"value": 2, "color": "#B2182B", "title": {"zh": "高易发", "en": "high"}},
        ],
    }
)
KEY = "a-secret-key-0123456789"


def write(path: Path, band: np.ndarray, nodata: float | None) -> Path:
    transform = Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": "EPSG:4490", "nodata": nodata}
    with rasterio.open(path, "w", **profile, height=band.shape[0], width=band.shape[1], transform=transform) as dataset:
        dataset.write(band.astype(np.float32), 1)
    return path


@pytest.fixture
def state(tmp_path: Path, database_url: str) -> Path:
    """A state directory with two grids: classes (west low, east high, none in the north), and a slope to the east."""
    classes = np.ones((40, 40))
    classes[:, 20:] = 2
    classes[:4] = -9
    heights = np.tile(np.arange(40) * -60.0 + 3000, (40, 1))
    directory = rasters_directory(tmp_path / "state")
    add_raster(database_url, directory, write(tmp_path / "易发性.tif", classes, -9), RasterKind.THEMATIC, colours=TABLE)
    add_raster(database_url, directory, write(tmp_path / "dem.tif", heights, None), RasterKind.ELEVATION)
    return tmp_path / "state"


@asynccontextmanager
async def service(dsn: str, state: Path, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(database_url=dsn, state_directory=state, **settings))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as asking:
        yield asking
    close_studio(app)
    await app.state.onemap.events.close()
    await app.state.onemap.database.close()


@pytest.fixture
async def client(database_url: str, state: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with service(database_url, state) as asking:
        yield asking


def pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGBA"))


def colour(hexed: str) -> list[int]:
    return list(bytes.fromhex(hexed.removeprefix("#")))


BOX = {"bbox": "114.9,24.9,115.1,25.1", "legend": "false", "strip": "false", "size": "400x400"}
WMS = {"SERVICE": "WMS", "VERSION": "1.3.0", "CRS": "CRS:84", "BBOX": "114.9,24.9,115.1,25.1"}
WMS |= {"WIDTH": "200", "HEIGHT": "200", "STYLES": "", "FORMAT": "image/png"}


async def test_the_catalogue_tells_grids_with_classes_and_what_is_unknown(client):
    listed = (await client.get("/rasters", params={"lang": "en"})).json()
    assert listed["hillshade"]
    told = {each["name"]: each for each in listed["rasters"]}
    assert told["dem"]["unit"] == "m"
    assert [each["title"] for each in told["易发性"]["legend"]["items"]] == ["low", "high", "no data (transparent)"]
    assert told["易发性"]["legend"]["items"][-1]["color"] is None
    layers = (await client.get("/layers", params={"lang": "en"})).json()
    assert {each["name"] for each in layers["rasters"]} == set(told)
    legend = (await client.get("/legend.json", params={"rasters": "易发性", "layers": "shelters"})).json()
    assert legend["rasters"][0]["items"][1] == {"title": "高易发", "color": "#B2182B"}


async def test_a_picture_shows_each_class_where_its_cells_are(client):
    drawn = pixels((await client.get("/maps/image.png", params={**BOX, "rasters": "易发性"})).content)
    assert drawn[200, 60, :3].tolist() == colour("#67A9CF")
    assert drawn[200, 340, :3].tolist() == colour("#B2182B")
    land = colour(Themes().get("light").surface.land)
    assert drawn[8, 200, :3].tolist() == land, "cells without data are transparent"
    middle = np.flatnonzero((drawn[200, :, :3] == colour("#B2182B")).all(axis=1))[0]
    assert abs(middle - 200) <= 2, "the classes meet at 115° E"


async def test_the_legend_of_a_picture_has_the_colours_of_the_map(client):
    drawn = pixels((await client.get("/legend.png", params={"rasters": "易发性", "layers": "shelters"})).content)
    for hexed in ("#67A9CF", "#B2182B"):
        assert (drawn[..., :3] == colour(hexed)).all(axis=2).sum() > 120


async def eventually(client: httpx.AsyncClient, seen: Callable[[httpx.Response], bool]) -> httpx.Response:
    """The tile as soon as it is as wanted, which other processes' edits take a moment for."""
    for _ in range(100):
        answer = await client.get("/rasters/易发性/9/419/219.png")
        if seen(answer):
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError("two seconds later it is as before")


async def test_tiles_have_versions_that_change_with_the_grid(client, database_url, state, tmp_path):
    tiles = (await client.get("/rasters/易发性/tiles.json")).json()["tiles"][0]
    address = tiles.replace("{z}", "9").replace("{x}", "419").replace("{y}", "219")
    first = await client.get(address)
    assert first.headers["cache-control"].endswith("immutable")
    assert pixels(first.content).shape == (256, 256, 4)
    assert (await client.get(address, headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    bare = await client.get("/rasters/易发性/9/419/219.png")
    assert bare.headers["cache-control"] == "public, no-cache"
    assert bare.content == first.content
    assert pixels((await client.get("/rasters/易发性/9/419/219@2x.png")).content).shape == (512, 512, 4)
    again = write(tmp_path / "易发性.tif", np.full((40, 40), 2.0), None)
    add_raster(database_url, rasters_directory(state), again, RasterKind.THEMATIC, colours=TABLE)
    later = await eventually(client, lambda answer: answer.headers.get("etag") != bare.headers["etag"])
    assert later.content != bare.content
    remove_raster(database_url, "易发性", rasters_directory(state))
    assert (await eventually(client, lambda answer: answer.status_code != 200)).status_code == 404


async def test_a_tile_agrees_with_the_grid_pixel_by_pixel(client):
    z, x, y = 10, 839, 438
    drawn = pixels((await client.get(f"/rasters/易发性/{z}/{x}/{y}.png")).content)
    rows, columns = np.mgrid[4:256:9, 4:256:9]
    lon = (x + (columns + 0.5) / 256) / 2**z * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + (rows + 0.5) / 256) / 2**z))))
    own_row, own_column = np.floor((NORTH - lat) / CELL), np.floor((lon - WEST) / CELL)
    for wanted, row, column, own, across in zip(
        drawn[rows, columns].reshape(-1, 4).tolist(),
        own_row.ravel(), own_column.ravel(), ((NORTH - lat) / CELL % 1).ravel(), ((lon - WEST) / CELL % 1).ravel(),
        strict=True,
    ):  # fmt: skip
        if min(own, 1 - own, across, 1 - across) < 0.12:
            continue  # on the edge of a cell either side is right
        inside = 4 <= row < 40 and 0 <= column < 40
        hexed = "#B2182B" if column >= 20 else "#67A9CF"
        assert (wanted[:3] == colour(hexed) and wanted[3] == 255) if inside else wanted[3] == 0


async def test_hillshade_darkens_what_the_light_does_not_reach(client):
    # The slope falls to the east: light from the west lies flat on its back, light from the east shines on it.
    shaded = pixels((await client.get("/rasters/hillshade/11/1678/877.png", params={"azimuth": 270})).content)
    lit = pixels((await client.get("/rasters/hillshade/11/1678/877.png", params={"azimuth": 90})).content)
    assert shaded[128, 128, 0] == 0
    assert shaded[128, 128, 3] > 30
    assert lit[128, 128, 0] == 255
    assert lit[128, 128, 3] > 20
    plain = pixels((await client.get("/maps/image.png", params=BOX)).content)
    under = pixels((await client.get("/maps/image.png", params={**BOX, "hillshade": "true"})).content)
    assert (under[150:250, 150:250, :3].astype(int) < plain[150:250, 150:250, :3]).mean() > 0.9
    dark = await client.get("/rasters/hillshade/11/1678/877.png", params={"theme": "dark"})
    assert dark.headers["etag"] != (await client.get("/rasters/hillshade/11/1678/877.png")).headers["etag"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/rasters/none/9/419/219.png", 404),
        ("/rasters/dem/99/0/0.png", 422),
        ("/rasters/dem/3/9/0.png", 422),
        ("/rasters/dem/3/1/x.png", 404),
        ("/rasters/dem/3/1/1.png?theme=none", 422),
        ("/rasters/hillshade/9/419/219.png?altitude=90", 422),
        ("/maps/image.png?bbox=114,24,116,26&rasters=none", 422),
        ("/maps/image.png?bbox=114,24,116,26&basemap=none-such", 422),
        ("/maps/image.png?bbox=114,24,116,26&basemap=tiles", 422),
        ("/basemap/3/1/1", 404),
        ("/basemap.json", 404),
    ],
)
async def test_what_is_not_there_is_refused(client, address, status):
    answer = await client.get(address)
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_the_style_holds_hillshade_and_grids_above_the_land_switched_off(client):
    style = (await client.get("/style.json")).json()
    drawn = [each for each in style["layers"] if each["type"] == "raster"]
    assert [each["metadata"]["onemap:raster"] for each in drawn] == ["hillshade", "dem", "易发性"] or len(drawn) == 3
    assert all(each["layout"]["visibility"] == "none" for each in drawn)
    ids = [each["id"] for each in style["layers"]]
    assert ids.index("divisions-land") < ids.index(drawn[0]["id"]) < ids.index("divisions-casing-village")
    for each in drawn:
        (address,) = style["sources"][each["source"]]["tiles"]
        got = await client.get(address.replace("{z}", "9").replace("{x}", "419").replace("{y}", "219"))
        assert got.headers["cache-control"].endswith("immutable")


async def test_a_grid_is_a_layer_of_wms_and_tells_its_value(client, database_url):
    insert(database_url, "shelters", "POINT(115.05 25)", "s-1", name="中心小学")
    drawn = pixels((await client.get("/wms", params={**WMS, "REQUEST": "GetMap", "LAYERS": "raster:易发性"})).content)
    assert drawn[100, 30, :3].tolist() == colour("#67A9CF")
    assert drawn[100, 170, :3].tolist() == colour("#B2182B")
    both = {**WMS, "REQUEST": "GetFeatureInfo", "LAYERS": "raster:易发性,shelters", "I": "150", "J": "100"}
    both |= {"QUERY_LAYERS": both["LAYERS"], "FEATURE_COUNT": "5"}
    told = (await client.get("/wms", params={**both, "INFO_FORMAT": "application/json"})).json()["features"]
    assert [each["properties"]["layer"] for each in told] == ["shelters", "raster:易发性"]
    assert (told[1]["properties"]["value"], told[1]["properties"]["class"]) == (2.0, "高易发")
    text = (await client.get("/wms", params={**both, "INFO_FORMAT": "text/plain"})).text
    assert "高易发" in text
    assert "中心小学" in text
    unknown = {**both, "J": "2", "INFO_FORMAT": "text/plain"}
    assert "无数据" in (await client.get("/wms", params=unknown)).text
    html = (await client.get("/wms", params={**both, "INFO_FORMAT": "text/html"})).text
    assert "高易发" in html
    refused = await client.get("/wms", params={**both, "QUERY_LAYERS": "hillshade", "LAYERS": "hillshade"})
    assert "LayerNotQueryable" in refused.text
    legend = {"SERVICE": "WMS", "REQUEST": "GetLegendGraphic", "LAYER": "raster:易发性", "FORMAT": "image/png"}
    swatches = pixels((await client.get("/wms", params=legend)).content)
    assert (swatches[..., :3] == colour("#B2182B")).all(axis=2).sum() > 120


async def test_a_grid_is_a_layer_of_wmts_and_tells_its_value(client):
    listed = (await client.get("/wmts", params={"SERVICE": "WMTS", "REQUEST": "GetCapabilities"})).text
    assert "raster:易发性" in listed
    tile = {"SERVICE": "WMTS", "VERSION": "1.0.0", "LAYER": "raster:易发性", "STYLE": "light", "FORMAT": "image/png"}
    tile |= {"TILEMATRIXSET": "WebMercatorQuad", "TILEMATRIX": "10", "TILECOL": "839", "TILEROW": "438"}
    drawn = pixels((await client.get("/wmts", params={**tile, "REQUEST": "GetTile"})).content)
    same = pixels((await client.get("/rasters/易发性/10/839/438.png")).content)
    assert (np.abs(drawn.astype(int) - same).max(axis=2) > 2).mean() < 0.02
    info = {**tile, "REQUEST": "GetFeatureInfo", "I": "200", "J": "128", "INFOFORMAT": "application/json"}
    (told,) = (await client.get("/wmts", params=info)).json()["features"]
    assert told["properties"]["value"] in (1.0, 2.0, None)
    outside = await client.get("/wmts", params={**info, "I": "256"})
    assert (outside.status_code, "PointIJOutOfRange" in outside.text) == (400, True)


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
        database.executemany("INSERT INTO metadata VALUES (?, ?)", [("format", kind), ("attribution", "某某测绘院")])
        for each in folder.glob("*/*/*.png"):
            z, x, y = int(each.parts[-3]), int(each.parts[-2]), int(each.stem)
            database.execute("INSERT INTO tiles VALUES (?, ?, ?, ?)", (z, x, 2**z - 1 - y, each.read_bytes()))
    database.close()


@pytest.mark.parametrize("kind", ["folder", "mbtiles"])
async def test_tiles_of_ones_own_lie_under_a_map_and_missing_ones_are_said(tmp_path, database_url, state, kind):
    folder = tmp_path / "tiles"
    fill_folder(folder)
    path = folder
    if kind == "mbtiles":
        path = tmp_path / "tiles.mbtiles"
        fill_mbtiles(path, folder)
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
        assert (await client.get("/basemap/9/420/219")).content == tile_picture("#3030A0")
        assert (await client.get("/basemap/9/419/218")).status_code == 404
        style = (await client.get("/style.json")).json()
        assert style["sources"]["raster-basemap"]["maxzoom"] == 9
        (shown,) = [each for each in style["layers"] if each["id"] == "raster-basemap"]
        assert shown["layout"]["visibility"] == "visible"


async def test_vector_tiles_are_no_basemap(tmp_path, database_url, state):
    path = tmp_path / "vector.mbtiles"
    fill_mbtiles(path, tmp_path, "pbf")
    async with service(database_url, state, basemap=path) as client:
        answer = await client.get("/maps/image.png", params=BOX)
        assert answer.status_code == 422
        assert FileUnreadable.code in answer.text


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
