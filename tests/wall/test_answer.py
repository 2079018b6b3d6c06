"""A click and its answer: the service's own, near first, told in words, seen on the map, by keyboard and link too."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs

from playwright.sync_api import Page, Route, expect

from tests.wall.driving import Watched
from tests.wall.looking import Json, ask, count_of, pixels
from tests.wall.seed import MARKUP

GRADES = ("red", "orange", "yellow", "blue", "none")
VIEW = "#map=12/25.95/115.3&theme=light"


def asked(page: Page) -> tuple[float, float]:
    """The place that the address says was asked."""
    expect(page).to_have_url(re.compile("[#&]at="))
    lon, lat = parse_qs(page.evaluate("location.hash.slice(1)"))["at"][0].split(",")
    return float(lon), float(lat)


def click_centre(wall: Watched) -> Json:
    """Click near the middle of the map, beside its symbols; the service's own answer for that place at 5 km."""
    box = wall.page.locator("[data-test=map] canvas").bounding_box()
    assert box is not None
    wall.page.locator("[data-test=map] canvas").click(position={"x": box["width"] / 2, "y": box["height"] / 2 - 34})
    wall.answered()
    lon, lat = asked(wall.page)
    return ask(f"{wall.address}/risk?lon={lon}&lat={lat}&radius_m=1000,3000,5000&lang=zh")


def listed(page: Page) -> list[str]:
    ids: list[str] = page.evaluate("[...document.querySelectorAll('section.list [data-id]')].map((e) => e.dataset.id)")
    return ids


def test_a_click_lists_what_the_service_answers_nearest_first(wall: Watched) -> None:
    page = wall.open(VIEW)
    answer = click_centre(wall)
    lon, lat = asked(page)
    assert abs(lon - 115.3) < 0.001
    assert abs(lat - 25.95 - 0.00524) < 0.001
    assert listed(page) == [feature["id"] for feature in answer["features"]["features"]]
    total = sum(row["count"] for row in answer["counts"])
    assert page.get_by_test_id("answer-total").text_content() == str(total)
    expect(page.get_by_test_id("place")).to_have_text("赣州市 于都县")
    hazards = [row for row in answer["counts"] if row["layer"] == "hazard_points"]
    by_grade = [sum(row["count"] for row in hazards if row["grade"] == grade) for grade in GRADES]
    cells = page.get_by_test_id("answer-hazard_points").locator("td").all_text_contents()
    assert [int(text) for text in cells] == [*by_grade, sum(by_grade)]


def test_the_nearest_helipad_is_named_though_it_lies_outside(wall: Watched) -> None:
    page = wall.open(VIEW)
    answer = click_centre(wall)
    helipad = next(group for group in answer["nearest"] if group["layer"] == "helipads")["features"][0]
    assert helipad["properties"]["distance_m"] > 5000
    row = page.get_by_test_id("nearest").get_by_role("listitem").filter(has_text="县医院起降点")
    expect(row).to_contain_text(f"{helipad['properties']['distance_m'] / 1000:.1f} km")
    expect(row).to_contain_text("东 92°")


def test_a_row_tells_grade_reason_distance_and_that_it_is_demo_data(wall: Watched) -> None:
    page = wall.open(VIEW)
    click_centre(wall)
    row = page.locator("section.list").get_by_role("listitem").filter(has_text="下坝组滑坡")
    expect(row).to_contain_text("橙")
    expect(row).to_contain_text("威胁 612 人,险情等级为大型")
    expect(row).to_contain_text("演示数据")
    expect(row.get_by_role("img", name="橙 较大")).to_be_visible()


def test_markup_in_data_stays_text(wall: Watched) -> None:
    page = wall.open(VIEW)
    click_centre(wall)
    expect(page.get_by_text(MARKUP, exact=True).first).to_be_visible()
    page.mouse.move(0, 0)
    page.locator("[data-test=map] canvas").hover()
    expect(page.locator(".tip")).to_contain_text("<b>下坝组滑坡</b>")
    assert page.evaluate("[document.querySelectorAll('img[src]').length, window.hacked ?? null]") == [0, None]


def test_a_feature_without_a_name_is_called_by_its_id(wall: Watched) -> None:
    page = wall.open(VIEW)
    answer = click_centre(wall)
    assert "hazard_points/test/G004" in [feature["id"] for feature in answer["features"]["features"]]
    expect(page.locator('section.list [data-id="hazard_points/test/G004"]')).to_contain_text("G004")


def test_another_radius_asks_again(wall: Watched) -> None:
    page = wall.open(VIEW)
    click_centre(wall)
    before = listed(page)
    page.get_by_test_id("rings").click()
    page.get_by_role("radiogroup").get_by_text("1 km", exact=True).click()
    expect(page).to_have_url(re.compile("&r=1000(&|$)"))
    wall.answered()
    lon, lat = asked(page)
    answer = ask(f"{wall.address}/risk?lon={lon}&lat={lat}&radius_m=500,1000&lang=zh")
    expect(page.get_by_test_id("answer-total")).to_have_text(str(sum(row["count"] for row in answer["counts"])))
    assert 0 < len(listed(page)) < len(before)


def test_pointing_at_a_row_marks_its_feature_on_the_map(wall: Watched) -> None:
    page = wall.open(VIEW)
    click_centre(wall)
    page.mouse.move(1300, 5)
    wall.drawn()
    page.wait_for_timeout(300)
    ink = "#17202A"
    before = count_of(pixels(page, "[data-test=map]"), ink)
    page.locator('section.list [data-id="hazard_points/test/G000"] .row').hover()
    page.wait_for_timeout(500)
    assert count_of(pixels(page, "[data-test=map]"), ink) > before + 60


def test_pointing_at_the_map_marks_the_row(wall: Watched) -> None:
    page = wall.open(VIEW)
    click_centre(wall)
    page.mouse.move(1300, 5)
    page.locator("[data-test=map] canvas").hover()
    expect(page.locator('section.list [data-id="hazard_points/test/G000"]')).to_have_class("item current")


def test_hidden_layers_leave_the_list_and_it_says_how_many_are_shown(wall: Watched) -> None:
    page = wall.open(f"{VIEW}&hide=shelters")
    answer = click_centre(wall)
    features = answer["features"]["features"]
    kept = [feature["id"] for feature in features if feature["properties"]["layer"] != "shelters"]
    assert listed(page) == kept != [feature["id"] for feature in features]
    expect(page.get_by_test_id("listed")).to_have_text(f"显示 {len(kept)} / {len(features)}")


def test_a_link_opens_the_same_view_and_question(wall: Watched) -> None:
    page = wall.open(VIEW)
    click_centre(wall)
    page.wait_for_timeout(400)
    link, before = page.evaluate("location.hash"), listed(page)
    page.goto("about:blank")
    wall.open(link)
    wall.answered()
    assert listed(page) == before
    page.wait_for_timeout(400)
    assert page.evaluate("location.hash") == link


def test_a_link_pasted_into_the_open_page_is_followed(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.evaluate("location.hash = '#map=13/25.96/115.31&at=115.31,25.96&r=1000&theme=light'")
    expect(page.locator("main[data-drawn=true]")).to_be_visible()
    wall.answered()
    assert asked(page) == (115.31, 25.96)
    page.get_by_test_id("rings").click()
    expect(page.get_by_role("radio", name="1 km", exact=True)).to_be_checked()


def test_the_keyboard_alone_asks_reads_and_leaves(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.locator("[data-test=map] canvas").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    wall.answered()
    assert asked(page)[0] > 115.301
    expect(page.get_by_role("status").filter(has_text="最高等级")).to_contain_text("于都县")
    row = page.locator("section.list button").first
    row.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    close = page.get_by_test_id("close")
    close.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("点一下地图,看这里有什么风险")).to_be_visible()
    expect(page).not_to_have_url(re.compile("[#&]at="))


def test_every_control_has_a_name(wall: Watched) -> None:
    page = wall.open(VIEW)
    click_centre(wall)
    nameless: list[str] = page.evaluate("""() => [...document.querySelectorAll('button, a, input')]
        .filter((e) => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.[0]?.textContent.trim()))
        .map((e) => e.outerHTML.slice(0, 120))""")
    assert nameless == []


def test_a_refusal_is_told_in_the_services_words_and_the_old_answer_stays(wall: Watched) -> None:
    page = wall.open(VIEW)
    click_centre(wall)
    before = listed(page)
    problem = {"type": "about:blank", "title": "Busy", "status": 503, "detail": "数据库正忙,请稍后再试", "code": "busy"}

    def refuse(route: Route) -> None:
        route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem))

    page.route("**/risk?**", refuse)
    page.get_by_test_id("rings").click()
    page.get_by_role("radiogroup").get_by_text("2 km", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("数据库正忙,请稍后再试")
    expect(page.get_by_role("alert")).to_contain_text("代码 busy")
    assert listed(page) == before
    page.unroute("**/risk?**")
    page.get_by_test_id("retry").click()
    wall.answered()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert len(listed(page)) < len(before)
    wall.complaints = [text for text in wall.complaints if "503" not in text]


def test_a_service_out_of_reach_is_told_and_comes_back(wall: Watched) -> None:
    page = wall.open(VIEW)
    page.route("**/risk?**", lambda route: route.abort("connectionrefused"))
    page.locator("[data-test=map] canvas").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("连不上服务")
    page.unroute("**/risk?**")
    page.get_by_test_id("retry").click()
    wall.answered()
    assert listed(page) != []
    assert len(wall.failed) == 1
    wall.failed.clear()
    wall.complaints = [text for text in wall.complaints if "ERR_CONNECTION_REFUSED" not in text]
