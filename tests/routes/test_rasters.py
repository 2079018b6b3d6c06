"""Grids, hillshade and basemaps over HTTP: at their place in their colours in every picture, or said to be missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
import rasterio
from affine import Affine

from geo.cartography.theme import Themes
from geo.rasters import ColourTable, RasterKind, add_raster, rasters_directory, remove_raster
from tests.pixels import colour
from tests.pixels import read_rgba as pixels
from tests.seeding import insert
from tests.services import service

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


@pytest.fixture
async def client(database_url: str, state: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with service(database_url, state) as asking:
        yield asking


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
