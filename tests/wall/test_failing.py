"""What cannot be had is said to be unknown: never what was there before, never 0, never another feature's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.wall.driving import Watched, watched_page

VIEW = "#map=12/25.95/115.3&theme=light"


@pytest.fixture
def shaky(browser: Browser, service: str) -> Iterator[Watched]:
    """A page whose requests may fail: the browser complains of each in its console."""
    with watched_page(browser, service) as watched:
        yield watched
        assert watched.strangers() == []
        assert [each for each in watched.complaints if "503" not in each] == []


def refuse(route: Route) -> None:
    route.fulfill(status=503, json={"title": "忙", "code": "busy"})


def test_figures_of_a_frame_that_cannot_be_counted_are_not_those_of_the_frame_before(shaky: Watched) -> None:
    page = shaky.open(VIEW)
    total = page.get_by_test_id("risk-total")
    expect(total).to_have_text(re.compile(r"^\d+$"))
    page.route("**/statistics?*", refuse)
    page.locator("[data-test=map] canvas").press("ArrowRight")
    expect(total).to_have_text("—")
    expect(page.get_by_test_id("grade-red").get_by_test_id("value")).to_have_text("—")
    expect(page.get_by_test_id("layer-hazard_points").get_by_test_id("total")).to_have_text("—")
    table = page.get_by_test_id("counties")
    expect(table.get_by_role("alert")).to_contain_text("分县统计没有取到")
    expect(table.locator("tbody tr")).to_have_count(0)
    page.unroute("**/statistics?*")
    table.get_by_test_id("retry").click()
    expect(total).to_have_text(re.compile(r"^\d+$"))
    expect(table.get_by_role("alert")).to_have_count(0)


def test_a_card_that_does_not_come_shows_nothing_of_the_one_before(shaky: Watched) -> None:
    page = shaky.open(VIEW)
    rows = page.get_by_test_id("worst").locator("li .row")
    rows.first.click()
    card = page.get_by_test_id("card")
    expect(card.get_by_test_id("ask-from")).to_be_visible()
    page.route("**/layers/*/features/**", refuse)
    rows.nth(3).click()
    expect(card.get_by_role("alert")).to_contain_text("这张卡片没有取到")
    expect(card.get_by_test_id("ask-from")).to_have_count(0)
    expect(card.locator("dl")).to_have_count(0)
    page.unroute("**/layers/*/features/**")
    card.get_by_test_id("retry").click()
    expect(card.get_by_test_id("ask-from")).to_be_visible()
    expect(card.get_by_role("alert")).to_have_count(0)


def test_the_answer_of_one_question_is_never_headed_by_the_rings_of_the_next(shaky: Watched) -> None:
    page = shaky.open(f"{VIEW}&at=115.3,25.95&r=5000")
    shaky.answered()
    head = page.get_by_test_id("answer").locator("header")
    expect(head).to_contain_text("1 · 3 · 5 km")
    page.route("**/risk?*", refuse)
    page.get_by_test_id("rings").click()
    page.get_by_role("radiogroup").get_by_text("1 km", exact=True).click()
    expect(page.get_by_test_id("answer").get_by_role("alert")).to_contain_text("这次研判没有算完")
    expect(head).to_contain_text("1 · 3 · 5 km")


def test_enter_finds_what_is_typed_not_what_was_typed_before(shaky: Watched) -> None:
    page = shaky.open(VIEW)
    search = page.get_by_test_id("search")
    search.fill("企业 1")
    expect(page.get_by_role("option")).not_to_have_count(0)
    search.fill("企业 7")
    search.press("Enter")
    expect(page.get_by_test_id("card").get_by_role("heading", level=2)).to_have_text("企业 7")
