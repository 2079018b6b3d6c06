"""``make bench-images``: pictures of 500 labelled features beside MapServer's FastCGI on the same PostGIS, in one run.

Needs MapServer (apt-get install cgi-mapserver fonts-noto-cjk). Both draw the same 500 points with the same drawing, the
same names in the same font with a halo; both pictures are kept to be looked at, and the names in each are counted.
Every request asks for another frame, so that nothing is answered from memory; runs of both take turns.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg

from geo.cartography.print_fonts import print_fonts
from geo.cartography.studio import Studio
from geo.migrate import migrate
from geo.postgres import PrivateCluster
from geo.postgres.bootstrap import ROLE, SUPERUSER
from layers.registry import discover
from tests.bench.bench_tiles import mercator, server
from tests.bench.mapserver import MAP, ask, connection, mapserver
from tests.seeding import insert
from tests.wall.driving import free_port

WIDTH, HEIGHT = 1200, 800
COLUMNS, ROWS = 20, 25
LON, LAT, CELL = 114.9, 25.8, 0.0098
NAMES = "东坑背屋后上坝下围新塘石排樟树高陂"


def places() -> list[tuple[float, float, str]]:
    """500 places on a shaken grid, each with room for its name of two characters."""
    rng = random.Random(5)
    found = []
    for number in range(COLUMNS * ROWS):
        column, row = number % COLUMNS, number // COLUMNS
        name = "".join(rng.choice(NAMES) for _ in range(2))
        lon = LON + CELL * (column + rng.uniform(-0.02, 0.02))
        lat = LAT - CELL * 0.48 * (row + rng.uniform(-0.02, 0.02))
        found.append((lon, lat, name))
    return found


def frame() -> tuple[float, float, float, float]:
    """The box in Web Mercator that holds them with a margin, in the picture's proportions."""
    west, north = mercator(LON - CELL * 0.25, LAT + CELL * 0.25)
    east, _ = mercator(LON + CELL * (COLUMNS - 0.2), LAT)
    return west, north - (east - west) * HEIGHT / WIDTH, east, north


def database(directory: Path) -> str:
    """The DSN of a database with the 500 and 20,000 more around them."""
    cluster = PrivateCluster(directory)
    cluster.start()
    with psycopg.connect(cluster.dsn("postgres", SUPERUSER), autocommit=True) as line:
        if line.execute("SELECT 1 FROM pg_database WHERE datname = 'images'").fetchone():
            return cluster.dsn("images")
        line.execute(f"CREATE DATABASE images OWNER {ROLE}")
    with psycopg.connect(cluster.dsn("images", SUPERUSER), autocommit=True) as line:
        line.execute("CREATE EXTENSION postgis")
    dsn = cluster.dsn("images")
    migrate(dsn)
    for number, (lon, lat, name) in enumerate(places()):
        insert(dsn, "hazard_points", f"POINT({lon} {lat})", f"p-{number}", name=name, grade="blue")
    with psycopg.connect(dsn, autocommit=True) as line:
        line.execute(
            "INSERT INTO hazard_points (source, source_id, name, grade, grade_basis, geom) SELECT 'far', n::text, "
            "'远处', 'blue', '{}', ST_SetSRID(ST_MakePoint(116 + random(), 24 + random()), 4490) "
            "FROM generate_series(1, 20000) AS n"
        )
        line.execute("ANALYZE hazard_points")
    return dsn


def query(step: int) -> str:
    """A GetMap whose frame is a hundredth of a pixel beside the others'."""
    west, south, east, north = frame()
    shift = (east - west) / WIDTH * 0.01 * step
    box = ",".join(f"{number:.6f}" for number in (west + shift, south, east + shift, north))
    asked = {"SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetMap", "STYLES": "", "CRS": "EPSG:3857", "BBOX": box}
    return urlencode(asked | {"WIDTH": WIDTH, "HEIGHT": HEIGHT, "FORMAT": "image/png"})


def asker(address: str) -> Callable[[str], bytes]:
    """Asks our service over one kept connection per thread."""
    kept = threading.local()

    def asked(words: str) -> bytes:
        if not hasattr(kept, "line"):
            kept.line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        kept.line.request("GET", f"/wms?LAYERS=hazard_points&BGCOLOR=0xF4F5F1&{words}")
        answer = kept.line.getresponse()
        body = bytes(answer.read())
        assert answer.status == 200, body[:300]
        return body

    return asked


def processor_s(pids: set[int]) -> float:
    """Processor seconds that these processes have taken so far, all their threads."""
    total = 0.0
    for pid in pids:
        with suppress(OSError):
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            total += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return total


def children(of: set[int]) -> set[int]:
    """These processes and whatever they started."""
    parents: dict[int, int] = {}
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(each.name)] = int((each / "stat").read_text().rpartition(") ")[2].split()[1])
    found = set(of)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def measured(
    asked: Callable[[str], bytes], connections: int, seconds: float, steps: list[int], working: set[int]
) -> tuple[float, float, float]:
    """Pictures per second, median milliseconds, and processor milliseconds of ``working`` per picture."""
    taken: list[float] = []
    pids = children(working)
    before = processor_s(pids)
    until = time.monotonic() + seconds
    lock = threading.Lock()

    def work() -> None:
        while time.monotonic() < until:
            with lock:
                steps[0] += 1
                step = steps[0]
            started = time.perf_counter()
            body = asked(query(step))
            assert body.startswith(b"\x89PNG"), body[:300]
            taken.append((time.perf_counter() - started) * 1000)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(taken) / (time.perf_counter() - started)
    return rate, statistics.median(taken), (processor_s(pids) - before) / len(taken) * 1000


def map_file(dsn: str, folder: Path, compression: int) -> str:
    """MapServer's map: our own blue mark at our own size, our own font."""
    studio = Studio(discover())
    theirs = studio.icon_folder(studio.themes.get("light")) / "blue-hazard-landslide.svg"
    mark = folder / "mark.svg"
    mark.write_bytes(theirs.read_bytes())
    studio.close()
    fontset = folder / "fonts.txt"
    fontset.write_text(f"sans {print_fonts(folder) / 'Regular.otf'}\n")
    made = MAP.format(
        width=WIDTH, height=HEIGHT, fontset=fontset, mark=mark, connection=connection(dsn), mode="RGB",
        compression=compression, mark_px=18.6, offset=6,
    )  # fmt: skip
    return made


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()) / "onemap-bench")
    parser.add_argument("--pictures", type=Path, help="keep one picture of each here")
    parser.add_argument("--compression", type=int, default=4, help="zlib's level for MapServer; 1 is its fastest")
    asked = parser.parse_args()
    dsn = database(asked.directory)
    port = free_port()
    words = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port)]
    environment = {"ONEMAP_DATABASE_URL": dsn, "ONEMAP_PICTURE_CACHE_MB": "0", "ONEMAP_LOG_LEVEL": "ERROR"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mapfile = map_file(dsn, folder, asked.compression)
        postgres = int((asked.directory / "data" / "postmaster.pid").read_text().split()[0])
        with mapserver(folder, mapfile, 4) as address:
            mapserv = children({os.getpid()}) - {os.getpid()}
            own = {os.getpid(), *mapserv}
            with server([*words, "--no-access-log"], environment, port, "/health/live") as ours:
                theirs = children({os.getpid()}) - own
                both = {
                    "MapServer": (lambda words: ask(address, f"LAYERS=points&{words}"), {postgres, *mapserv}),
                    "ours": (asker(ours), {postgres, *theirs}),
                }
                compare(both, asked)


def compare(both: dict[str, tuple[Callable[[str], bytes], set[int]]], asked: argparse.Namespace) -> None:
    """Let both draw in turns, and print what came of it."""
    steps = [0]
    for who, (one, working) in both.items():
        content = one(query(0))
        if asked.pictures:
            asked.pictures.mkdir(parents=True, exist_ok=True)
            (asked.pictures / f"{who}.png").write_bytes(content)
        print(f"{who:10} {len(content) / 1000:6.0f} KB")
        measured(one, 4, 1, steps, working)
    for connections in (1, 4):
        found: dict[str, list[tuple[float, float, float]]] = {who: [] for who in both}
        for _ in range(asked.rounds):
            for who, (one, working) in both.items():
                found[who].append(measured(one, connections, asked.seconds, steps, working))
        middle = {who: [statistics.median(each) for each in zip(*rows, strict=True)] for who, rows in found.items()}
        for who, (rate, median, processor) in middle.items():
            print(
                f"{connections} connections  {who:10} {rate:6.1f}/s  {median:6.1f} ms, "
                f"{processor:5.1f} ms of a processor each, the database's included"
            )
        mine, other = middle["ours"], middle["MapServer"]
        print(f"               ratio {mine[0] / other[0]:6.2f} × (bar 1); processor {mine[2] / other[2]:.2f} ×")


if __name__ == "__main__":
    main()
