"""Names with rare characters on the wall: drawn by the page itself, each as itself and none as a box."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.seeding import insert
from tests.wall.driving import serving, watched_page
from tests.wall.looking import pixels

NAMES = ("㙍㙍㙍", "䢺䢺䢺", "𬇙𬇙𬇙", "\U000ffffe" * 3, "空空空")
"""The last but one is in no font: what is drawn for it is a box."""

ZOOM, STEP_PX = 15, 90
STEP_DEG = STEP_PX * 360 / (512 << ZOOM)


@pytest.fixture(scope="module")
def address(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with one feature of each name, from west to east."""
    for number, name in enumerate(NAMES):
        place = f"POINT({115 + (number - 2) * STEP_DEG} 25)"
        insert(module_database_url, "hazard_points", place, f"n-{number}", name=name)
    with serving(module_database_url, tmp_path_factory.mktemp("service")) as served:
        yield served


def test_rare_names_are_drawn_as_themselves(browser: Browser, address: str) -> None:
    with watched_page(browser, address) as watched:
        page = watched.open(f"#map={ZOOM}/25/115&theme=light")
        drawn = pixels(page, "canvas.maplibregl-canvas")
        middle_x, middle_y = drawn.shape[1] // 2, drawn.shape[0] // 2
        inks = []
        for number in range(len(NAMES)):
            x = middle_x + (number - 2) * STEP_PX
            label = drawn[middle_y + 12 : middle_y + 40, x - 40 : x + 40]
            inks.append((label.max(axis=2) < 140).tobytes())
        assert all(any(ink) for ink in inks[:3]), "nothing was written"
        assert len(set(inks)) == len(inks)
        assert watched.complaints == []
        assert watched.strangers() == []
