"""A word of the query that no one reads is refused, wherever an answer would look as if it had been heeded."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("/risk?lon=115&lat=25&at=2020-01-01T00:00:00Z", "at"),
        ("/risk?lon=115&lat=25&radius=5000", "radius"),
        ("/layers/hazard_points/features?grade=red", "grade"),
        ("/statistics?divisions=360721", "divisions"),
        ("/search?q=a&layers=shelters", "layers"),
        ("/changes?since=24", "since"),
        ("/maps/image.png?lon=115&lat=25&radius_m=1000&layer=shelters", "layer"),
    ],
)
async def test_a_word_that_no_route_reads_is_refused_with_those_that_it_reads(client, address, word):
    response = await client.get(address)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == word
    assert "lang" in response.json()["detail"]


async def test_a_word_given_twice_is_refused(client):
    response = await client.get("/risk?lon=115&lat=25&grades=red&grades=none")
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "grades")


async def test_clients_of_the_ogc_may_add_words_of_their_own(client):
    response = await client.get("/wms?SERVICE=WMS&REQUEST=GetCapabilities&MAP_RESOLUTION=96&vendor=x")
    assert response.status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/risk?lon=115&lat=25&division=360799",
        "/layers/hazard_points/features?division=360799",
        "/statistics?division=360799",
        "/statistics?by=all&division=360799",
        "/features?bbox=114,24,116,26&division=360799",
    ],
)
async def test_a_division_that_nothing_bears_is_no_division_without_hazards(client, address):
    response = await client.get(address)
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "division")
    for code in ("360721", "360721101", "36"):
        assert (await client.get(address.replace("360799", code))).status_code == 200
