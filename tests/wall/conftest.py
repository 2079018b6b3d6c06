"""The real service on a database of its own, and a headless Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.wall.driving import CHROMIUM_ARGUMENTS, Watched, chromium_path, serving, watched_page
from tests.wall.seed import seed, seed_people


@pytest.fixture(scope="module")
def service(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service on the small county of ``seed``, half of whose people are counted."""
    state = tmp_path_factory.mktemp("service")
    seed(module_database_url)
    seed_people(module_database_url, state)
    with serving(module_database_url, state, settings={"ONEMAP_STATE_DIRECTORY": str(state)}) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; its user data are new each time."""
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-test")
        launched = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def wall(browser: Browser, service: str) -> Iterator[Watched]:
    """A page at the size of a laptop; nothing may leave the service, fail, or be complained of in the console."""
    with watched_page(browser, service) as watched:
        yield watched
        assert watched.strangers() == []
        assert watched.failed == []
        assert watched.complaints == []
