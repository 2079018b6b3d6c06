"""The serving side's pool: short loans, time limits, and our errors instead of the driver's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from geo.errors import Busy, DatabaseUnreachable, InputError
from layers.text import Text

if TYPE_CHECKING:
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
    _Connection = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection

__all__ = ["Database", "Slot", "Statement", "StatementBuilder", "Template"]

_UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidCatalogNameError,
)
_NOT_MIGRATED = (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError, asyncpg.UndefinedColumnError)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with numbered parameters (``$1`` …) and their values: data never becomes SQL."""

    sql: str
    values: tuple[object, ...] = ()
    one_plan: bool = False
    """Planned once for a connection and not for each set of values: for a long statement that goes by the indexes
    whatever its values are."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that is given when a template is filled."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """A statement composed once for all questions of one form; what differs between them are its slots."""

    sql: str
    values: tuple[object, ...]
    one_plan: bool = False

    def fill(self, given: Mapping[str, object]) -> Statement:
        """The statement with a value in every slot."""
        values = tuple([given[value.name] if isinstance(value, Slot) else value for value in self.values])
        return Statement(self.sql, values, self.one_plan)


class StatementBuilder:
    """Collects parameter values while SQL text is composed."""

    def __init__(self) -> None:
        self._values: list[object] = []
        self._slots: dict[Slot, int] = {}

    def value(self, value: object, sql_type: str) -> str:
        """Register ``value`` and return its placeholder with a cast, ``$3::float8``; the same slot, the same number."""
        if isinstance(value, Slot) and value in self._slots:
            return f"${self._slots[value]}::{sql_type}"
        self._values.append(value)
        if isinstance(value, Slot):
            self._slots[value] = len(self._values)
        return f"${len(self._values)}::{sql_type}"

    def build(self, sql: str) -> Statement:
        """The finished statement; values that its text does not use after all are left out, and the rest renumbered."""
        used = sorted({int(number) for number in re.findall(r"\$(\d+)", sql)})
        places = {number: place for place, number in enumerate(used, start=1)}
        renumbered = re.sub(r"\$(\d+)", lambda found: f"${places[int(found.group(1))]}", sql)
        return Statement(renumbered, tuple(self._values[number - 1] for number in used))

    def template(self, sql: str, *, one_plan: bool = False) -> Template:
        """The same for a text whose values may be slots."""
        built = self.build(sql)
        return Template(built.sql, built.values, one_plan)


async def _keep(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """No reset when a connection comes back, which would cost a turn: what we lend sets nothing and locks nothing."""


class _Lent(_Connection):
    """A connection of the pool. Reading leaves nothing behind in a session, so returning one costs no round trip."""

    __slots__ = ("_one_plan",)

    async def plan(self, *, once: bool) -> None:
        """How statements are planned from now on; a round trip only when that changes.

        A plan that stays must hold when the table grows: it goes by the index though the table is small today.
        """
        if once != getattr(self, "_one_plan", False):
            mode, by_index, workers = ("force_generic_plan", "off", "0") if once else ("force_custom_plan", "on", "2")
            # To start a worker process takes longer than what is planned so: a tile, an answer by indexes.
            await self.execute(
                f"SET plan_cache_mode = {mode}; SET enable_seqscan = {by_index}; "
                f"SET max_parallel_workers_per_gather = {workers}"
            )
            self._one_plan = once

    def get_reset_query(self) -> str:
        """Nothing to undo: no statement here sets, listens or locks for the session."""
        return ""


def _is_no_text(error: asyncpg.DataError) -> bool:
    """Whether a value was refused for a character that no text of PostgreSQL holds: what was asked is wrong, not we."""
    return isinstance(error, asyncpg.CharacterNotInRepertoireError) or isinstance(error.__cause__, UnicodeError)


class Database:
    """A pool of connections to PostGIS. Nothing connects before the first loan, so a service starts without one."""

    def __init__(
        self, dsn: str, *, pool_size: int = 8, acquire_timeout_s: float = 5.0, statement_timeout_s: float = 30.0
    ) -> None:
        self._dsn = dsn
        self._pool_size = pool_size
        self._acquire_timeout_s = acquire_timeout_s
        self._statement_timeout_s = statement_timeout_s
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()

    async def _open(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._dsn,
                    min_size=0,
                    max_size=self._pool_size,
                    connection_class=_Lent,
                    timeout=self._acquire_timeout_s,
                    reset=_keep,
                    # The statement of a tile of all layers is long, and asked again and again.
                    max_cacheable_statement_size=0,
                    server_settings={
                        "statement_timeout": str(int(self._statement_timeout_s * 1000)),
                        "application_name": "onemap",
                        # Plans of many-parameter spatial queries depend on the values: a 50 km ring is no 500 m ring.
                        "plan_cache_mode": "force_custom_plan",
                        "jit": "off",
                    },
                )
            return self._pool

    async def close(self) -> None:
        """Close every connection; the pool opens again at the next loan."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.close()

    @property
    def loans(self) -> int:
        """Connections on loan at this moment; 0 between requests."""
        return 0 if self._pool is None else self._pool.get_size() - self._pool.get_idle_size()

    @asynccontextmanager
    async def connection(self, *, one_plan: bool = False) -> AsyncIterator[Connection]:
        """Lend a connection for one short piece of work: never across rendering or streaming to a client.

        ``one_plan``: see ``Statement``; without it each set of values is planned for.

        Raises:
            Busy: all connections stayed on loan for the time limit, or a statement ran into its own.
            InputError: a text with a character that PostgreSQL does not take.
            DatabaseUnreachable: no connection can be made, or the tables are missing.
        """
        try:
            pool = self._pool or await self._open()
            async with pool.acquire(timeout=self._acquire_timeout_s) as connection:
                # The proxy hands on what it does not know.
                await connection.plan(once=one_plan)  # type: ignore[attr-defined]
                yield connection
        except TimeoutError as error:
            raise Busy(
                Text("数据库连接都在使用中,请稍后重试", "all database connections are in use; try again shortly")
            ) from error
        except asyncpg.QueryCanceledError as error:
            raise Busy(
                Text(
                    f"查询超过 {self._statement_timeout_s:g} 秒已中止;请缩小范围或半径",
                    f"the query was stopped after {self._statement_timeout_s:g} s; ask for a smaller area or radius",
                )
            ) from error
        except asyncpg.DataError as error:
            if not _is_no_text(error):
                raise
            raise InputError(
                Text(
                    "文字中有不能使用的字符(空字符或半个代理字符)",
                    "a text holds a character that none may (a NUL, or half of a surrogate pair)",
                )
            ) from error
        except asyncpg.DiskFullError as error:
            raise DatabaseUnreachable(
                Text("数据库所在的磁盘已满;请清理磁盘后重试", "the database's disk is full; make room and try again")
            ) from error
        except (*_UNREACHABLE, asyncpg.TooManyConnectionsError) as error:
            raise DatabaseUnreachable(
                Text(
                    "连不上数据库;请检查服务或运行 onemap up",
                    "the database cannot be reached; check it or run onemap up",
                )
            ) from error
        except _NOT_MIGRATED as error:
            raise DatabaseUnreachable(
                Text(
                    f"数据库结构不是最新({error});请运行 onemap up 完成迁移",
                    f"the database is not migrated ({error}); run onemap up",
                )
            ) from error

    async def fetch_text(self, statement: Statement) -> str:
        """The single text (JSON) value of a statement."""
        async with self.connection(one_plan=statement.one_plan) as connection:
            value = await connection.fetchval(statement.sql, *statement.values)
        if not isinstance(value, str):
            raise TypeError(f"the statement returned {type(value).__name__}, not text")
        return value

    async def fetch_each(self, statements: list[Statement]) -> list[bytes]:
        """The single ``bytea`` value of each statement, one after the other on one connection; planned as the first."""
        async with self.connection(one_plan=statements[0].one_plan) as connection:
            values = [await connection.fetchval(each.sql, *each.values) for each in statements]
        wrong = [type(value).__name__ for value in values if not isinstance(value, bytes)]
        if wrong:
            raise TypeError(f"statements returned {wrong}, not bytes")
        return values

    async def fetch_bytes(self, statement: Statement) -> bytes:
        """The single ``bytea`` value of a statement: a vector tile, an answer's JSON."""
        async with self.connection(one_plan=statement.one_plan) as connection:
            value = await connection.fetchval(statement.sql, *statement.values)
        if not isinstance(value, bytes):
            raise TypeError(f"the statement returned {type(value).__name__}, not bytes")
        return value

    async def fetch(self, statement: Statement) -> list[asyncpg.Record]:
        """All rows of a statement; for small answers only."""
        async with self.connection(one_plan=statement.one_plan) as connection:
            rows: list[asyncpg.Record] = await connection.fetch(statement.sql, *statement.values)
        return rows
