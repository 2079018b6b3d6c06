"""The wall's memory over a tour: heap, nodes and listeners of the page, and what its process holds, lap by lap."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, CDPSession, Page

__all__ = ["Lap", "slope_per_hour", "soak"]

WARM_S = 40
"""Every view once and again: what is cached is cached."""


@dataclass(frozen=True, slots=True)
class Lap:
    """What the page holds at a moment, after everything that can go is gone."""

    at_s: float
    heap_mb: float
    nodes: int
    listeners: int
    resident_mb: float
    """Memory of the page's process, graphics' share and code included."""


def _renderers(browser: Browser) -> list[int]:
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return [each["id"] for each in found if each["type"] == "renderer"]


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _lap(session: CDPSession, pids: list[int], started: float) -> Lap:
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    heap = float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6
    counted = session.send("Memory.getDOMCounters")
    resident = max(_resident_mb(pid) for pid in pids)
    return Lap(time.monotonic() - started, heap, counted["nodes"], counted["jsEventListeners"], resident)


def slope_per_hour(laps: list[Lap]) -> dict[str, float]:
    """How fast each figure grows, by a straight line through the laps; 0 where there is one lap only."""
    names = ("heap_mb", "nodes", "listeners", "resident_mb")
    if len(laps) < 2:
        return dict.fromkeys(names, 0.0)
    table = np.array([astuple(lap) for lap in laps])
    return {name: float(np.polyfit(table[:, 0], table[:, at], 1)[0]) * 3600 for at, name in enumerate(names, 1)}


def soak(browser: Browser, page: Page, seconds: int, laps: int = 10) -> list[Lap]:
    """The tour for so long, with a lap at each part of the time; printed as they come."""
    session = page.context.new_cdp_session(page)
    pids = _renderers(browser)
    page.keyboard.press("t")
    page.wait_for_timeout(WARM_S * 1000)
    started = time.monotonic()
    found = [_lap(session, pids, started)]
    print("tour:      s   heap MB   nodes  listeners  process MB")
    for number in range(laps + 1):
        if number:
            page.wait_for_timeout(max(started + number * seconds / laps - time.monotonic(), 0) * 1000)
            found.append(_lap(session, pids, started))
        lap = found[-1]
        print(
            f"      {lap.at_s:6.0f}  {lap.heap_mb:8.2f} {lap.nodes:7} {lap.listeners:10} {lap.resident_mb:11.0f}",
            flush=True,
        )
    page.keyboard.press("t")
    grown = slope_per_hour(found)
    print(
        f"tour of {seconds} s: heap {found[0].heap_mb:.1f} → {found[-1].heap_mb:.1f} MB; an hour at this slope: "
        f"heap {grown['heap_mb']:+.1f} MB, nodes {grown['nodes']:+.0f}, listeners {grown['listeners']:+.0f}, "
        f"process {grown['resident_mb']:+.0f} MB"
    )
    return found
