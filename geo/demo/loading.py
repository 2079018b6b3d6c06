"""Fill a database with the demo city through the same loader as a bureau's own files, or take the demo out again.

Each part (see ``city``) is one transaction. A run that fails or is cancelled takes back what it loaded; one that was
killed leaves whole parts behind, which the next run recognises and completes: loading a part again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic

import psycopg
from psycopg import sql

from geo.demo.city import PARTS, Part
from geo.demo.depots import STOCK_COLUMNS, stock_rows
from geo.demo.figures import SOURCE
from geo.demo.outlines import OUTLINES_SOURCE
from geo.demo.rasters import load_demo_rasters
from geo.errors import DatabaseUnreachable
from geo.ingest import load_rows
from layers.registry import Registry, discover
from layers.text import Text

__all__ = ["DemoProgress", "DemoReport", "DemoState", "demo_state", "load_demo", "remove_demo"]


class DemoState(StrEnum):
    """What a database holds, as far as the demo is concerned."""

    EMPTY = "empty"
    PARTIAL = "partial"
    """Some of the demo and nothing else: a run that was killed."""
    COMPLETE = "complete"
    """The demo and nothing else."""
    OWN = "own"
    """Features that are not the demo's, with or without it."""


@dataclass(frozen=True, slots=True)
class DemoProgress:
    """Which part is being loaded, of how many; rows so far in all parts."""

    layer: str
    part: int
    parts: int
    rows: int


@dataclass(frozen=True, slots=True)
class DemoReport:
    """``loaded`` is rows by layer; empty when the database was left as it was. ``found`` is its state before."""

    found: DemoState
    loaded: dict[str, int]
    removed: int
    seconds: float


ProgressCallback = Callable[[DemoProgress], None]


@contextmanager
def _connection(dsn: str) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(dsn) as connection:
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise DatabaseUnreachable(
            Text(
                "数据库尚未迁移;请运行 onemap migrate 或 onemap up",
                "the database is not migrated; run onemap migrate or onemap up",
            )
        ) from error
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(
            Text(
                f"连不上数据库:{error};请运行 onemap up 或检查 ONEMAP_DATABASE_URL",
                f"the database cannot be reached: {error}; run onemap up or check ONEMAP_DATABASE_URL",
            )
        ) from error


def _count(connection: psycopg.Connection, registry: Registry, condition: sql.SQL | sql.Composed) -> dict[str, int]:
    """Rows by layer for which ``condition`` holds."""
    counts = {}
    for name in registry:
        query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(name), condition)
        row = connection.execute(query).fetchone()
        counts[name] = int(row[0]) if row else 0
    return counts


_DEMO = sql.SQL("demo OR source = {}").format(sql.Literal(OUTLINES_SOURCE))
_OWN = sql.SQL("NOT demo AND source <> {}").format(sql.Literal(OUTLINES_SOURCE))


def demo_state(dsn: str) -> DemoState:
    """What the database holds. The real outlines count as the demo's: nothing else brings them.

    Raises:
        DatabaseUnreachable: it does not answer or is not migrated.
    """
    registry = discover()
    with _connection(dsn) as connection:
        if any(_count(connection, registry, _OWN).values()):
            return DemoState.OWN
        found = _count(connection, registry, _DEMO)
    if not any(found.values()):
        return DemoState.EMPTY
    expected = dict.fromkeys(registry, 0)
    for part in PARTS:
        expected[part.layer] += part.count
    return DemoState.COMPLETE if found == expected else DemoState.PARTIAL


def remove_demo(dsn: str) -> int:
    """Remove every row that is marked as demonstration data, in one transaction; how many those were.

    Raises:
        DatabaseUnreachable: the database does not answer or is not migrated.
    """
    with _connection(dsn) as connection:
        return _delete(connection, sql.SQL("demo"))


def _delete(connection: psycopg.Connection, condition: sql.SQL | sql.Composed) -> int:
    removed = 0
    for name in discover():
        query = sql.SQL("DELETE FROM {} WHERE {}").format(sql.Identifier(name), condition)
        removed += connection.execute(query).rowcount
    connection.execute("DELETE FROM supply_stock WHERE source = %s", (SOURCE,))
    connection.execute("DELETE FROM onemap_rasters WHERE demo")
    return removed


def _load_stock(dsn: str) -> None:
    """The depots' stock. It comes before the depots, so that a city whose depots are there is whole."""
    rows = stock_rows()
    with _connection(dsn) as connection:
        connection.execute("DELETE FROM supply_stock WHERE source = %s", (SOURCE,))
        columns = sql.SQL(", ").join(map(sql.Identifier, STOCK_COLUMNS))
        with connection.cursor().copy(sql.SQL("COPY supply_stock ({}) FROM STDIN").format(columns)) as copy:
            for row in rows:
                copy.write_row(row)


def _load(dsn: str, registry: Registry, parts: tuple[Part, ...], progress: ProgressCallback | None) -> dict[str, int]:
    loaded: dict[str, int] = {}
    _load_stock(dsn)
    for number, part in enumerate(parts, 1):
        if progress is not None:
            progress(DemoProgress(part.layer, number, len(parts), sum(loaded.values())))
        report = load_rows(dsn, registry[part.layer], part.rows(), part.source, demo=part.demo)
        if report.counts.rejected:
            raise RuntimeError(f"{report.counts.rejected} rows of the demo's {part.layer} were rejected")
        loaded[part.layer] = loaded.get(part.layer, 0) + report.counts.read
    return loaded


def load_demo(
    dsn: str, progress: ProgressCallback | None = None, *, replace: bool = False, rasters: Path | None = None
) -> DemoReport:
    """Load the demo into an empty database, or complete it where a run was killed; else change nothing.

    With ``replace`` the demo's rows (those marked as such, no others) are removed first and loaded anew, beside
    whatever else the database holds. ``rasters`` is the directory for the demo's grids; without it there are none.

    Raises:
        DatabaseUnreachable: the database does not answer or is not migrated.
        FileUnwritable: the grids cannot be written.
    """
    started, registry = monotonic(), discover()
    found = demo_state(dsn)
    if not replace and found in (DemoState.OWN, DemoState.COMPLETE):
        return DemoReport(found, {}, 0, monotonic() - started)
    with _connection(dsn) as connection:
        had_outlines = any(
            _count(connection, registry, sql.SQL("source = {}").format(sql.Literal(OUTLINES_SOURCE))).values()
        )
    removed = remove_demo(dsn) if replace else 0
    try:
        if rasters is not None:
            load_demo_rasters(dsn, rasters)
        loaded = _load(dsn, registry, PARTS, progress)
    except BaseException:
        with _connection(dsn) as connection:
            _delete(connection, sql.SQL("demo") if had_outlines else _DEMO)
        raise
    return DemoReport(found, loaded, removed, monotonic() - started)
