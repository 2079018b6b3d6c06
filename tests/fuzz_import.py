"""Random and mutated files against the importer: ``python -m tests.fuzz_import --seconds 600``; clear errors only.

Every file is imported as a dry run, in a process with the sandbox's limits. A finding is any end that is neither a
report that accounts for every row nor an error of ours with a sentence in both languages.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl

from geo.errors import DatabaseUnreachable, OnemapError
from geo.ingest import ImportOptions
from geo.ingest.into import import_into
from geo.ingest.sandbox import Limits

LIMITS = Limits(memory_mb=2048, cpu_s=30, wall_s=45)
ENDINGS = (
    ".csv",
    ".tsv",
    ".txt",
    ".xlsx",
    ".xls",
    ".geojson",
    ".json",
    ".zip",
    ".shp",
    ".gpkg",
    ".kml",
    ".kmz",
    ".fgb",
    ".parquet",
)
TARGETS = ("hazard_points", "shelters", "forest_zones", "supply_stock")
HEADERS = (
    "编号",
    "名称",
    "经度",
    "纬度",
    "经纬度",
    "X坐标",
    "Y坐标",
    "威胁人口(人)",
    "风险等级",
    "填报时间",
    "状态",
    "销号时间",
    "乡镇",
    "备注",
    "经度(分)",
    "经度(秒)",
    "纬度(分)",
    "储备库名称",
    "物资编码",
    "品名",
    "数量",
    "单位",
)
CELLS = (
    "",
    "/",
    "无",
    "115.944",
    "28.545",
    "115°56′38.4″",
    "115-56-38.4",
    "115.56.38.4",
    "39396653.945",
    "3159295.875",
    "1e309",
    "-0",
    "nan",
    "inf",
    "=1+1",
    "约300余人",
    "120顶",
    "1010101",
    "仓库",
    "顶",
    "１２３",
    "2024年5月",
    "45413",
    "3.60121E+11",
    "\0",
    "\ufeff",
    "𬇙",
    "a" * 5000,
    "\u202e",
    "POINT(115.944 28.545)",
    "115.944，28.545",
    "已销号",
    "红",
    "重大",
    "0",
    "9" * 400,
    "'; DROP TABLE x; --",
    '"',
    "\r\n",
)


def _rows(chance: random.Random) -> list[list[str]]:
    width = chance.randint(1, 18)
    head = [chance.choice(HEADERS) for _ in range(width)]
    rows = [
        [chance.choice(CELLS) for _ in range(chance.choice((width, width, width + 1)))]
        for _ in range(chance.randint(0, 40))
    ]
    return [[chance.choice(CELLS)] for _ in range(chance.randint(0, 2))] + [head, *rows]


def _text(chance: random.Random) -> bytes:
    comma = chance.choice(",\t;|")
    lines = chance.choice(("\n", "\r\n", "\r")).join(comma.join(row) for row in _rows(chance))
    return lines.encode(chance.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-32")), "replace")


def _workbook(chance: random.Random) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in _rows(chance):
        sheet.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _geojson(chance: random.Random) -> bytes:
    def number() -> object:
        return chance.choice((115.9, 28.5, 0, 1e308, -200, None, "x", [], 3159295.8))

    shapes = (
        lambda: {"type": "Point", "coordinates": [number(), number()]},
        lambda: {"type": "LineString", "coordinates": [[number(), number()] for _ in range(chance.randint(0, 4))]},
        lambda: {"type": "Polygon", "coordinates": [[[number(), number()] for _ in range(chance.randint(0, 6))]]},
        lambda: {"type": chance.choice(("Circle", "", None)), "coordinates": number()},
        lambda: None,
    )
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(HEADERS, CELLS[n:], strict=False)),
            "geometry": chance.choice(shapes)(),
        }
        for n in range(chance.randint(0, 20))
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _archive(chance: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in chance.sample(
            ("a.shp", "a.dbf", "a.shx", "a.prj", "doc.kml", "../x.shp", "b/a.shp"), chance.randint(0, 5)
        ):
            archive.writestr(name, chance.randbytes(chance.randint(0, 400)))
    return buffer.getvalue()


MAKERS: dict[str, Callable[[random.Random], bytes]] = {
    ".csv": _text,
    ".xlsx": _workbook,
    ".geojson": _geojson,
    ".zip": _archive,
    "": lambda chance: chance.randbytes(chance.randint(0, 5000)),
}


def _mutate(content: bytes, chance: random.Random) -> bytes:
    """Flip, cut, double or splice some bytes."""
    found = bytearray(content)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(5):
            case 0 if at < len(found):
                found[at] ^= 1 << chance.randrange(8)
            case 1:
                del found[at : at + chance.randint(1, 200)]
            case 2:
                found[at:at] = found[at : at + chance.randint(1, 200)]
            case 3:
                found[at:at] = chance.choice(
                    (b"\0", b"\xff", b'"', b"\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"<a>", b"[" * 50)
                )
            case _:
                del found[chance.randrange(len(found) + 1) :]
    return bytes(found)


def make_file(seed: int, folder: Path, samples: list[Path]) -> Path:
    """The file of this seed: made up, or a real one mutated; now and then under a wrong ending."""
    chance = random.Random(seed)
    if samples and chance.random() < 0.3:
        sample = chance.choice(samples)
        content, ending = sample.read_bytes()[:400_000], sample.suffix
    else:
        ending = chance.choice(list(MAKERS))
        content = MAKERS[ending](chance)
    if chance.random() < 0.6:
        content = _mutate(content, chance)
    if not ending or chance.random() < 0.15:
        ending = chance.choice(ENDINGS)
    path = folder / f"fuzz-{seed}{ending}"
    path.write_bytes(content)
    return path


@dataclass
class Outcome:
    """What became of the files of one run."""

    files: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


def _options(seed: int) -> ImportOptions:
    """What is declared of the file of this seed: mostly the usual, now and then something else."""
    chance = random.Random(seed)
    place = chance.choice(({"crs": "CRS84"},) * 4 + ({"crs": "EPSG:4527"}, {"datum": "gcj02"}, {"datum": "bd09"}, {}))
    return ImportOptions(
        source="fuzz",
        dry_run=True,
        full=chance.random() < 0.2,
        notation="dms" if chance.random() < 0.2 else None,
        usual={chance.choice(HEADERS): "name"} if chance.random() < 0.3 else {},
        **place,
    )


def _import(dsn: str, path: Path, target: str, seed: int) -> tuple[str, str | None]:
    """How an import ends, and what is wrong with that."""
    try:
        counts = import_into(dsn, path, target, _options(seed)).counts
    except MemoryError:
        return "memory", None
    except DatabaseUnreachable as error:
        return "database", f"{path.name}: blamed on the database: {error.message.en}"
    except OnemapError as error:
        clear = error.message.zh.strip() and error.message.en.strip()
        return error.code, None if clear else f"{path.name}: says nothing"
    except Exception as error:  # noqa: BLE001 - whatever else it is, that is what is sought
        at = traceback.extract_tb(error.__traceback__)[-1]
        return (
            "crash",
            f"{path.name}: {type(error).__name__}: {str(error)[:300]} ({Path(at.filename).name}:{at.lineno})",
        )
    lost = counts.read != counts.loaded + counts.rejected
    return "report", f"{path.name}: rows are lost: {counts}" if lost else None


def _end_of(dsn: str, path: Path, target: str, seed: int) -> tuple[str, str | None]:
    """The same in a forked process with limits: a second for each file would go into starting one anew."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (LIMITS.memory_mb << 20, LIMITS.memory_mb << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (LIMITS.cpu_s, LIMITS.cpu_s))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        signal.alarm(int(LIMITS.wall_s))
        os.write(writing, json.dumps(_import(dsn, path, target, seed)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if told:
        end, finding = json.loads(told)
        return str(end), None if finding is None else str(finding)
    # The sandbox says of these ends that the file needs too much (sandbox.py); others it does not know.
    known = {-signal.SIGXCPU: "cpu", -signal.SIGKILL: "cpu", -signal.SIGABRT: "memory", -signal.SIGALRM: "time"}
    end = known.get(status, f"ended with {status}")
    return end, None if status in known else f"{path.name}: {end}"


def fuzz(dsn: str, seconds: float, seed: int, samples: list[Path], keep: Path | None = None) -> Outcome:
    """Import file after file until the time is over; what ends badly is kept in ``keep``."""
    outcome, ends_at = Outcome(), time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="onemap-fuzz-") as folder:
        while time.monotonic() < ends_at:
            own = seed + outcome.files
            path = make_file(own, Path(folder), samples)
            started = time.monotonic()
            end, finding = _end_of(dsn, path, TARGETS[outcome.files % len(TARGETS)], own)
            outcome.slowest_s = max(outcome.slowest_s, time.monotonic() - started)
            outcome.files += 1
            outcome.ends[end] += 1
            if finding is not None:
                outcome.findings.append(finding)
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / path.name).write_bytes(path.read_bytes())
            path.unlink()
    return outcome


def main() -> int:
    """Fuzz on a throw-away cluster and print what was found; 1 when anything was."""
    from tests import throwaway  # not for who imports ``fuzz`` alone

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=Path, help="a folder of real files to mutate")
    parser.add_argument("--keep", type=Path, default=Path(".fuzz"))
    asked = parser.parse_args()
    samples = [each for each in sorted(asked.samples.rglob("*")) if each.suffix in ENDINGS] if asked.samples else []
    keeper = throwaway.Keeper()
    try:
        os.environ[throwaway.ADDRESS] = keeper.address
        with throwaway.database_of_its_own(throwaway.ask()) as dsn:
            outcome = fuzz(dsn, asked.seconds, asked.seed, samples, asked.keep)
    finally:
        keeper.close()
    print(f"{outcome.files} files, slowest {outcome.slowest_s:.1f} s: {dict(outcome.ends)}")
    print("\n".join(outcome.findings) or "clear errors only")
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    sys.exit(main())
