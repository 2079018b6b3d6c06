"""pgbench with the service's own statements: what differs between two places becomes an expression of :lon, :lat."""

from __future__ import annotations

import math
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg

from geo.database import Statement
from tests.bench.land import EAST, WEST
from tests.bench.load import CONNECTIONS, INNER, SECONDS

__all__ = ["pgbench", "pgbench_script"]


def _literal(value: object) -> str:
    """A value that is the same for every place; bytes in hexadecimal, whatever the client library would write."""
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return "ARRAY[" + ", ".join(f"'\\x{each.hex()}'::bytea" for each in value) + "]"
    return psycopg.sql.Literal(value).as_string(None)


def _coordinate(value: float, place: tuple[float, float]) -> str:
    """A coordinate of a place, or the edge of a box around it, as an expression of :lon, :lat."""
    lon, lat = place
    if WEST <= value <= EAST:
        # As many metres are as many degrees of latitude everywhere, and of longitude by its cosine.
        return f":lon + ({value - lon!r}) * {math.cos(math.radians(lat))!r} / cos(radians(:lat))"
    return f":lat + ({value - lat!r})"


def pgbench_script(statements: Sequence[tuple[Statement, Statement]], place: tuple[float, float]) -> str:
    """The service's own SQL for random places: what differs between two places becomes an expression of :lon, :lat.

    ``place`` is the longitude and latitude that the first statement of each pair asks about.
    """
    west, south, east, north = INNER
    lines = [
        f"\\set lon {west} + random(0, 1000000) / 1000000.0 * {east - west}",
        f"\\set lat {south} + random(0, 1000000) / 1000000.0 * {north - south}",
    ]
    plane = (
        "format('+proj=aeqd +lat_0=%s +lon_0=%s +ellps=GRS80 +units=m +no_defs +type=crs', :lat::float8, :lon::float8)"
    )
    for here, there in statements:
        assert here.sql == there.sql
        sql = here.sql
        for number in range(len(here.values), 0, -1):
            one, other = here.values[number - 1], there.values[number - 1]
            if one == other:
                literal = _literal(one)
            elif isinstance(one, float):
                literal = _coordinate(one, place)
            elif isinstance(one, list) and isinstance(one[0], str):
                literal = f"ARRAY[{plane}]"
            elif isinstance(one, list):
                literal = "ARRAY[ST_AsBinary(ST_MakePoint(:lon, :lat))]"
            else:
                raise TypeError(f"parameter {number} is a {type(one).__name__}")
            sql = sql.replace(f"${number}::", f"({literal})::")
        lines.append(re.sub(r"\s+", " ", sql).strip() + ";")
    return "\n".join(lines) + "\n"


def pgbench(dsn: str, script: str) -> dict[str, float]:
    """Transactions per second and mean latency (ms), prepared once and with the session settings of the service."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        words = ["-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "1", "-T", str(SECONDS), "-f", file.name, dsn]
        binary = next(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
        plans = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
        environment = {**os.environ, "PGOPTIONS": f"-c jit=off {plans}"}
        said = subprocess.run(
            [str(binary), *words], capture_output=True, text=True, check=True, env=environment, timeout=SECONDS + 90
        ).stdout
    rates = re.search(r"tps = (\S+)", said)
    latency = re.search(r"latency average = (\S+)", said)
    assert rates is not None, said
    assert latency is not None, said
    return {"rps": float(rates.group(1)), "mean_ms": float(latency.group(1))}
