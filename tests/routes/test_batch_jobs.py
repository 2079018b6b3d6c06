"""A batch of sites as a job: ordered, performed by the worker, watched, cancelled, its file taken."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import geopandas as gpd
import httpx
import numpy as np
import pytest
import rasterio
from affine import Affine
from openpyxl import load_workbook

from api.main import create_app
from api.settings import Settings
from api.worker import run_worker
from geo.rasters import RasterKind, add_raster, rasters_directory

SITES = "编号,经度,纬度,radius_m\na,115,25,600\nb,200,25,600\nc,115.3,25,100\n"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
async def doors(small_city, tmp_path) -> AsyncIterator[tuple[httpx.AsyncClient, Settings]]:
    settings = Settings(database_url=small_city, state_directory=tmp_path, import_worker=False)
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as asking:
        yield asking, settings
    assert app.state.onemap.database.loans == 0
    await app.state.onemap.database.close()


@asynccontextmanager
async def worker(settings: Settings) -> AsyncIterator[None]:
    task = asyncio.create_task(run_worker(settings))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ended(client: httpx.AsyncClient, where: str, limit_s: float = 60.0) -> dict[str, object]:
    async with asyncio.timeout(limit_s):
        while True:
            shown = (await client.get(where)).json()
            if shown["state"] not in ("waiting", "running"):
                return shown
            await asyncio.sleep(0.1)


async def order(client: httpx.AsyncClient, format_: str = "xlsx", sites: str = SITES) -> httpx.Response:
    return await client.post(
        "/risk/batch", params={"as": "job", "format": format_}, content=sites.encode(), headers=CSV
    )


async def test_a_job_ends_with_a_file_that_says_what_the_stream_says(doors):
    client, settings = doors
    ordered = await order(client)
    assert ordered.status_code == 202
    where = ordered.headers["location"]
    assert (await client.get(f"{where}/file")).status_code == 404
    stream = await client.post("/risk/batch", content=SITES.encode(), headers=CSV)
    totals = [line.get("total") for line in map(httpx.Response.json, map(_as_response, stream.text.splitlines()))]
    async with worker(settings):
        shown = await ended(client, where)
    assert (shown["state"], shown["done"], shown["total"]) == ("done", 3, 3)
    file = await client.get(shown["file"])
    assert file.headers["content-disposition"] == 'attachment; filename="sites.xlsx"'
    head, *rows = load_workbook(io.BytesIO(file.content)).active.iter_rows(values_only=True)
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert [each["site"] for each in told] == ["a", "b", "c"]
    assert [each["total"] for each in told] == totals
    assert told[0]["worst"] == "red"
    assert told[0]["hazard_points_closest"] == "下坝组滑坡"
    assert "200" in told[1]["error"]
    assert told[1]["lon"] is None


def _as_response(line: str) -> httpx.Response:
    return httpx.Response(200, text=line)


async def test_a_geopackage_holds_the_sites_as_points(doors, tmp_path):
    client, settings = doors
    where = (await order(client, "gpkg")).headers["location"]
    async with worker(settings):
        assert (await ended(client, where))["state"] == "done"
    path = tmp_path / "sites.gpkg"
    path.write_bytes((await client.get(f"{where}/file")).content)
    frame = gpd.read_file(path)
    assert list(frame["site"]) == ["a", "b", "c"]
    assert frame.geometry.iloc[0].coords[0] == (115.0, 25.0)
    assert frame.geometry.iloc[1] is None


async def test_sites_are_told_their_people_and_height(doors, small_city, tmp_path):
    client, settings = doors
    for kind, value in ((RasterKind.POPULATION, 2.0), (RasterKind.ELEVATION, 150.0)):
        path = tmp_path / f"{kind.value}.tif"
        with rasterio.open(
            path, "w", driver="GTiff", dtype="float32", crs="EPSG:4490", nodata=-1.0, width=200, height=200, count=1,
            transform=Affine(0.001, 0, 114.9, 0, -0.001, 25.1),
        ) as file:  # fmt: skip
            file.write(np.full((200, 200), value, np.float32), 1)
        await asyncio.to_thread(add_raster, small_city, rasters_directory(tmp_path), path, kind)
    where = (await order(client, "geojson")).headers["location"]
    async with worker(settings):
        assert (await ended(client, where))["state"] == "done"
    inside, wrong, outside = [each["properties"] for each in (await client.get(f"{where}/file")).json()["features"]]
    # 600 m around: π·600² m² of cells of 0.001° (110.8 × 100.9 m), two people each.
    assert inside["people"] == pytest.approx(2 * np.pi * 600**2 / (110.77 * 100.95), rel=0.01)
    assert (inside["elevation_m"], outside["elevation_m"]) == (150.0, None)
    assert (outside["people"], wrong["people"]) == (None, None)


async def test_a_cancelled_job_has_no_file_and_stays_cancelled(doors):
    client, settings = doors
    where = (await order(client)).headers["location"]
    assert (await client.delete(where)).json()["state"] == "cancelled"
    later = (await order(client)).headers["location"]
    async with worker(settings):  # which takes them in the order in which they came
        assert (await ended(client, later))["state"] == "done"
        assert (await client.get(where)).json()["state"] == "cancelled"
    refused = await client.get(f"{where}/file")
    assert refused.status_code == 404
    assert "cancelled" in refused.text


async def test_what_is_no_table_of_sites_fails_with_its_reason(doors):
    client, settings = doors
    ordered = await client.post(
        "/risk/batch", params={"as": "job"}, content=b"{}", headers={"Content-Type": "application/geo+json"}
    )
    async with worker(settings):
        shown = await ended(client, ordered.headers["location"])
    assert shown["state"] == "failed"
    assert "GeoJSON" in shown["error"]["zh"]


async def test_an_unknown_run_is_not_found(doors):
    client, _ = doors
    assert (await client.get("/risk/batch/00000000-0000-0000-0000-000000000000")).status_code == 404
