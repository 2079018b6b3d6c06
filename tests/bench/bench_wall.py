"""``make bench-wall``: the wall in a real browser over a million points.

First map, layout shift, script weight, long tasks while panning, memory over a tour. Figures of one run on one machine;
printed, never asserted. Needs Chromium. ``--points`` is how many features there are; ``--soak-s`` how long the tour
runs (an hour: 3600).
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import tempfile
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from geo.postgres import PrivateCluster
from tests.bench.bench_tiles import database
from tests.wall.driving import CHROMIUM_ARGUMENTS, ROOT, chromium_path, serving

WATCH = """
window.seen = {shift: 0, long: []}
new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) seen.shift += e.value })
    .observe({type: 'layout-shift', buffered: true})
new PerformanceObserver((list) => { for (const e of list.getEntries()) seen.long.push(Math.round(e.duration)) })
    .observe({type: 'longtask', buffered: true})
new MutationObserver((_, watching) => {
    if (!document.querySelector('main[data-drawn=true]')) return
    window.seen.drawn = performance.now()
    watching.disconnect()
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['data-drawn']})
"""
BARS = {"first map": "2 s", "layout shift": "0.05", "script": "1.2 MB", "long task": "200 ms"}


def script_bytes() -> int:
    """All scripts of the build, gzipped."""
    return sum(len(gzip.compress(each.read_bytes(), 9)) for each in (ROOT / "api/wall/dist/assets").glob("*.js"))


def opened(browser: Browser, address: str) -> Page:
    """A new visitor's wall at 1920 × 1080, drawn."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN").new_page()
    page.add_init_script(WATCH)
    page.goto(address)
    # Not by waiting for a function: the page's policy forbids what that is made of.
    page.wait_for_selector("main[data-drawn=true]", timeout=120_000)
    page.wait_for_timeout(2000)
    return page


def first_maps(browser: Browser, address: str, rounds: int) -> None:
    """When the first map stood, and how far things moved on the way, for visitors who come anew."""
    drawn, shifts = [], []
    for _ in range(rounds):
        page = opened(browser, address)
        seen = page.evaluate("window.seen")
        drawn.append(seen["drawn"] / 1000)
        shifts.append(seen["shift"])
        page.context.close()
    print(
        f"first map drawn: {', '.join(f'{each:.2f}' for each in drawn)} s, median {statistics.median(drawn):.2f} s "
        f"(bar {BARS['first map']}); layout shift {max(shifts):.4f} (bar {BARS['layout shift']})"
    )


def pan(page: Page, seconds: int) -> None:
    """Drag the map around, zoomed in from the whole to the streets, and tell the long tasks meanwhile."""
    box = page.locator("[data-test=map] canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate("window.seen.long = []")
    for zoom in range(5):
        for way in ((220, 0), (0, 160), (-220, 0), (0, -160)) * max(seconds // 20, 1):
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + way[0], y + way[1], steps=12)
            page.mouse.up()
            page.wait_for_timeout(250)
        if zoom < 4:
            page.mouse.wheel(0, -240)
            page.wait_for_timeout(900)
    long: list[int] = page.evaluate("window.seen.long")
    worst = max(long, default=0)
    print(f"panning: {len(long)} tasks above 50 ms, the longest {worst} ms (bar {BARS['long task']})")


def heap_mb(session: CDPSession) -> float:
    """The page's own memory after everything that can go is gone."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def save_views(address: str) -> None:
    """Five views for the tour."""
    for at in range(5):
        link = f"#map={7.5 + at}/{25.9 + at / 50}/{115.1 + at / 20}"
        body, kind = json.dumps({"link": link}).encode(), {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{address}/views/bench-{at}", body, kind, method="PUT")
        urllib.request.urlopen(asked, timeout=10).close()


def soak(page: Page, seconds: int) -> None:
    """The tour with views of 5 s: the heap at each fifth of the time."""
    session = page.context.new_cdp_session(page)
    page.keyboard.press("t")
    page.wait_for_timeout(25_000)  # every view once: what is cached is cached
    sizes = [heap_mb(session)]
    for _ in range(5):
        page.wait_for_timeout(seconds * 200)
        sizes.append(heap_mb(session))
    told = ", ".join(f"{each:.1f}" for each in sizes)
    print(f"tour of {seconds} s: heap {told} MB; last / first = {sizes[-1] / sizes[0]:.2f}")
    page.keyboard.press("t")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--soak-s", type=int, default=120)
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()) / "onemap-bench")
    parser.add_argument("--address", help="a service that runs already, with its own data")
    asked = parser.parse_args()
    print(f"script: {script_bytes() / 1e6:.2f} MB gzipped (bar {BARS['script']})")
    if asked.address:
        measure(asked.address.rstrip("/"), asked)
        return
    try:
        dsn = database(asked.directory, asked.points, 0)
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(dsn, Path(folder), settings={"ONEMAP_TOUR_S": "5"}) as address,
        ):
            measure(address, asked)
    finally:
        PrivateCluster(asked.directory).stop()


def measure(address: str, asked: argparse.Namespace) -> None:
    """Everything at one service."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        urllib.request.urlopen(address, timeout=20).close()
        first_maps(browser, address, asked.rounds)
        save_views(address)
        page = opened(browser, address)
        pan(page, 20)
        soak(page, asked.soak_s)
        browser.close()


if __name__ == "__main__":
    main()
