"""Asking in every way: drawn shapes, rings by event, from a result; the card, the index, files and links."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, expect

from tests.wall.driving import Watched
from tests.wall.looking import Json, ask
from tests.wall.seed import MARKUP

VIEW = "#map=12/25.95/115.3&theme=light"
ASKED = f"{VIEW}&at=115.3,25.95&r=5000"

Point = tuple[float, float]


def middle(page: Page) -> Callable[[float, float], Point]:
    """Places of the window by px east and south of the map's middle."""
    box = page.locator("[data-test=map] canvas").bounding_box()
    assert box is not None
    return lambda east, south: (box["x"] + box["width"] / 2 + east, box["y"] + box["height"] / 2 + south)


def posted(page: Page, act: Callable[[], None]) -> tuple[Json, Json]:
    """What the page sends to ``/risk`` when something is done, and what it is answered."""

    def is_question(request: Request) -> bool:
        return request.method == "POST" and "/risk" in request.url

    with page.expect_request(is_question) as asked:
        act()
    response = asked.value.response()
    assert response is not None
    assert response.status == 200, response.text()
    return json.loads(asked.value.post_data or ""), response.json()


def clicks(page: Page, tool: str, *places: Point, ends_twice: bool = False) -> Callable[[], None]:
    at = middle(page)

    def act() -> None:
        page.get_by_test_id(f"tool-{tool}").click()
        expect(page.get_by_test_id(f"tool-{tool}")).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_test_id("draw-note")).to_be_visible()
        page.wait_for_timeout(400)  # terra-draw is fetched with the first tool
        for place in places:
            page.mouse.move(*at(*place), steps=4)
            page.mouse.click(*at(*place))
        if ends_twice:
            page.mouse.click(*at(*places[-1]))

    return act


@pytest.mark.parametrize(
    ("tool", "places", "twice", "kind"),
    [
        ("line", [(-120, -40), (0, 60), (140, 10)], True, "LineString"),
        ("polygon", [(-100, -60), (100, -60), (90, 80), (-90, 80)], True, "Polygon"),
    ],
)
def test_a_drawn_shape_is_asked_as_it_was_drawn(
    wall: Watched, tool: str, places: list[Point], twice: bool, kind: str
) -> None:
    page = wall.open(VIEW)
    body, answer = posted(page, clicks(page, tool, *places, ends_twice=twice))
    assert body["geometry"]["type"] == kind
    corners = body["geometry"]["coordinates"] if kind == "LineString" else body["geometry"]["coordinates"][0][:-1]
    assert len(corners) == len(places)
    wall.answered()
    assert page.get_by_test_id("answer-total").text_content() == str(sum(row["count"] for row in answer["counts"]))
    expect(page.get_by_test_id(f"tool-{tool}")).to_have_attribute("aria-pressed", "false")


def test_a_drawn_circle_is_asked_by_its_centre_and_radius(wall: Watched) -> None:
    page = wall.open(VIEW)
    clicks(page, "circle", (10, -30), (130, -30))()
    wall.answered()
    expect(page).to_have_url(re.compile("[#&]r="))
    asked = parse_qs(page.evaluate("location.hash.slice(1)"))
    assert abs(float(asked["r"][0]) - 120 * 17.2) < 60, "120 px of 17.2 m each at this zoom and latitude"


def test_a_drawn_sector_is_asked_clockwise(wall: Watched) -> None:
    page = wall.open(VIEW)
    body, answer = posted(page, clicks(page, "sector", (0, 20), (0, -140), (140, 20)))
    assert abs(body["sector"]["start_deg"] % 360 - 0) < 3 or body["sector"]["start_deg"] > 357
    assert abs(body["sector"]["end_deg"] - 90) < 3
    bearings = [feature["properties"]["bearing_deg"] for feature in answer["features"]["features"]]
    assert bearings
    assert all(bearing is None or bearing <= 93 or bearing >= 357 for bearing in bearings)


def test_escape_puts_the_tool_down_and_asks_nothing(wall: Watched) -> None:
    page = wall.open(VIEW)
    clicks(page, "polygon", (0, 0), (50, 50))()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("tool-polygon")).to_have_attribute("aria-pressed", "false")
    assert not [url for url in wall.requests if "/risk?" in url]


def test_distance_and_area_are_measured(wall: Watched) -> None:
    page = wall.open(VIEW)
    clicks(page, "measure", (-100, 0), (100, 0), (100, 100), ends_twice=True)()
    note = page.get_by_test_id("draw-note")
    expect(note).to_contain_text(re.compile(r"长 5\.1\d km"))
    expect(note).to_contain_text(re.compile(r"围成 2\.9\d km²"))
    page.get_by_role("button", name="清除量测").click()
    expect(note).to_have_count(0)


def test_the_rings_of_a_kind_of_event_are_asked(wall: Watched) -> None:
    page = wall.open(ASKED)
    wall.answered()
    preset = next(each for each in ask(f"{wall.address}/risk/presets")["presets"] if each["event"] == "geohazard")
    page.get_by_test_id("rings").click()
    with page.expect_request(lambda request: "/risk?" in request.url) as asked:
        page.get_by_role("radiogroup").get_by_text(preset["title"], exact=True).click()
    assert [float(part) for part in parse_qs(asked.value.url.split("?")[1])["radius_m"][0].split(",")] == preset[
        "rings_m"
    ]
    expect(page.get_by_test_id("rings")).to_contain_text(preset["title"])
    expect(page).to_have_url(re.compile("event=geohazard"))


def test_the_index_is_a_sum_that_can_be_checked(wall: Watched) -> None:
    page = wall.open(ASKED)
    wall.answered()
    index = ask(f"{wall.address}/risk?lon=115.3&lat=25.95&radius_m=1000,3000,5000")["index"]
    shown = [
        float(re.findall(r"([\d.]+) / [\d.]+$", part.strip())[0])
        for part in page.locator("[data-test^=factor-] dd").all_text_contents()
    ]
    assert round(sum(shown), 2) == index["value"]
    assert float(page.get_by_test_id("index-value").text_content() or "") == index["value"]
    assert float(page.get_by_test_id("index-sum").text_content() or "") == index["value"]


def test_a_symbol_opens_its_card_and_the_card_asks_again_from_there(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.locator("[data-test=map] canvas").click()
    card = page.get_by_test_id("card")
    expect(card.get_by_role("heading", level=2)).to_have_text(MARKUP)
    expect(card).to_contain_text("为什么是橙 较大")
    expect(card).to_contain_text("威胁 612 人,险情等级为大型")
    expect(card).to_contain_text("2026-06-18")
    body, _ = posted(page, lambda: page.get_by_test_id("ask-from").click())
    assert body["feature"] == "hazard_points/test/G000"
    expect(page).to_have_url(re.compile("feature=hazard_points/test/G000"))
    page.keyboard.press("Escape")


def test_a_row_asks_again_and_the_old_place_stays_as_a_ghost(wall: Watched) -> None:
    page = wall.open(ASKED)
    wall.answered()
    row = page.locator("section.list").get_by_role("listitem").nth(3)
    body, _ = posted(page, lambda: row.locator(".again").click())
    assert body["feature"] == row.get_attribute("data-id") or body["feature"].count("/") == 2
    expect(page.locator(".sign-ghost")).to_have_count(1)


@pytest.mark.parametrize(
    "part", ["sector=300,60", "line=115.28,25.94;115.32,25.97", "area=115.28,25.94;115.32,25.94;115.3,25.98"]
)
def test_a_link_reopens_a_drawn_question(wall: Watched, part: str) -> None:
    page = wall.open(f"#map=12/25.95/115.3&at=115.3,25.95&{part}&r=3000&theme=light")
    wall.answered()
    page.wait_for_timeout(500)
    assert part in page.evaluate("location.hash")
    assert int(page.get_by_test_id("answer-total").text_content() or "0") > 0


def test_the_answer_is_saved_as_table_and_as_geojson(wall: Watched, tmp_path: Path) -> None:
    page = wall.open(ASKED)
    wall.answered()
    answer = ask(f"{wall.address}/risk?lon=115.3&lat=25.95&radius_m=1000,3000,5000")
    ids = [feature["id"] for feature in answer["features"]["features"]]
    for kind in ("csv", "geojson"):
        page.get_by_test_id("export").click()
        with page.expect_download() as saving:
            page.get_by_test_id(f"export-{kind}").click()
        saving.value.save_as(tmp_path / f"answer.{kind}")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "answer.csv").read_text("utf-8-sig"))))
    assert [row["id"] for row in rows if not row["nearest"]] == ids
    assert next(row for row in rows if row["id"] == "hazard_points/test/G000")["name"] == MARKUP
    saved = json.loads((tmp_path / "answer.geojson").read_text("utf-8"))
    assert [feature["id"] for feature in saved["features"]] == ids


def test_the_printed_map_of_the_question_is_a_pdf(wall: Watched) -> None:
    page = wall.open(ASKED)
    wall.answered()
    page.get_by_test_id("export").click()
    address = page.get_by_test_id("picture").get_attribute("href")
    assert address is not None
    answer = page.request.get(address)
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF")


def test_the_exhibit_of_the_very_question_is_ordered_in_one_press(wall: Watched) -> None:
    page = wall.open(f"{ASKED}&hide=shelters&without=blue")
    wall.answered()
    with page.expect_request(lambda request: request.method == "POST" and "/exhibits" in request.url) as ordered:
        page.get_by_test_id("exhibit").click()
    body = json.loads(ordered.value.post_data or "")
    assert (body["kind"], body["lon"], body["lat"], body["radius_m"]) == (
        "surroundings",
        115.3,
        25.95,
        [1000, 3000, 5000],
    )
    assert "shelters" not in body["layers"]
    assert body["grades"] == ["red", "orange", "yellow", "none"]
    expect(page.get_by_test_id("exhibit-state")).to_have_text("正在制图")
    address = page.get_by_test_id("exhibit-file").get_attribute("href", timeout=60_000)
    assert address is not None
    assert page.request.get(address).body().startswith(b"%PDF")


def test_the_asking_tool_asks_on_a_symbol_too_and_is_put_down(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.get_by_test_id("tool-point").click()
    with page.expect_request(lambda request: "/risk?" in request.url) as asked:
        page.locator("[data-test=map] canvas").click()
    assert abs(float(parse_qs(asked.value.url.split("?")[1])["lon"][0]) - 115.3) < 0.001
    wall.answered()
    expect(page.get_by_test_id("card")).to_have_count(0)
    expect(page.get_by_test_id("tool-select")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("p")
    expect(page.get_by_test_id("tool-point")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("tool-point")).to_have_attribute("aria-pressed", "false")


def test_a_right_click_asks_beside_the_marks_of_a_crowded_map(wall: Watched) -> None:
    page = wall.open("#map=8/25.95/115.3&theme=light")
    with page.expect_request(lambda request: "/risk?" in request.url):
        page.locator("[data-test=map] canvas").click(button="right")
    wall.answered()
    expect(page.get_by_test_id("answer-total")).to_be_visible()


def test_a_division_is_asked_inside_its_outline(wall: Watched) -> None:
    page = wall.open("#map=10/25.95/115.3&theme=light")
    body, answer = posted(page, lambda: page.get_by_role("button", name="研判于都县全域").click())
    assert (body["in_division"], body["radius_m"]) == ("360731", [0])
    wall.answered()
    assert page.get_by_test_id("answer-total").text_content() == str(sum(row["count"] for row in answer["counts"]))
    expect(page.get_by_test_id("answer")).to_contain_text("全域")
    expect(page).to_have_url(re.compile("division=360731"))
    link = page.evaluate("location.hash")
    page.goto("about:blank")
    wall.open(link)
    wall.answered()
    assert page.get_by_test_id("answer-total").text_content() == str(sum(row["count"] for row in answer["counts"]))


def test_a_card_names_the_nearest_help_and_goes_there(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.locator("[data-test=map] canvas").click()
    nearest = page.get_by_test_id("card-nearest")
    told = ask(f"{wall.address}/risk?lon=115.3&lat=25.95&radius_m=1&nearest=1")["nearest"]
    first = next(group["features"][0]["properties"] for group in told if group["layer"] == "shelters")
    expect(nearest).to_contain_text(first["name"])
    nearest.get_by_text("县医院起降点").click()
    expect(page.get_by_test_id("card").get_by_role("heading", level=2)).to_have_text("县医院起降点")
