"""What changes while the wall is open: the log, saved views of other walls, the tour."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from urllib.parse import quote

import psycopg
from playwright.sync_api import Browser, Page, Route, expect

from tests.seeding import insert
from tests.wall.driving import serving, watched_page
from tests.wall.seed import seed

VIEW = "#map=12/25.95/115.3&theme=light"


def run(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def save(address: str, name: str, link: str, duty: str = "") -> None:
    """A view, as another wall saves it."""
    body = json.dumps({"link": link, "duty": duty}).encode()
    asked = urllib.request.Request(
        f"{address}/views/{quote(name)}", body, {"Content-Type": "application/json"}, method="PUT"
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 200


def test_an_edit_is_in_the_log_at_once_and_its_row_flies_there(
    browser: Browser, database_url: str, tmp_path: Path
) -> None:
    seed(database_url)
    run(database_url, "DELETE FROM onemap_changes")
    with serving(database_url, tmp_path) as address, watched_page(browser, address) as watched:
        page = watched.open(VIEW)
        log = page.get_by_test_id("changes")
        expect(log).to_contain_text("24 小时内没有变更")
        expect(page.get_by_test_id("link")).to_have_attribute("data-link", "live")
        insert(database_url, "hazard_points", "POINT(115.36 25.95)", "new", grade="red", name="<i>新增隐患</i>")
        row = log.locator("[data-kind=inserted]")
        expect(row).to_contain_text("<i>新增隐患</i>", timeout=9000)
        run(database_url, "UPDATE hazard_points SET grade = 'blue' WHERE source_id = 'new'")
        graded = log.locator("[data-kind=regraded]")
        expect(graded).to_contain_text("红→蓝", timeout=9000)
        expect(page.get_by_test_id("changes-total")).to_have_text("2")
        graded.get_by_role("button").click()
        expect(page.get_by_test_id("card").get_by_role("heading", level=2)).to_have_text("<i>新增隐患</i>")
        page.wait_for_timeout(1200)
        zoom, lat, lon = (float(part) for part in page.evaluate("location.hash").split("=")[1].split("&")[0].split("/"))
        assert (round(lon, 3), round(lat, 3)) == (115.36, 25.95)
        assert zoom >= 13
        many = "INSERT INTO shelters (source, source_id, geom, grade_basis) SELECT 'm', i::text, "
        run(database_url, many + "ST_SetSRID(ST_MakePoint(115.3, 25.9), 4490), '{}' FROM generate_series(1, 500) i")
        expect(log.locator("[data-kind=bulk]")).to_contain_text("避难场所 新增 500", timeout=9000)
        expect(log.locator("li")).to_have_count(3)
        assert watched.complaints == []


def test_a_view_saved_on_one_wall_is_on_the_other_and_opens_the_very_screen(
    browser: Browser, database_url: str, tmp_path: Path
) -> None:
    seed(database_url)
    with (
        serving(database_url, tmp_path) as address,
        watched_page(browser, address) as one,
        watched_page(browser, address) as two,
    ):
        first = one.open(f"{VIEW}&at=115.3,25.95&r=3000&hide=shelters&without=blue")
        second = two.open("#map=9/25.9/115")
        expect(second.get_by_test_id("link")).to_have_attribute("data-link", "live")
        first.get_by_test_id("view-new").click()
        first.get_by_test_id("view-name").fill("贡水沿线 <b>")
        first.get_by_test_id("view-save").click()
        saved = second.get_by_test_id("views").locator('[data-view="贡水沿线 <b>"]')
        expect(saved).to_be_visible(timeout=9000)
        saved.locator(".open").click()
        two.answered()
        expect(second).to_have_url(
            re.compile(r"#map=12/25\.95/115\.3&at=115\.3,25\.95&r=3000&hide=shelters&without=blue")
        )
        expect(second.get_by_test_id("layer-shelters").get_by_role("checkbox")).not_to_be_checked()
        saved.locator(".drop").click()
        expect(first.get_by_test_id("views").locator("[data-view]")).to_have_count(0, timeout=9000)
        assert one.complaints + two.complaints == []


def shown(page: Page) -> str | None:
    return page.get_by_test_id("views").locator("li.current").get_attribute("data-view")


NOTE_VIEWS = """() => {
  window.viewsShown = []
  const note = () => {
    const view = document.querySelector('[data-test=views] li.current')?.dataset.view
    if (view && !window.viewsShown.includes(view)) window.viewsShown.push(view)
  }
  new MutationObserver(note).observe(document.body, { attributes: true, childList: true, subtree: true })
}"""


def test_the_tour_goes_from_view_to_view_rests_at_a_touch_and_goes_on(
    browser: Browser, database_url: str, tmp_path: Path
) -> None:
    seed(database_url)
    with serving(database_url, tmp_path) as address, watched_page(browser, address) as watched:
        for at, name in enumerate(("甲", "乙", "丙")):
            save(address, name, f"#map={10 + at}/25.95/115.3", "flood" if name == "丙" else "")

        def quick(route: Route) -> None:
            told = route.fetch().json()
            route.fulfill(json={**told, "screen": {**told["screen"], "tour_s": 1.2, "tour_rest_s": 2.5}})

        watched.page.route("**/scenes?*", quick)
        page = watched.open(VIEW)
        button = page.get_by_test_id("tour")
        page.evaluate(NOTE_VIEWS)
        page.keyboard.press("t")
        expect(button).to_have_attribute("data-tour", "running")
        page.wait_for_function("() => window.viewsShown.length === 3")
        assert sorted(page.evaluate("() => window.viewsShown")) == sorted(("甲", "乙", "丙"))
        page.mouse.click(500, 300)
        expect(button).to_have_attribute("data-tour", "resting")
        before = shown(page)
        expect(button).to_have_attribute("data-tour", "running", timeout=6000)
        expect(page.get_by_test_id("views").locator("li.current")).not_to_have_attribute("data-view", before or "")
        button.click()
        expect(button).to_have_attribute("data-tour", "off")
        page.keyboard.press("]")
        page.keyboard.press("[")
        expect(page.get_by_test_id("views").locator("li.current")).to_have_count(1)
        page.get_by_test_id("scenes").get_by_text("森林防火").click()
        expect(page.get_by_test_id("views").locator("[data-view=丙]")).to_have_count(0)
        assert watched.complaints == []
