"""One layer around a place: our ``/risk`` against tipg's items endpoint, with each filter that tipg offers for it.

Three ways to ask tipg, all with every column, the geometry and the number matched, as ours tells them:

* **dwithin**: CQL2 hands functions on to PostGIS, so ``st_dwithin`` of geographies asks the very question that ours
  answers: the same features to the last, by the same index. This is the equivalent filter, which the bar is about.
* **circle**: ``S_INTERSECTS`` with the circle as a polygon of 64 corners: the same but for a few at the rim, in the
  standard's own words.
* **box**: the bounding box, tipg's shortest way, which returns about a quarter more features.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from geo.risk.rings import ring_coordinates
from tests.bench.load import INNER, wait_for, wrk
from tests.bench.processor import Processor
from tests.wall.driving import free_port

__all__ = ["against_tipg"]

RADIUS_M = 2000.0
ROUNDS, ROUND_S = 5, 8
CHECKED = 40
_CORNERS = 64

_ITEMS = "/collections/public.shelters/items?f=geojson&limit=1000"
_FILTER = f"{_ITEMS}&filter-lang=cql2-text&filter="
OURS = f"/risk?lon=@LON@&lat=@LAT@&radius_m={RADIUS_M:g}&layers=shelters&include=&nearest=0"
THEIRS = {
    "dwithin": f"{_FILTER}st_dwithin(geography(geom),geography(POINT(@LON@%20@LAT@)),{RADIUS_M:g})",
    "circle": f"{_FILTER}S_INTERSECTS(geom,POLYGON((@RING@)))",
    "box": f"{_ITEMS}&bbox=@W@,@E@",
}


@contextmanager
def _tipg(dsn: str, folder: Path, python: str) -> Iterator[str]:
    """One worker of tipg on the same database; its address."""
    port, told = free_port(), urlsplit(dsn)
    # tipg wants its host before the slash; asyncpg takes a percent-encoded socket directory there.
    socket, user = quote(parse_qs(told.query)["host"][0], safe=""), parse_qs(told.query)["user"][0]
    environment = {
        **os.environ,
        "DATABASE_URL": f"postgresql://{user}@{socket}{told.path}",
        "TIPG_DB_SCHEMAS": '["public"]',
    }
    words = ["-m", "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log", "--log-level", "error"]
    with (folder / "tipg.log").open("wb") as output:
        process = subprocess.Popen([python, *words], env=environment, stdout=output, stderr=output)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _filled(path: str, lon: float, lat: float) -> str:
    """The path for one place, as wrk's script makes it for many."""
    corners = ring_coordinates(lon, lat, RADIUS_M)[:: 128 // _CORNERS]
    ring = ",".join(f"{x:.7f}%20{y:.7f}" for x, y in corners)
    west, east = f"{lon - 0.02},{lat - 0.018}", f"{lon + 0.02},{lat + 0.018}"
    for name, value in (("LON", lon), ("LAT", lat), ("RING", ring), ("W", west), ("E", east)):
        path = path.replace(f"@{name}@", str(value))
    return path


def _ids(address: str, path: str) -> set[str]:
    with urllib.request.urlopen(address + path, timeout=60) as answer:
        told = json.load(answer)
    features = told["features"]["features"] if "counts" in told else told["features"]
    return {feature["properties"]["source_id"] for feature in features}


def _tell_sets(tipg: str, onemap: str) -> None:
    """How many features each way of asking returns, and how many differ from ours."""
    chance = random.Random(5)
    west, south, east, north = INNER
    places = [(chance.uniform(west, east), chance.uniform(south, north)) for _ in range(CHECKED)]
    ours = [_ids(onemap, _filled(OURS, *place)) for place in places]
    told = [f"ours {sum(map(len, ours)) / CHECKED:.1f} (at {CHECKED} places)"]
    for name, path in THEIRS.items():
        theirs = [_ids(tipg, _filled(path, *place)) for place in places]
        differ = sum(len(one ^ other) for one, other in zip(ours, theirs, strict=True))
        told.append(f"tipg {name} {sum(map(len, theirs)) / CHECKED:.1f} ({differ} in all differ)")
    print(f"one layer, features an answer: {', '.join(told)}", flush=True)


def against_tipg(dsn: str, address: str, folder: Path, python: str) -> None:
    """Rounds by turns, so that what else the machine does meets all; the median round of each counts."""
    if subprocess.run([python, "-c", "import tipg"], capture_output=True, check=False).returncode:
        print("tipg: not installed, left out (pip install tipg uvicorn in any environment, then --tipg-python)")
        return
    with _tipg(dsn, folder, python) as tipg:
        _tell_sets(tipg, address)
        asked = {"ours": (address, OURS), **{name: (tipg, path) for name, path in THEIRS.items()}}
        for where, path in asked.values():
            wrk(where, path, seconds=3)
        rounds = [{name: _round(dsn, *each) for name, each in asked.items()} for _ in range(ROUNDS)]
    for name in asked:
        _tell(name, rounds)


def _round(dsn: str, address: str, path: str) -> dict[str, float]:
    processor = Processor(address, dsn)
    told = wrk(address, path, seconds=ROUND_S)
    server_s, database_s = processor.used()
    requests = told["rps"] * ROUND_S
    return told | {"server_ms": server_s / requests * 1e3, "database_ms": database_s / requests * 1e3}


def _tell(name: str, rounds: list[dict[str, dict[str, float]]]) -> None:
    median = {of: sorted((each[of] for each in rounds), key=lambda one: one["rps"])[ROUNDS // 2] for of in rounds[0]}
    one = median[name]
    spent = f"processor {one['server_ms']:.2f} ms, database {one['database_ms']:.2f} ms a request"
    line = f"  {name}: {one['rps']:.1f}/s, {one['bytes'] / 1e3:.0f} kB, errors {one['errors']:.0f}; {spent}"
    if name != "ours":
        ratios = ", ".join(f"{each['ours']['rps'] / each[name]['rps']:.1f}" for each in rounds)
        what = " (the equivalent filter: the bar)" if name == "dwithin" else ""
        line = f"{line} → ours {median['ours']['rps'] / one['rps']:.1f}× (rounds {ratios}){what}"
    print(line, flush=True)
