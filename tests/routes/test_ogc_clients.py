"""OWSLib, the client that others build on, talks to the real service over TCP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from owslib.util import ServiceException
from owslib.wms import WebMapService
from owslib.wmts import WebMapTileService

from api.main import create_app
from api.settings import Settings
from geo.cartography.ogc_crs import MAP_CRSS
from geo.cartography.theme import Themes
from layers.registry import discover
from tests.pixels import near, of_colour, read
from tests.wall.driving import free_port

RED = Themes().get("light").grades["red"].fill
BOX = (114.984, 24.98, 115.024, 25.02)


@pytest.fixture
def address(small_city: str) -> Iterator[str]:
    """The service in a thread of this process."""
    port = free_port()
    app = create_app(Settings(database_url=small_city))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("version", ["1.3.0", "1.1.1"])
def test_owslib_reads_the_capabilities_and_draws_and_asks(address, version):
    wms = WebMapService(f"{address}/wms", version=version)
    assert wms.identification.version == version
    assert set(discover()) <= set(wms.contents)
    layer = wms["hazard_points"]
    assert layer.title == "地质灾害隐患点"
    assert layer.boundingBoxWGS84 == pytest.approx((115.004, 24.9, 115.02, 25.1))
    assert set(MAP_CRSS) <= set(layer.crsOptions)
    assert "legend" in layer.styles["light"]
    # OWSLib takes x, y always and exchanges them by itself where 1.3.0 has latitude first.
    place = {"layers": ["hazard_points"], "srs": "EPSG:4490", "bbox": BOX, "size": (400, 400)}
    drawn = read(wms.getmap(**place, styles=[""], format="image/png", transparent=False).read())
    assert of_colour(near(drawn, 200, 200, 14), RED).sum() > 20
    told = wms.getfeatureinfo(
        **place, format="image/png", query_layers=["hazard_points"], info_format="text/plain", xy=(200, 200)
    )
    assert "下坝组滑坡" in told.read().decode()
    with pytest.raises(ServiceException, match="nowhere"):
        wms.getmap(**(place | {"layers": ["nowhere"]}), format="image/png")


@pytest.mark.parametrize(("grid", "level"), [("WebMercatorQuad", 14), ("CGCS2000Quad", 14)])
def test_owslib_reads_the_tiles(address, grid, level):
    wmts = WebMapTileService(f"{address}/wmts")
    assert set(discover()) <= set(wmts.contents)
    assert wmts["hazard_points"].title == "地质灾害隐患点"
    matrix = wmts.tilematrixsets[grid].tilematrix[str(level)]
    corner = matrix.topleftcorner if grid == "WebMercatorQuad" else matrix.topleftcorner[::-1]
    metres_per_unit = 1.0 if grid == "WebMercatorQuad" else 111319.49079327358
    pixel = matrix.scaledenominator * 0.00028 / metres_per_unit
    x, y, _, _ = MAP_CRSS["EPSG:3857" if metres_per_unit == 1 else "EPSG:4490"].of_degrees(115.004, 25, 115.004, 25)
    across, down = (x - corner[0]) / pixel, (corner[1] - y) / pixel
    tile = wmts.gettile(
        layer="hazard_points",
        tilematrixset=grid,
        tilematrix=str(level),
        row=int(down // 256),
        column=int(across // 256),
        format="image/png",
    )
    assert of_colour(near(read(tile.read()), across % 256, down % 256, 8), RED).any()
