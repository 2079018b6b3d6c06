"""``make bench-exhibits``: an A4 周边分析 with 300 features as PDF, cold and warm, every format, and an atlas.

Cold is a new process each time, from its start to the file; warm is the same page again in a running workshop. The
atlas has a plate for each of 359 places of the demo city (``--plates`` for fewer). Seconds are by the clock, and of
the processor beside them: other work on the machine adds to the first, hardly to the second. The bars: 2 s cold, 1 s
warm, 0.5 s a plate on two cores, memory below 1 GB and flat.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from geo.exhibits.atlas import AtlasProgress, make_atlas
from geo.exhibits.atlas_request import read_atlas
from geo.exhibits.formats.writing import FORMATS, write
from geo.exhibits.manuscript import prepare
from geo.exhibits.request import ExhibitRequest
from geo.exhibits.workshop import Workshop
from tests import throwaway
from tests.exhibit_workshop import STATE, asked, in_workshop

CITY = {"lon": 114.93, "lat": 25.83}
COLD_BAR_S, WARM_BAR_S, PLATE_BAR_S, MEMORY_BAR_MB = 2.0, 1.0, 0.5, 1024
_ONCE = "ONEMAP_BENCH_EXHIBIT"


def page() -> ExhibitRequest:
    """300 features around the middle of the city."""
    return asked("surroundings", **CITY, radius_m=(3000, 6000, 10_000), features_max=300)


def memory_mb() -> int:
    """The most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def one_page(workshop: Workshop, form: str = "pdf") -> int:
    """Make it; how many features it lists."""
    manuscript = await prepare(workshop, page(), STATE)
    await workshop.studio.queue.run(lambda: write(manuscript, FORMATS[form], 200))  # type: ignore[index]
    return len(manuscript.content.maps[0].items)


def cold(dsn: str, rounds: int) -> None:
    """A process a page."""
    clock, processor, first = [], [], []
    for _ in range(rounds):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "tests.bench.bench_exhibits"]
        said = subprocess.run(command, check=True, env={**os.environ, _ONCE: dsn}, capture_output=True, text=True)
        first.append([float(word) for word in said.stdout.split()])
        clock.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(
        f"cold: median {statistics.median(clock):.2f} s by the clock, {statistics.median(processor):.2f} s of the "
        f"processor, best {min(clock):.2f} s ({rounds} processes with their imports)"
    )
    pages, used = zip(*first, strict=True)
    print(
        f"      of that the page: median {statistics.median(pages):.2f} s by the clock, "
        f"{statistics.median(used):.2f} s of the processor (nothing cached; the bar is {COLD_BAR_S} s)"
    )


def warm(dsn: str, rounds: int) -> None:
    """The same page again and again, then every format."""

    async def work(workshop: Workshop) -> None:
        features = await one_page(workshop)
        for form in FORMATS:
            clock, processor = [], []
            for _ in range(rounds if form == "pdf" else 3):
                start, used = time.perf_counter(), time.process_time()
                await one_page(workshop, form)
                clock.append(time.perf_counter() - start)
                processor.append(time.process_time() - used)
            bar = f"; the bar is {WARM_BAR_S} s" if form == "pdf" else ""
            print(
                f"warm {form:4}: median {statistics.median(clock):.2f} s by the clock, "
                f"{statistics.median(processor):.2f} s of the processor ({features} features{bar})"
            )

    in_workshop(dsn, work)


def atlas(dsn: str, plates: int) -> None:
    """An atlas, with the memory at every fifth of it."""
    places = [
        {"name": f"{number + 1} 号村", "lon": 114.6 + 0.035 * (number % 20), "lat": 25.4 + 0.04 * (number // 20)}
        for number in range(plates)
    ]
    order = read_atlas(
        {"kind": "surroundings", "made_on": "2026-11-22", "radius_m": [500, 1000, 2000], "atlas": {"sites": places}}
    )
    start, used, seen = time.perf_counter(), time.process_time(), []

    def told(progress: AtlasProgress) -> None:
        if progress.stage == "drawing" and progress.done and progress.done % max(plates // 5, 1) == 0:
            seen.append(memory_mb())

    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "atlas.pdf"

        async def work(workshop: Workshop) -> None:
            parts = Path(name) / "parts"
            await make_atlas(workshop, order, out, state_directory=STATE, parts=parts, plates_max=plates, told=told)

        in_workshop(dsn, work, threads=2)
        size = out.stat().st_size
    clock, processor = time.perf_counter() - start, time.process_time() - used
    print(
        f"atlas of {plates} plates: {clock / plates:.2f} s a plate by the clock, {processor / plates:.2f} s of the "
        f"processor (the bar is {PLATE_BAR_S} s), {size / 1e6:.1f} MB; memory at each fifth {seen}, "
        f"most {memory_mb()} MB "
        f"(the bar is {MEMORY_BAR_MB} MB)"
    )


def main() -> None:
    """Load the demo into a throw-away cluster and measure."""
    if dsn := os.environ.get(_ONCE):
        start, used = time.perf_counter(), time.process_time()
        in_workshop(dsn, one_page)
        print(time.perf_counter() - start, time.process_time() - used)
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--plates", type=int, default=359)
    arguments = parser.parse_args()
    keeper = throwaway.Keeper()
    os.environ[throwaway.ADDRESS] = keeper.address
    try:
        cluster = throwaway.ask(throwaway.DEMO_TEMPLATE)
        with throwaway.database_of_its_own(cluster, throwaway.DEMO_TEMPLATE) as url:
            in_workshop(url, one_page)  # the fonts are made, the database is warm
            cold(url, arguments.rounds)
            warm(url, arguments.rounds)
            atlas(url, arguments.plates)
    finally:
        keeper.close()


if __name__ == "__main__":
    main()
