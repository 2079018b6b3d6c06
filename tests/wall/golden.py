"""Renews the wall's golden pictures: three screens, two themes, with an answer, over the demo city; then look at them.

``python -m tests.wall.golden [ADDRESS]``: of a service with the demo that runs already, else of one on a database of
its own. The clock starts at the same time, and colours are cut to 256: a picture changes only when the wall does.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from geo.demo.loading import load_demo
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from tests.wall.driving import CHROMIUM_ARGUMENTS, ROOT, chromium_path, serving, watched_page
from tests.wall.golden_day import moved, save_views, work

PICTURES = ROOT / "tests/golden/wall"
SIZES = ((1366, 768), (1920, 1080), (3840, 1080))
VIEWS = {
    "city": "#theme={theme}&scene=all",
    "answer": "#map=11.6/25.97/115.31&at=115.3082,25.9716&r=5000&scene=geohazard&theme={theme}",
}
MOST_BYTES = 400_000
NOW = datetime(2026, 6, 18, 14, 32)
SHIFT = """
const shift = new Date(2026, 5, 18, 14, 32).getTime() - Date.now(), Real = Date
window.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + shift) }
    static now() { return Real.now() + shift }
}
"""
"""The clock starts at the same time in every picture, and goes on: with one that stands still no map is ever done."""


def small(png: bytes) -> bytes:
    """The picture in 256 colours, and in fewer where it would weigh too much."""
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        with Image.open(io.BytesIO(png)) as picture:
            picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


def renew(browser: Browser, address: str) -> None:
    """Every picture anew."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES:
        for theme in ("light", "dark"):
            for name, fragment in VIEWS.items():
                with watched_page(browser, address, viewport={"width": width, "height": height}) as watched:
                    watched.page.add_init_script(SHIFT)
                    watched.page.route("**/changes?*", moved(NOW))
                    page = watched.open(fragment.format(theme=theme))
                    if name == "answer":
                        watched.answered()
                    page.wait_for_timeout(3000)
                    watched.drawn()
                    path = PICTURES / f"{name}-{width}-{theme}.png"
                    path.write_bytes(small(page.screenshot()))
                    print(f"{path.name}: {path.stat().st_size:,} bytes; {watched.complaints or 'no complaints'}")


@contextmanager
def demo_service() -> Iterator[str]:
    """A service over the demo city, gone afterwards."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        home = Path(folder)
        home.chmod(0o711)
        cluster = PrivateCluster(home / "c", throwaway=True)
        cluster.start()
        try:
            migrate(cluster.dsn())
            load_demo(cluster.dsn(), rasters=home / "rasters")
            work(cluster.dsn())
            with serving(cluster.dsn(), home, settings={"ONEMAP_STATE_DIRECTORY": str(home)}) as address:
                save_views(address)
                yield address
        finally:
            cluster.stop()


def main() -> None:
    """Renew, from the service that is named or from one of our own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        if len(sys.argv) > 1:
            renew(browser, sys.argv[1].rstrip("/"))
        else:
            with demo_service() as address:
                renew(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
