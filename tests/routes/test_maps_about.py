"""Maps of a division, of a feature and of a drawn shape, and the graticule on them."""

from __future__ import annotations

import asyncio

import httpx
import numpy as np
import pytest

from geo.cartography.theme import Themes
from tests.pixels import of_colour, read

THEME = Themes().get("light")
PLAIN = {"legend": "false", "strip": "false", "size": "640x480", "labels": "false"}


async def image(client, status: int = 200, **parameters) -> bytes:
    response = await client.get("/maps/image.png", params=PLAIN | parameters)
    assert response.status_code == status, response.text
    return response.content


def outline(pixels) -> np.ndarray:
    """Where the asked shape's line is."""
    return of_colour(pixels, THEME.surface.question, 10)


async def test_a_division_fills_its_frame_and_is_outlined(client):
    pixels = read(await image(client, division="360721", layers="hazard_points"))
    rows, columns = np.nonzero(outline(pixels))
    # 2° × 2° at 25°: higher than wide, so it touches the frame's upper and lower margin.
    assert rows.min() < 480 * 0.06
    assert rows.max() > 480 * 0.94
    assert 80 < columns.min() < columns.max() < 560


async def test_a_division_with_a_box_only_filters(client):
    pixels = read(await image(client, division="360721", bbox="114.9,24.9,115.1,25.1", layers="hazard_points"))
    assert outline(pixels).sum() == 0


async def test_an_area_is_shown_whole_with_rings_around_its_edge(client):
    alone = read(await image(client, feature="forest_zones/test/f-1"))
    assert outline(alone).sum() > 400
    ringed = read(await image(client, feature="forest_zones/test/f-1", radius_m="1000,2000"))
    assert outline(ringed).sum() > outline(alone).sum()
    assert (await image(client, 422, feature="forest_zones")) != b""
    assert b"not-found" in await image(client, 404, feature="forest_zones/test/nobody")


async def test_a_point_feature_is_shown_with_what_lies_around(client):
    pixels = read(await image(client, feature="hazard_points/test/h-1"))
    red = np.argwhere(of_colour(pixels, THEME.grades["red"].fill))
    assert abs(red.mean(axis=0) - (240, 320)).max() < 12


async def test_a_drawn_shape_is_on_its_map(client):
    line = {"type": "LineString", "coordinates": [[114.98, 24.99], [115.0, 25.01], [115.03, 25.0]]}
    response = await client.post("/maps/image.png", params=PLAIN, json={"geometry": line, "radius_m": [500]})
    assert response.status_code == 200, response.text
    drawn = outline(read(response.content))
    assert drawn.sum() > 1000
    alone = await client.post("/maps/image.png", params=PLAIN, json={"geometry": line})
    assert 300 < outline(read(alone.content)).sum() < drawn.sum()


@pytest.mark.parametrize(
    "body",
    [
        {}, {"geometry": {}}, {"geometry": {"type": "Point"}}, {"geometry": {"type": "Polygon", "coordinates": []}},
        {"geometry": {"type": "Point", "coordinates": [115, 25]}},
        {"geometry": {"type": "Point", "coordinates": [999, 0]}},
        {"geometry": {"type": "LineString", "coordinates": [[115, 25], [116, 25]]}, "radius_m": [-1]},
        {"geometry": {"type": "LineString", "coordinates": [[115, 25], [116, 25]]}, "crs": "EPSG:2"},
    ],
)  # fmt: skip
async def test_a_shape_that_is_none_is_refused(client, body):
    response = await client.post("/maps/image.png", params=PLAIN, json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_graticule_is_drawn_when_asked_for(client):
    place = {"lon": "115", "lat": "25", "radius_m": "5000", "layers": "shelters"}
    without, with_lines = read(await image(client, **place)), read(await image(client, **place, graticule="true"))
    changed = np.abs(without - with_lines).max(axis=2) > 8
    # Whole columns and rows change: that is what lines are.
    assert (changed.mean(axis=0) > 0.8).sum() >= 2
    assert (changed.mean(axis=1) > 0.8).sum() >= 2


async def test_identical_requests_share_one_rendering(client):
    parameters = PLAIN | {"lon": "115", "lat": "25", "radius_m": "5000"}
    app = client._transport.app
    await client.get("/maps/image.png", params=parameters | {"radius_m": "4000"})
    drawn, real = [], app.state.studio.queue.run

    async def counted(work):
        drawn.append(work)
        return await real(work)

    app.state.studio.queue.run = counted
    answers: list[httpx.Response] = await asyncio.gather(
        *(client.get("/maps/image.png", params=parameters) for _ in range(12))
    )
    assert len({answer.content for answer in answers}) == 1
    assert len(drawn) == 1
