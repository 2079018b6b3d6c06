"""What leaves the wall as a file: every kind and format of exhibit that its menu offers, and the printed page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
from docx import Document
from numpy.typing import NDArray
from openpyxl import load_workbook
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pptx import Presentation

from tests.wall.driving import Watched, watched_page
from tests.wall.looking import ask

VIEW = "#map=12/25.95/115.3&theme=light"
ASKED = f"{VIEW}&at=115.3,25.95&r=5000"
PATIENCE_MS = 90_000


def pages_of(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


def words_of(html: bytes) -> int:
    text = html.decode("utf-8")
    assert text.lstrip().lower().startswith("<!doctype html>")
    return text.count("于都县")


OPENED: dict[str, Callable[[bytes], int]] = {
    "pdf": pages_of,
    "png": lambda data: Image.open(io.BytesIO(data)).convert("L").getextrema()[0] + 1,
    "svg": lambda data: len(list(ElementTree.fromstring(data).iter())),
    "docx": lambda data: len(Document(io.BytesIO(data)).paragraphs),
    "pptx": lambda data: len(Presentation(io.BytesIO(data)).slides),
    "html": words_of,
    "xlsx": lambda data: sum(sheet.max_row for sheet in load_workbook(io.BytesIO(data))),
}
"""How each format is opened, and how much of something was found in it."""


def make(page: Page, kind: str | None, form: str) -> bytes:
    """What the menu's button of a format makes of a kind."""
    page.get_by_test_id("export").click()
    choice = page.get_by_test_id("exhibit-kind")
    choice.wait_for()
    if kind is not None:
        choice.select_option(label=kind)
    page.locator(f"[data-format={form}]").click()
    link = page.get_by_test_id("exhibit-file")
    failed = page.locator("[data-test=exhibit-state][data-state=failed]")
    expect(link.or_(failed)).to_be_visible(timeout=PATIENCE_MS)
    assert failed.count() == 0, failed.text_content()
    expect(link).to_contain_text(form.upper())
    address = link.get_attribute("href")
    assert address is not None
    response = page.request.get(address)
    assert response.status == 200
    return response.body()


def test_every_format_that_is_offered_is_a_file_that_opens(wall: Watched) -> None:
    page = wall.open(ASKED)
    wall.answered()
    formats = [each["name"] for each in ask(f"{wall.address}/exhibits")["formats"]]
    assert set(formats) == set(OPENED)
    for form in formats:
        made = make(page, None, form)
        if form in ("png", "svg") and made.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(made)) as pages:
                made = pages.read(pages.namelist()[0])
        assert OPENED[form](made) > 0, form
        page.get_by_test_id("rings").click()  # another question's file is another file
        page.get_by_role("radiogroup").get_by_text("2 km" if form in formats[::2] else "5 km", exact=True).click()
        page.keyboard.press("Escape")
        wall.answered()
        expect(page.get_by_test_id("exhibit-file")).to_have_count(0)


def test_every_kind_that_a_place_can_fill_is_made(wall: Watched) -> None:
    told = {each["name"]: each["title"] for each in ask(f"{wall.address}/exhibits?lang=zh")["kinds"]}
    page = wall.open(ASKED)
    wall.answered()
    page.get_by_test_id("export").click()
    page.get_by_test_id("exhibit-kind").wait_for()
    assert page.locator("[data-test=exhibit-kind] option").all_text_contents() == list(told.values())
    page.keyboard.press("Escape")
    for title in told.values():
        assert pages_of(make(page, title, "pdf")) > 0, title


def test_a_division_is_offered_no_surroundings(wall: Watched) -> None:
    page = wall.open("#map=10/25.95/115.3&at=115.3,25.95&division=360731")
    wall.answered()
    page.get_by_test_id("export").click()
    page.get_by_test_id("exhibit-kind").wait_for()
    titles = page.locator("[data-test=exhibit-kind] option").all_text_contents()
    assert "周边分析" not in titles
    assert "隐患分布图与清单" in titles


def printed(page: Page, path: Path) -> NDArray[np.uint8]:
    """The first sheet, grey, at 72 points an inch."""
    page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    return np.asarray(pypdfium2.PdfDocument(path)[0].render(scale=1).to_pil().convert("L"))


@pytest.mark.parametrize("place", ["&at=115.3,25.95&r=5000", "&at=115.3,25.95&line=115.28,25.94;115.32,25.96&r=1000"])
def test_a_dark_wall_is_printed_as_light_as_a_light_one(
    browser: Browser, service: str, tmp_path: Path, place: str
) -> None:
    sheets = {}
    for theme in ("light", "dark"):
        with watched_page(browser, service) as watched:
            page = watched.open(f"#map=12/25.95/115.3{place}&theme={theme}")
            page.wait_for_timeout(1500)
            assert not [url for url in watched.requests if "/maps/image" in url], "drawn when printed, not before"
            sheets[theme] = printed(page, tmp_path / f"{theme}.pdf")
            assert watched.complaints == []
            assert watched.failed == []
    light, dark = sheets["light"], sheets["dark"]
    assert light.shape == dark.shape
    assert dark.mean() > 225
    assert abs(float(light.mean()) - float(dark.mean())) < 8
    middle = slice(light.shape[0] // 8, light.shape[0] // 2)
    # Rings and marks of the question are drawn over the service's picture: as much ink as on the light map.
    inks = [int((sheet[middle] < 90).sum()) for sheet in (light, dark)]
    assert 0.6 < inks[1] / inks[0] < 1.7


def test_without_the_service_a_dark_wall_prints_what_it_shows(browser: Browser, service: str, tmp_path: Path) -> None:
    with watched_page(browser, service) as watched:
        watched.page.route("**/events", lambda route: route.fulfill(status=502, body=""))
        page = watched.open(f"{ASKED}&theme=dark".replace("theme=light&", ""))
        watched.answered()
        page.route("**/layers?**", lambda route: route.abort("connectionrefused"))
        expect(page.get_by_test_id("link")).to_have_attribute("data-link", "lost", timeout=30_000)
        expect(page.get_by_test_id("printed-light")).to_have_count(0)
        sheet = printed(page, tmp_path / "dark.pdf")
        assert (sheet < 60).mean() > 0.1, "the dark map, rather than none"
