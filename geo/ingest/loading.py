"""Loading: one transaction, COPY into a staging table, then one upsert of the rows that differ.

Nothing of an import can be seen before its COMMIT; whatever is killed before leaves the tables as they were. Rows that
are the same as the stored ones are taken out before the upsert: not written, not locked, no new revision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
from psycopg import sql

from geo.errors import DatabaseUnreachable
from geo.ingest.copytext import copy_column, copy_geometry, copy_rows, is_constant
from geo.ingest.indexes import indexes_aside
from geo.ingest.places import find_divisions, forget_unknown_codes
from geo.ingest.report import Counts
from geo.ingest.staged import Staged
from layers.layer import Layer
from layers.text import Text

__all__ = ["STAGING_ROW", "Loader", "open_loader"]

_LOCK_SPACE = 0x696D70  # "imp": one import of a layer at a time
_LONG_STATEMENTS = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
_ROOM = "SET LOCAL temp_buffers = '128MB'; SET LOCAL work_mem = '64MB'"  # a million staged rows stay in memory
_NOTICE_DEAD_CLIENT = "SET LOCAL client_connection_check_interval = '2s'"
_NEVER_COMPARED = ("source", "source_id", "imported_at")
STAGING_ROW = "staging_row"
"""The staging table's own column: the row of the file."""


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


class Loader:
    """Stages and upserts rows of one source into one layer, within an open transaction."""

    def __init__(self, connection: psycopg.Connection, layer: Layer, source: str, columns: tuple[str, ...], demo: bool):
        self._connection = connection
        self._layer = layer
        self._source = source
        self._demo = demo
        self._columns = tuple(dict.fromkeys(("geom", *columns)))
        self._located = False
        self._defaults: dict[str, object] = {}

    @property
    def connection(self) -> psycopg.Connection:
        """The open transaction."""
        return self._connection

    @property
    def columns(self) -> tuple[str, ...]:
        """The staged columns; ``staging_row`` comes with them."""
        return self._columns

    def stage(self, batches: Iterable[Staged]) -> int:
        """COPY every batch into the staging table; the number of rows."""
        table = sql.Identifier(self._layer.name)
        shape = sql.SQL(
            "CREATE TEMP TABLE staging ON COMMIT DROP AS SELECT {}, NULL::bigint AS {} FROM {} WITH NO DATA"
        )
        self._connection.execute(shape.format(_names(self._columns), sql.Identifier(STAGING_ROW), table))
        staged = 0
        with ThreadPoolExecutor(1, "staging") as sender:  # the database takes one batch in while the next is prepared
            sent: Future[None] | None = None
            for batch in batches:
                told = self._columns_told(batch)
                rows = self._written(batch, told)
                if sent is not None:
                    sent.result()
                sent = sender.submit(self._copy, told, self._constants(batch, told), rows)
                staged += len(batch)
            if sent is not None:
                sent.result()
        self._connection.execute("ANALYZE staging")
        return staged

    def _columns_told(self, batch: Staged) -> tuple[str, ...]:
        """The columns that differ from row to row."""
        return tuple(name for name in self._columns if name == "geom" or not is_constant(batch.columns[name]))

    def _constants(self, batch: Staged, told: Collection[str]) -> dict[str, object]:
        """What all rows of a batch have in common."""
        return {name: next(iter(batch.columns[name]), None) for name in self._columns if name not in told}

    def _written(self, batch: Staged, told: Iterable[str]) -> str:
        """The rows as COPY takes them."""
        columns = [
            copy_geometry(batch.geometry) if name == "geom" else copy_column(batch.columns[name]) for name in told
        ]
        return copy_rows([*columns, copy_column(batch.rows)])

    def _copy(self, told: tuple[str, ...], constants: Mapping[str, object], rows: str) -> None:
        """COPY one batch. What its rows have in common is told once, as the column's default of the moment."""
        for name, value in constants.items():
            if self._defaults.get(name) != value:
                default = sql.SQL("ALTER TABLE staging ALTER {} SET DEFAULT {}")
                self._connection.execute(default.format(sql.Identifier(name), value))
                self._defaults[name] = value
        statement = sql.SQL("COPY staging ({}) FROM STDIN").format(_names((*told, STAGING_ROW)))
        with self._connection.cursor().copy(statement) as copy:
            copy.write(rows)

    def locate(self) -> list[tuple[int, str]]:
        """Find the division of every staged row that names none, or none that is known: of these, row and code."""
        if self._located:
            return []
        unknown = forget_unknown_codes(self._connection, self._layer.name)
        find_divisions(self._connection)
        self._located = True
        return unknown

    def upsert(self, counts: Counts, staged: int, ordinals: tuple[str, ...]) -> None:
        """Find the divisions, leave out what is unchanged, insert and update the rest; ``counts`` gets the numbers."""
        self.locate()
        counts.unchanged = self.drop_unchanged(ordinals)
        self.write(counts, staged)

    def write(self, counts: Counts, staged: int, *, is_kept: bool = True) -> None:
        """Insert and update what is staged still; ``staged`` is how many rows that were before ``drop_unchanged``.

        ``is_kept``: False when the caller takes it all back, as a dry run does.
        """
        if staged == counts.unchanged:
            return
        values = {"source": self._source, "demo": self._demo}
        rows = staged - counts.unchanged
        with indexes_aside(self._connection, self._layer.name, rows, rebuild=is_kept) as is_alone:
            if is_alone:
                counts.inserted = self._connection.execute(self._insert_statement(), values).rowcount
                return
        row = self._connection.execute(self._upsert_statement(), values).fetchone()
        if row is None:
            raise RuntimeError("the upsert gave no counts")
        counts.inserted, counts.updated = int(row[0]), int(row[1])

    def _insert_statement(self) -> sql.Composed:
        staged = [name for name in self._columns if name not in ("source", "demo")]
        return sql.SQL(
            "INSERT INTO {table} AS t (source, demo, imported_at, {staged}) "
            "SELECT %(source)s, %(demo)s, now(), {staged} FROM staging"
        ).format(table=sql.Identifier(self._layer.name), staged=_names(staged))

    def _upsert_statement(self) -> sql.Composed:
        others = [column.name for column in self._layer.table.columns if column.name not in _NEVER_COMPARED]
        kept = sql.SQL("CASE WHEN EXCLUDED.retired_at IS NOT NULL THEN coalesce(t.retired_at, EXCLUDED.retired_at) END")
        assigned = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(
                sql.Identifier(name),
                kept if name == "retired_at" else sql.SQL("EXCLUDED.{}").format(sql.Identifier(name)),
            )
            for name in (*others, "imported_at")
        )
        return sql.SQL(
            "WITH written AS ({insert} ON CONFLICT (source, source_id) DO UPDATE SET {assigned} "
            "RETURNING (xmax = 0) AS inserted) "
            "SELECT count(*) FILTER (WHERE inserted), count(*) FILTER (WHERE NOT inserted) FROM written"
        ).format(insert=self._insert_statement(), assigned=assigned)

    def drop_unchanged(self, ordinals: tuple[str, ...]) -> int:
        """Delete the staged rows that the layer already holds as they are. A changed ordinal alone is no change."""
        table = sql.Identifier(self._layer.name)
        known = self._connection.execute(
            sql.SQL("SELECT EXISTS (SELECT FROM {} WHERE source = %s)").format(table), (self._source,)
        ).fetchone()
        if known is None or not known[0]:
            return 0
        same: list[sql.Composable] = [sql.SQL("t.demo = %(demo)s")]
        for column in self._layer.table.columns:
            name = sql.Identifier(column.name)
            if column.name in (*_NEVER_COMPARED, "demo"):
                continue
            if column.name not in self._columns:
                same.append(sql.SQL("t.{} IS NULL").format(name))
            elif column.name == "retired_at":
                same.append(sql.SQL("(t.retired_at IS NULL) = (s.retired_at IS NULL)"))
            elif column.name == "extra":
                same.append(sql.SQL("t.extra - %(ordinals)s::text[] = s.extra - %(ordinals)s::text[]"))
            else:
                same.append(sql.SQL("t.{0} IS NOT DISTINCT FROM s.{0}").format(name))
        statement = sql.SQL(
            "DELETE FROM staging s USING {} t WHERE t.source = %(source)s AND t.source_id = s.source_id AND {}"
        ).format(table, sql.SQL(" AND ").join(same))
        parameters = {"source": self._source, "demo": self._demo, "ordinals": list(ordinals)}
        return self._connection.execute(statement, parameters).rowcount

    def retire(self) -> int:
        """Retire the source's features whose ids ``delivered`` lacks; how many."""
        statement = sql.SQL(
            "UPDATE {} t SET retired_at = now() WHERE t.source = %s AND t.retired_at IS NULL "
            "AND NOT EXISTS (SELECT FROM delivered d WHERE d.source_id = t.source_id)"
        ).format(sql.Identifier(self._layer.name))
        return self._connection.execute(statement, (self._source,)).rowcount


@contextmanager
def open_loader(
    dsn: str, layer: Layer, source: str, columns: tuple[str, ...], *, demo: bool, dry_run: bool
) -> Iterator[Loader]:
    """A loader in a transaction of its own, committed at the end, rolled back by an exception or a dry run.

    Imports of one layer wait for each other.

    Raises:
        DatabaseUnreachable: PostGIS does not answer, breaks off, or has no such table.
    """
    try:
        with psycopg.connect(dsn, application_name="onemap import") as connection:
            connection.execute(_LONG_STATEMENTS)
            connection.execute(_ROOM)
            connection.execute(_NOTICE_DEAD_CLIENT)
            connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK_SPACE, layer.name))
            yield Loader(connection, layer, source, columns, demo)
            if dry_run:
                connection.rollback()
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(
            Text(
                f"数据库连接失败或中断:{error};没有写入任何数据,请检查数据库后重新导入",
                f"the database cannot be reached or broke off: {error}; nothing was written, import again",
            )
        ) from error
    except psycopg.errors.UndefinedTable as error:
        raise DatabaseUnreachable(
            Text(
                f"数据库中没有图层 {layer.name} 的表;请先运行 onemap up",
                f"the database has no table of layer {layer.name}; run onemap up first",
            )
        ) from error
