"""``make bench-fresh``: how long after an edit every answer of two service processes shows it, under load.

On a throw-away cluster with the demo city a writer makes 200 edits a second, every one of which makes all tiles and
pictures of its layer stale; wrk asks both processes for tiles meanwhile. Once a second one edit is marked: the writer
tells when it was committed, and six readers (a tile, ``/maps/image.png`` and WMS GetMap, of both processes) ask again
and again until they are answered with it. Needs wrk (apt-get install wrk). Figures of one run on one machine; printed,
never asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import io
import itertools
import multiprocessing
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from PIL import Image, ImageStat

from geo.postgres import PrivateCluster
from tests import throwaway
from tests.bench.bench_tiles import mercator, wrk
from tests.bench.load import memory_mb, service

LAYER = "hazard_points"
ZOOM = 11
FRAME_DEG = 0.05
"""Half a picture's side."""

SIZE_PX = 400
PATIENCE_S = 30.0
PAUSE_MS = 20
"""Between a connection's tile and its next: without it two processors would have no time left for 200 edits."""

GRADES = ("red", "blue")


@dataclass(frozen=True)
class Mark:
    """The feature whose edits are watched: red and blue in turn, its name the number of the edit."""

    lon: float
    lat: float

    def paths(self) -> dict[str, str]:
        """What is asked for, by what it is."""
        box = ",".join(
            f"{each:.6f}"
            for each in (self.lon - FRAME_DEG, self.lat - FRAME_DEG, self.lon + FRAME_DEG, self.lat + FRAME_DEG)
        )
        size = f"width={SIZE_PX}&height={SIZE_PX}"
        return {
            "tile": self.tile(),
            "image.png": f"/maps/image.png?bbox={box}&size={SIZE_PX}x{SIZE_PX}&layers={LAYER}&labels=false"
            "&legend=false&strip=false",
            "WMS GetMap": f"/wms?service=WMS&version=1.3.0&request=GetMap&layers={LAYER}&styles=&crs=CRS:84&bbox={box}"
            f"&{size}&format=image/png",
        }

    def tile(self, zoom: int = ZOOM, east: int = 0, south: int = 0) -> str:
        """The tile that it lies in, or one so many further."""
        half, _ = mercator(180, 0)
        side = 2 * half / 2**zoom
        x, y = mercator(self.lon, self.lat)
        return f"/tiles/{LAYER}/{zoom}/{int((x + half) // side) + east}/{int((half - y) // side) + south}.mvt"

    def tiles_around(self) -> list[str]:
        """What the load asks for: three times three tiles of each zoom of a city."""
        steps = (-1, 0, 1)
        return [self.tile(zoom, east, south) for zoom in range(9, 14) for east in steps for south in steps]


def shows(kind: str, answer: bytes, number: int) -> bool:
    """Whether an answer is of the marked edit ``number`` or a later one; the reader waits for each in its turn."""
    if kind == "tile":
        return name(number).encode() in answer
    least, most = SIZE_PX // 2 - 6, SIZE_PX // 2 + 6
    with Image.open(io.BytesIO(answer)) as picture:
        middle = picture.convert("RGB").crop((least, least, most, most))
    red, _, blue = ImageStat.Stat(middle).sum
    return GRADES[number % 2] == ("red" if red > blue else "blue")


def name(number: int) -> str:
    """The name that the marked edit of this number gives."""
    return f"记号{number:05}号"


def write(dsn: str, rate: int, orders: Connection) -> None:
    """In a process of its own: ``rate`` edits a second, of the features in turn, and the marked ones when ordered.

    Answers each number with when it was committed and how many edits there were until then; None ends it. An edit that
    is late is not left out.
    """
    with psycopg.connect(dsn, autocommit=True) as line:
        rows = line.execute(f"SELECT source_id FROM {LAYER} WHERE source <> 'bench' ORDER BY source_id").fetchall()
        began = time.monotonic()
        for made in itertools.count(1):
            if orders.poll():
                number = orders.recv()
                if number is None:
                    return
                values = [name(number), GRADES[number % 2]]
                line.execute(f"UPDATE {LAYER} SET name = %s, grade = %s WHERE source = 'bench'", values)
                orders.send((time.monotonic(), made))
            else:
                values = [f"第{made}号", *rows[made % len(rows)]]
                line.execute(f"UPDATE {LAYER} SET name = %s WHERE source_id = %s", values)
            time.sleep(max(0.0, began + made / rate - time.monotonic()))


class Writer:
    """The one who orders of ``write``."""

    def __init__(self, dsn: str, rate: int) -> None:
        processes = multiprocessing.get_context("spawn")
        self._orders, theirs = processes.Pipe()
        self._process = processes.Process(target=write, args=(dsn, rate, theirs), daemon=True)
        self._process.start()
        self._asked = 0
        self.made = 0

    def mark(self) -> tuple[int, float]:
        """Have the next marked edit made: its number, and when it was committed (``time.monotonic``)."""
        self._asked += 1
        self._orders.send(self._asked)
        if not self._orders.poll(PATIENCE_S):
            raise RuntimeError("the writer writes no more")
        committed_at, self.made = self._orders.recv()
        return self._asked, committed_at

    def close(self) -> None:
        """End the writing."""
        self._orders.send(None)
        self._process.join(PATIENCE_S)


class Reader:
    """One connection that asks one process for one thing."""

    def __init__(self, address: str, kind: str, path: str) -> None:
        self.kind = kind
        self._path = path
        self._line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_S)
        self.waits_s: list[float] = []

    def until_shown(self, number: int, committed_at: float) -> None:
        """Ask until the answer shows the edit; what it took is kept."""
        while not shows(self.kind, self.read(), number):
            if time.monotonic() - committed_at > PATIENCE_S:
                raise RuntimeError(f"{self._path} does not show edit {number} after {PATIENCE_S:.0f} s")
        self.waits_s.append(time.monotonic() - committed_at)

    def read(self) -> bytes:
        """One answer."""
        self._line.request("GET", self._path)
        answer = self._line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{self._path}: {answer.status} {body[:300]!r}")
        return body


@contextlib.contextmanager
def city() -> Iterator[tuple[str, Mark]]:
    """The DSN of the demo city on a throw-away cluster, and the marked feature in it."""
    home = Path(tempfile.mkdtemp(prefix="onemap-fresh-", dir="/tmp"))
    home.chmod(0o711)
    cluster = PrivateCluster(home / "c", throwaway=True)
    try:
        cluster.start()
        throwaway.make_template(cluster)
        throwaway.make_demo_template(cluster)
        with throwaway.database_of_its_own(cluster, throwaway.DEMO_TEMPLATE) as dsn:
            yield dsn, with_mark(dsn)
    finally:
        cluster.stop()
        shutil.rmtree(home)


def with_mark(dsn: str) -> Mark:
    """Put the marked feature where the picture has room for it: close to others, on none."""
    with psycopg.connect(dsn, autocommit=True) as line:
        row = line.execute(
            f"SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Translate(geom, 0.008, 0.003) AS p FROM {LAYER} WHERE "
            "source_id = (SELECT source_id FROM (SELECT source_id, row_number() OVER (ORDER BY source_id) AS n, "
            f"count(*) OVER () AS every FROM {LAYER}) AS rows WHERE n = every / 2)) AS place"
        ).fetchone()
        assert row is not None
        nearest = f"SELECT min(ST_Distance(geom, p)) FROM {LAYER}"
        found = line.execute(
            "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_SetSRID(ST_MakePoint(%s + i * 0.002, %s + j * 0.002), 4490) AS p "
            "FROM generate_series(-10, 10) AS i, generate_series(-10, 10) AS j) AS places "
            f"ORDER BY ({nearest}) DESC LIMIT 1",
            row,
        ).fetchone()
        assert found is not None
        line.execute(
            f"INSERT INTO {LAYER} (source, source_id, name, grade, grade_basis, geom) VALUES ('bench', 'mark', %s, "
            "%s, '{}', ST_SetSRID(ST_MakePoint(%s, %s), 4490))",
            [name(0), GRADES[0], *found],
        )
    return Mark(*found)


def watch(writer: Writer, readers: list[Reader], seconds: float, each_s: float, told: Callable[[], None]) -> None:
    """Marked edits, one each ``each_s`` or when all have shown the last, for ``seconds``; ``told`` after each."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(readers)) as pool:
        while time.monotonic() - began < seconds:
            due = time.monotonic() + each_s
            number, committed_at = writer.mark()
            list(pool.map(lambda reader: reader.until_shown(number, committed_at), readers))  # noqa: B023 - done here
            told()
            time.sleep(max(0.0, due - time.monotonic()))


def summary(readers: list[Reader], addresses: list[str]) -> None:
    """Median and worst of each surface of each process, beside the bar."""
    for number, reader in enumerate(readers):
        waits = sorted(reader.waits_s)
        print(
            f"  process {number // (len(readers) // len(addresses)) + 1}  {reader.kind:10}  {len(waits):3} edits   "
            f"median {statistics.median(waits):5.2f} s   worst {waits[-1]:5.2f} s   (bar 1 s)   "
            f"over it: {sum(each >= 1 for each in waits)}"
        )


def measure(dsn: str, mark: Mark, asked: argparse.Namespace) -> None:
    """Two processes, the writer, the load and the readers; print what was seen."""
    writer = Writer(dsn, asked.rate)
    with (
        tempfile.TemporaryDirectory() as logs,
        service(dsn, Path(logs) / "one") as (one, first),
        service(dsn, Path(logs) / "two") as (two, second),
        ThreadPoolExecutor(2) as beside,
        contextlib.closing(writer),
    ):
        addresses, processes = [one, two], [first, second]
        readers = [Reader(each, kind, path) for each in addresses for kind, path in mark.paths().items()]
        for reader in readers:
            if not shows(reader.kind, reader.read(), 0):
                raise RuntimeError(f"{reader.kind} does not show the marked feature at all")
        print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
        lasting = asked.warm_up + asked.seconds
        loads = [
            beside.submit(wrk, each, mark.tiles_around(), lasting, asked.connections, PAUSE_MS) for each in addresses
        ]
        watch(writer, readers, asked.warm_up, asked.each, lambda: None)
        for reader in readers:
            reader.waits_s.clear()
        before, made, began = [memory_mb(each) for each in processes], writer.made, time.monotonic()
        seen: list[list[float]] = []
        watch(writer, readers, asked.seconds, asked.each, lambda: seen.append([memory_mb(p) for p in processes]))
        rate = (writer.made - made) / (time.monotonic() - began)
        print(f"{rate:.0f} edits per second for {time.monotonic() - began:.0f} s, {writer.made - made:,} in all")
        for number, loading in enumerate(loads):
            rps, p50 = loading.result()
            print(f"load on process {number + 1}: {rps:.0f} tiles/s, {p50:.0f} ms median", flush=True)
        summary(readers, addresses)
        for number in range(len(processes)):
            held = [each[number] for each in seen]
            print(
                f"  process {number + 1}  memory  {before[number]:.0f} MB before, {statistics.median(held):.0f} MB "
                f"median, {max(held):.0f} MB most, {held[-1]:.0f} MB after"
            )


def main() -> None:
    """Run what is asked and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--warm-up", type=int, default=15, help="seconds of the same before anything is counted")
    parser.add_argument("--rate", type=int, default=200, help="edits per second")
    parser.add_argument("--each", type=float, default=1.0, help="seconds from a marked edit to the next")
    parser.add_argument("--connections", type=int, default=8, help="of wrk, to each process: 400 tiles a second")
    asked = parser.parse_args()
    with city() as (dsn, mark):
        measure(dsn, mark, asked)


if __name__ == "__main__":
    main()
