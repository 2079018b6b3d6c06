"""A risk answer taken away as a file: nobody may take a part of it for all there is."""

from __future__ import annotations

import io

import httpx
import openpyxl
import pytest

from api.main import create_app
from api.settings import Settings
from tests.seeding import insert


@pytest.mark.parametrize("format_", ["xlsx", "geojson", "csv"])
async def test_a_file_holds_all_or_says_what_it_leaves_out(client, small_city, format_):
    asked = {"lon": 115, "lat": 25, "radius_m": 60_000, "format": format_}
    whole = await client.get("/risk", params=asked)
    assert whole.headers["content-disposition"].endswith(f'"risk.{format_}"')
    cut = await client.get("/risk", params=asked | {"limit": 2})
    assert (
        f"risk-2-of-{whole.headers['x-onemap-truncated'].split('/')[1]}.{format_}" in cut.headers["content-disposition"]
    )
    if format_ == "geojson":
        assert cut.json()["truncated"][0]["listed"] == 2
        assert "truncated" not in whole.json()
    if format_ == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(cut.content))
        assert "另有" in str(book.worksheets[0].cell(4, 2).value)


async def test_a_file_is_not_cut_where_a_screen_is(small_city):
    for number in range(4):
        insert(small_city, "schools", f"POINT(115.00{number} 25)", f"x-{number}")
    app = create_app(Settings(database_url=small_city, features_default=2))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        asked = {"lon": 115, "lat": 25, "radius_m": 2000, "layers": "schools"}
        assert len((await client.get("/risk", params=asked)).json()["features"]["features"]) == 2
        assert len((await client.get("/risk", params=asked | {"format": "geojson"})).json()["features"]) == 4
    await app.state.onemap.database.close()
