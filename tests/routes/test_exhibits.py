"""``/exhibits``: ordered, waited for, fetched; a wrong order names its field, an unknown one is told so."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from api.main import create_app
from api.settings import Settings
from geo.errors import FileUnwritable
from geo.exhibits.formats.recipes import read_recipe_of
from geo.exhibits.pdf import read_recipe
from geo.exhibits.shelf import Shelf

PLACE = {"kind": "surroundings", "lon": 115.0, "lat": 25.0, "made_on": "2026-11-22"}
FONTS = Path(tempfile.gettempdir()) / f"onemap-exhibit-state-{os.getuid()}" / "fonts"


@pytest.fixture
async def bureau(small_city: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with a shelf of its own; the fonts are those of the machine's other runs."""
    FONTS.mkdir(parents=True, exist_ok=True)
    (tmp_path / "fonts").symlink_to(FONTS)
    app = create_app(Settings(database_url=small_city, state_directory=tmp_path))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as asking:
        yield asking
    assert app.state.onemap.database.loans == 0
    await app.state.onemap.database.close()


async def finished(bureau: httpx.AsyncClient, address: str) -> dict[str, object]:
    for _ in range(600):
        told = (await bureau.get(address)).json()
        if told["state"] != "running":
            return told
        await asyncio.sleep(0.05)
    raise AssertionError("the exhibit was never finished")


async def test_an_exhibit_is_ordered_and_fetched(bureau):
    ordered = await bureau.post("/exhibits", json=PLACE)
    assert ordered.status_code == 202
    address = ordered.headers["location"]
    done = await finished(bureau, address)
    assert done["state"] == "done", done
    file = await bureau.get(f"{address}/file")
    assert file.headers["content-type"] == "application/pdf"
    assert read_recipe(file.content)["request"] == done["recipe"]["request"]


async def test_a_png_of_the_page_is_made_too(bureau):
    ordered = await bureau.post("/exhibits?format=png&dpi=72", json=PLACE)
    assert (await finished(bureau, ordered.headers["location"]))["state"] == "done"
    file = await bureau.get(ordered.headers["location"] + "/file")
    assert file.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("form", "start", "media"),
    [
        ("svg", b"<svg", "image/svg+xml"),
        ("docx", b"PK", "application/vnd.openxmlformats"),
        ("pptx", b"PK", "application/vnd.openxmlformats"),
        ("xlsx", b"PK", "application/vnd.openxmlformats"),
        ("html", b"<!DOCTYPE html>", "text/html"),
    ],
)
async def test_every_format_is_made_and_carries_its_recipe(bureau, form, start, media):
    ordered = await bureau.post(f"/exhibits?format={form}&dpi=96", json=PLACE)
    done = await finished(bureau, ordered.headers["location"])
    assert done["state"] == "done", done
    file = await bureau.get(ordered.headers["location"] + "/file")
    assert file.headers["content-type"].startswith(media)
    assert file.content.startswith(start)
    assert read_recipe_of(file.content) == done["recipe"]


async def test_an_unknown_format_is_refused_and_the_known_ones_are_told(bureau):
    assert (await bureau.post("/exhibits?format=doc", json=PLACE)).status_code == 422
    told = (await bureau.get("/exhibits", params={"lang": "en"})).json()
    assert [each["name"] for each in told["formats"]] == ["pdf", "png", "svg", "docx", "pptx", "html", "xlsx"]
    assert {"name": "surroundings", "title": "surroundings of a place"} in told["kinds"]


ATLAS = PLACE | {
    "lon": None,
    "lat": None,
    "radius_m": [500],
    "atlas": {"sites": [{"name": "甲", "lon": 115, "lat": 25}]},
}


async def test_an_atlas_waits_for_a_worker_and_can_be_cancelled(bureau):
    ordered = await bureau.post("/exhibits", json=ATLAS)
    assert ordered.status_code == 202, ordered.text
    address = ordered.headers["location"]
    assert (await bureau.get(address)).json()["state"] == "waiting"
    assert (await bureau.get(address + "/file")).status_code == 404
    assert (await bureau.delete(address)).json()["state"] == "cancelled"
    assert (await bureau.get(address)).json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("of", "query"), [({}, ""), ({"level": "county", "layer": "enterprises"}, ""), ({"level": "county"}, "?format=png")]
)
async def test_a_wrong_atlas_is_refused_at_once(bureau, of, query):
    told = await bureau.post(f"/exhibits{query}", json=ATLAS | {"atlas": of})
    assert told.status_code == 422, told.text


@pytest.mark.parametrize(("wrong", "field"), [({"lat": None}, "lon"), ({"title": "题" * 31}, "title"), ({"x": 1}, "x")])
async def test_a_wrong_order_is_refused_at_once(bureau, wrong, field):
    told = await bureau.post("/exhibits", json=PLACE | wrong)
    assert told.status_code == 422
    assert told.json()["errors"][0]["field"].startswith(field)


async def test_an_order_that_fails_says_why(bureau):
    ordered = await bureau.post("/exhibits", json=PLACE | {"layers": ["dragons"]})
    told = await finished(bureau, ordered.headers["location"])
    assert told["state"] == "failed"
    assert told["error"]["code"] == "unknown-layer"
    assert (await bureau.get(ordered.headers["location"] + "/file")).status_code == 404


async def test_an_unknown_exhibit_is_not_found(bureau):
    assert (await bureau.get(f"/exhibits/{uuid4()}")).status_code == 404
    assert (await bureau.get("/exhibits/../../etc/passwd/file")).status_code in (404, 422)


def test_the_shelf_keeps_no_more_than_it_may(tmp_path):
    shelf = Shelf(tmp_path / "exhibits", keep_s=100, most=1)
    old, new = uuid4(), uuid4()
    shelf.put(old, {"format": "pdf", "state": "done"}, [b"old"])
    os.utime(tmp_path / "exhibits" / f"{old}.pdf", (0, 0))
    os.utime(tmp_path / "exhibits" / f"{old}.json", (0, 0))
    shelf.put(new, {"format": "pdf", "state": "done"}, [b"new"])
    assert shelf.clear() == 2
    assert shelf.content(new, "pdf").read_bytes() == b"new"


def test_a_shelf_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path):
    (tmp_path / "exhibits").write_text("a file where the folder should be")
    with pytest.raises(FileUnwritable):
        Shelf(tmp_path / "exhibits").put(uuid4(), {"format": "pdf"}, [b"x"])
    assert [path.name for path in tmp_path.iterdir()] == ["exhibits"]
