"""``make bench-wall``: the wall in a real browser over a million points and the demo city.

First map, layout shift, script weight, long tasks while panning, an edit until it is seen, memory over a tour; beside
them a bare page of MapLibre with the same style and tiles, in turn with the wall. Figures of one run on one machine;
printed, never asserted. Needs Chromium. ``--soak-s`` is how long the tour runs (an hour: 3600).

*First map* is the time from the start of the navigation to MapLibre's first ``idle``: every tile of the view is
fetched, placed and painted. *Long tasks* are told with what the page did itself (``cpu``) and how long it waited for
the graphics: without a graphics card the browser reads every picture of the map back and waits for it (``read back``),
with one the pictures stay there. The second kind is measured too (``composited``), with a card drawn in software.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from geo.postgres import PrivateCluster
from tests.bench.bench_tiles import database
from tests.bench.wall_peer import PACKAGE, PEER, serve_peer
from tests.bench.wall_soak import soak
from tests.bench.wall_trace import Task, Trace, traced
from tests.wall.driving import CHROMIUM_ARGUMENTS, ROOT, chromium_path, serving

WATCH = """
window.seen = {shift: 0, paint: 0}
new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) seen.shift += e.value })
    .observe({type: 'layout-shift', buffered: true})
new PerformanceObserver((list) => { seen.paint = list.getEntriesByName('first-contentful-paint')[0]?.startTime ?? seen.paint })
    .observe({type: 'paint', buffered: true})
new MutationObserver((_, watching) => {
    if (!document.querySelector('main[data-drawn=true]')) return
    window.seen.drawn = performance.now()
    watching.disconnect()
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['data-drawn']})
"""  # noqa: E501
BARS = {"first map": "2 s", "layout shift": "0.05", "script": "1.2 MB", "long task": "200 ms", "edit": "1 s"}
_NO_GPU = {"--disable-gpu", "--enable-unsafe-swiftshader"}
GRAPHICS = {
    "read back": CHROMIUM_ARGUMENTS,
    "composited": [each for each in CHROMIUM_ARGUMENTS if each not in _NO_GPU]
    + ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
}
SIZE = (1184, 684)
"""The wall's map at 1920 × 1080."""
SETTLED_MS = 6000
"""After the first map the wall prepares what nearer zooms are drawn with: that is not panning."""


@dataclass(frozen=True, slots=True)
class First:
    """How a page began: seconds, but for the shift."""

    drawn_s: float
    paint_s: float
    cpu_s: float
    shift: float


def scripts() -> None:
    """The build's scripts, gzipped; those of the first map first."""
    page = (ROOT / "api/wall/dist/index.html").read_text()
    sizes = {
        each.name: len(gzip.compress(each.read_bytes(), 9)) for each in (ROOT / "api/wall/dist/assets").glob("*.js")
    }
    first = {name: size for name, size in sizes.items() if name in page}
    told = ", ".join(f"{name.partition('-')[0]} {size / 1000:.0f}" for name, size in first.items())
    print(
        f"script: {sum(sizes.values()) / 1e6:.2f} MB gzipped (bar {BARS['script']}); the page's own "
        f"{sum(first.values()) / 1e6:.2f} MB ({told} KB); the others when they are needed, or in the tiles' reader"
    )


def opened(browser: Browser, address: str, bounds: list[float] | None = None) -> tuple[Page, First]:
    """A new visitor's wall at 1920 × 1080, drawn; or, with ``bounds``, the peer."""
    page = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN").new_page()
    page.add_init_script(WATCH)
    if bounds:
        serve_peer(page, bounds, SIZE)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address + PEER if bounds else address)
    # Not by waiting for a function: the page's policy forbids what that is made of.
    page.wait_for_selector("main[data-drawn=true]", timeout=120_000)
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    page.wait_for_timeout(2000)
    seen = page.evaluate("window.seen")
    return page, First(seen["drawn"] / 1000, seen["paint"] / 1000, metrics["TaskDuration"], seen["shift"])


def first_maps(browser: Browser, address: str, rounds: int, bounds: list[float]) -> None:
    """When the first map stood, for visitors who come anew, in turn with the bare page of MapLibre."""
    walls: list[First] = []
    bare: list[First] = []
    for _ in range(rounds):
        for found, where in ((walls, None), (bare, bounds)):
            page, first = opened(browser, address, where)
            found.append(first)
            page.context.close()
    for name, found in (("the wall", walls), ("bare MapLibre", bare)):
        drawn = [each.drawn_s for each in found]
        paint, cpu = (statistics.median(getattr(each, of) for each in found) for of in ("paint_s", "cpu_s"))
        print(
            f"first map, {name:13}: {', '.join(f'{each:.2f}' for each in drawn)} s, "
            f"median {statistics.median(drawn):.2f} s, best {min(drawn):.2f} s; "
            f"first paint {paint:.2f} s; the page's own work until the map stands {cpu:.2f} s"
        )
    ratio = statistics.median(each.drawn_s for each in walls) / statistics.median(each.drawn_s for each in bare)
    print(f"    bar {BARS['first map']}; {ratio:.2f} × bare MapLibre")
    print(f"layout shift {max(each.shift for each in walls):.4f} (bar {BARS['layout shift']})")


def pan(page: Page) -> float:
    """Drag the map around, zoomed in from the whole to the streets; the seconds that it took."""
    box = page.locator(".maplibregl-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    started = time.monotonic()
    for zoom in range(6):
        for way in ((220, 0), (0, 160), (-220, 0), (0, -160)):
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + way[0], y + way[1], steps=12)
            page.mouse.up()
            page.wait_for_timeout(250)
        if zoom < 5:
            page.mouse.wheel(0, -240)
            page.wait_for_timeout(900)
    return time.monotonic() - started


def told(task: Task) -> str:
    """A task in a line."""
    return f"{task.ms:.0f} ms = own work {task.cpu_ms:.0f} + graphics {task.graphics_ms:.0f} + else; {task.what}"


def panned(playwright: Playwright, address: str, graphics: str, bounds: list[float]) -> None:
    """Pan the wall and the peer, each in a browser of its own, and tell the long tasks."""
    work = {}
    for name, where in (("the wall", None), ("bare MapLibre", bounds)):
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=GRAPHICS[graphics])
        page, _ = opened(browser, address, where)
        page.wait_for_timeout(SETTLED_MS)
        found: list[Trace] = []
        with traced(browser, page, found):
            seconds = pan(page)
        (trace,) = found
        work[name] = trace.page_ms
        busiest = max((task.cpu_ms for task in trace.long), default=0.0)
        print(
            f"panning {seconds:.0f} s, {graphics}, {name}: {len(trace.long)} tasks above 50 ms; the longest "
            f"{trace.long[0].ms if trace.long else 0:.0f} ms (bar {BARS['long task']}), "
            f"of own work at most {busiest:.0f} ms; in all {trace.page_ms / 1000:.1f} s of own work, tiles' reader "
            f"{trace.cpu_ms.get('DedicatedWorker thread', 0) / 1000:.1f} s",
            flush=True,
        )
        for task in trace.long[:5] if where is None else trace.long[:1]:
            print(f"    {told(task)}")
        browser.close()
    print(f"    the wall's own work while panning: {work['the wall'] / work['bare MapLibre']:.2f} × bare MapLibre")


def edits(browser: Browser, address: str, dsn: str, rounds: int) -> None:
    """A committed edit until the strip's figure shows it."""
    page, _ = opened(browser, address)
    page.wait_for_selector("[data-link=live]")
    figure = page.locator("[data-test=grade-red] [data-test=value]")

    def red() -> int:
        return int((figure.text_content() or "0").replace(",", "") or 0)

    taken = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        edit = "UPDATE hazard_points SET grade = %s WHERE source = 'bench' AND source_id = %s"
        row = connection.execute(
            "SELECT source_id FROM hazard_points WHERE source = 'bench' AND grade = 'blue' LIMIT 1"
        ).fetchone()
        assert row is not None
        for number in range(rounds):
            before = red()
            connection.execute(edit, ["blue" if number % 2 else "red", row[0]])
            started = time.monotonic()
            while red() == before and time.monotonic() - started < 30:
                page.wait_for_timeout(10)
            taken.append(time.monotonic() - started)
            page.wait_for_timeout(2500)
        connection.execute(
            "UPDATE hazard_points SET grade = 'blue' WHERE source = 'bench' AND source_id = %s", [row[0]]
        )
    page.context.close()
    print(
        f"an edit until the wall's figures show it: {', '.join(f'{each:.2f}' for each in taken)} s, "
        f"median {statistics.median(taken):.2f} s (bar {BARS['edit']})"
    )


def save_views(address: str) -> None:
    """Five views for the tour."""
    for at in range(5):
        link = f"#map={7.5 + at}/{25.9 + at / 50}/{115.1 + at / 20}"
        body, kind = json.dumps({"link": link}).encode(), {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{address}/views/bench-{at}", body, kind, method="PUT")
        urllib.request.urlopen(asked, timeout=10).close()


def home(address: str) -> list[float]:
    """The frame of all data but the ground, where the wall opens."""
    with urllib.request.urlopen(f"{address}/layers", timeout=60) as answer:
        layers = json.load(answer)["layers"]
    boxes = [each["extent"] for each in layers if each["family"] != "base" and each["extent"]]
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


def measure(address: str, dsn: str | None, asked: argparse.Namespace) -> None:
    """Everything that is asked for, at one service."""
    bounds = home(address)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        opened(browser, address)[0].context.close()  # the service's first answers are no visitor's
        if asked.rounds:
            first_maps(browser, address, asked.rounds, bounds)
        if dsn and asked.rounds:
            edits(browser, address, dsn, asked.rounds)
        browser.close()
        for graphics in () if asked.no_pan else GRAPHICS:
            panned(playwright, address, graphics, bounds)
        if asked.soak_s:
            save_views(address)
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
            soak(browser, opened(browser, address)[0], asked.soak_s, asked.laps)
            browser.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5, help="first maps and edits; 0: none")
    parser.add_argument("--soak-s", type=int, default=600, help="how long the tour runs; 0: not at all")
    parser.add_argument("--laps", type=int, default=10)
    parser.add_argument("--no-pan", action="store_true")
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()) / "onemap-bench")
    parser.add_argument("--address", help="a service that runs already, with its own data; no edits then")
    asked = parser.parse_args()
    if not PACKAGE.is_dir():
        parser.error(f"no {PACKAGE}: the peer is made of it; link the node_modules of a checkout that was set up")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    scripts()
    if asked.address:
        measure(asked.address.rstrip("/"), None, asked)
        return
    try:
        dsn = database(asked.directory, asked.points, 0, with_demo=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(dsn, Path(folder), settings={"ONEMAP_TOUR_S": "5"}) as address,
        ):
            measure(address, dsn, asked)
    finally:
        PrivateCluster(asked.directory).stop()


if __name__ == "__main__":
    main()
