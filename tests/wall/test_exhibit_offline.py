"""The exhibit as a web page, opened from a file with the network cut: no request, no complaint, data only as text."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.exhibits.formats.writing import FORMATS, write
from geo.exhibits.manuscript import prepare
from tests.exhibit_workshop import STATE, asked, in_workshop
from tests.seeding import insert

EVIL = '<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>'


@pytest.fixture(scope="module")
def file(module_database_url, tmp_path_factory) -> Path:
    insert(module_database_url, "hazard_points", "POINT(115.004 25.004)", "e", name=EVIL, grade="red")
    for number in range(4):
        place = f"POINT({115 + 0.003 * number} 25.0)"
        insert(module_database_url, "shelters", place, f"s{number}", name=f"第{number}广场", capacity_people=100)

    async def work(workshop):
        manuscript = await prepare(workshop, asked("surroundings", lon=115.0, lat=25.0, radius_m=(1000, 2000)), STATE)
        return write(manuscript, FORMATS["html"], 96)[0]

    path = tmp_path_factory.mktemp("usb") / "周边 分析.html"
    path.write_bytes(in_workshop(module_database_url, work))
    return path


@pytest.fixture(scope="module")
def opened(file, browser):
    """The page in a browser without network, what its console said, what it asked for. (The file is made first: the
    browser's driver has an event loop of its own.)"""
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 800})
    page = context.new_page()
    said, asked_for = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked_for.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector(".leaflet-marker-icon svg")
    yield page, said, asked_for
    context.close()


def test_nothing_is_asked_of_any_network_and_nothing_is_complained_of(opened):
    _, said, asked_for = opened
    assert [address for address in asked_for if not address.startswith(("data:", "file:"))] == []
    assert sum(address.startswith("file:") for address in asked_for) == 1
    assert said == []


def test_the_map_shows_every_feature_where_it_is(opened):
    page, _, _ = opened
    assert page.locator(".leaflet-marker-icon.mark").count() == 5 + 1, "five features and the asked place"
    box = page.locator(".map").bounding_box()
    for mark in page.locator(".leaflet-marker-icon.mark").all():
        at = mark.bounding_box()
        assert box["x"] <= at["x"] <= box["x"] + box["width"]
        assert box["y"] <= at["y"] <= box["y"] + box["height"]
    west, east = (page.locator(f".leaflet-marker-icon[title='第{n}广场']").bounding_box()["x"] for n in (0, 3))
    assert west < east


def test_a_row_leads_to_its_feature_and_a_hostile_name_stays_a_name(opened):
    page, said, _ = opened
    page.locator("tr[data-item]", has_text="onerror").click()
    page.wait_for_selector(".leaflet-popup-content .popup")
    assert EVIL in page.locator(".leaflet-popup-content b").inner_text()
    assert page.locator("img[src='x']").count() == 0
    assert page.evaluate("window.hacked") is None
    assert said == []


def test_the_policy_of_the_page_lets_no_strange_script_run(opened):
    page, said, _ = opened
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<i onclick=\"window.hacked=1\" id=\"trap\">x</i>')")
    page.locator("#trap").click()
    assert page.evaluate("window.hacked") is None
    said.clear()
