"""A feature that its source has retired is kept in its table and found by no door."""

from __future__ import annotations

import httpx
import psycopg
import pytest

from geo.database import StatementBuilder
from geo.selection import Reader, Selection
from layers.registry import discover


@pytest.fixture
def retired(small_city: str) -> str:
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE hazard_points SET retired_at = now() WHERE source_id = 'h-1'")
    return small_city


async def _json(client: httpx.AsyncClient, address: str) -> dict[str, object]:
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.usefixtures("retired")
async def test_no_door_shows_a_retired_feature(client: httpx.AsyncClient):
    for address in (
        "/layers/hazard_points/features?limit=100",
        "/risk?lon=115.004&lat=25&radius_m=5000&layers=hazard_points",
    ):
        text = (await client.get(address)).text
        assert "h-2" in text, address
        assert "h-1" not in text, address
    assert (await client.get("/layers/hazard_points/features/test/h-1")).status_code == 404
    layer = await _json(client, "/layers/hazard_points")
    assert layer["counts"] == {"red": 0, "orange": 0, "yellow": 0, "blue": 1, "none": 1}
    tile = await client.get("/tiles/hazard_points/12/3356/1754.mvt")
    assert b"h-2" in tile.content
    assert b"h-1" not in tile.content


async def test_a_retired_division_is_no_place_s_division(client: httpx.AsyncClient, small_city: str):
    with psycopg.connect(small_city) as connection:
        connection.execute("UPDATE divisions SET retired_at = now()")
    place = (await _json(client, "/risk?lon=115&lat=25"))["place"]
    assert isinstance(place, dict)
    assert place["divisions"] == []


@pytest.mark.parametrize("reader", [Reader(), Reader(("360721",))])
def test_only_who_asks_for_retired_features_gets_them(reader: Reader):
    layer = discover()["hazard_points"]
    assert "retired_at IS NULL" in Selection((layer,), reader=reader).where(layer, StatementBuilder())
    assert "retired_at" not in Selection((layer,), reader=reader, retired=True).where(layer, StatementBuilder())
