"""A large load into an empty layer: its secondary indexes go, and are built when all rows are in.

To keep five indexes up to date row by row takes several times as long as the rows themselves. All happens in the
load's transaction, so a load that is killed leaves the layer as it was. The layer is locked meanwhile, also for
readers, some seconds for a million rows; so it is done only where there is nothing to be read yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

__all__ = ["LEAST_ROWS", "indexes_aside"]

LEAST_ROWS = 10_000
"""Below it the indexes are kept up to date in less time than a user notices."""

_PATIENCE = "1s"
"""For how long the lock is waited for: whoever waits for it makes every later reader of the layer wait, too."""

_MEMORY = "SET LOCAL maintenance_work_mem = '128MB'"

# Those that no constraint, replication or administrator's wish is tied to. GiST without a sort order of its own is
# built through buffers, in half the time: 11 is the number of the sort support function.
_SECONDARY = """
SELECT format('%%I.%%I', n.nspname, c.relname), pg_get_indexdef(c.oid),
    a.amname = 'gist' AND c.reloptions IS NULL AND i.indpred IS NULL AND NOT EXISTS (
        SELECT FROM pg_opclass o JOIN pg_amproc p ON p.amprocfamily = o.opcfamily AND p.amprocnum = 11
        WHERE o.oid = ANY (i.indclass))
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_am a ON a.oid = c.relam
WHERE i.indrelid = to_regclass(%s) AND i.indisvalid AND NOT i.indisunique AND NOT i.indisclustered
    AND NOT i.indisreplident AND c.reltablespace = 0 AND pg_has_role(c.relowner, 'USAGE')
    AND obj_description(c.oid, 'pg_class') IS NULL
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True)
class _Index:
    """An index by its quoted name; ``buffered``: built through buffers."""

    name: str
    definition: str
    buffered: bool

    def build(self, connection: psycopg.Connection) -> None:
        """Make it again, as it was declared."""
        connection.execute(_trusted(f"{self.definition} WITH (buffering = on)" if self.buffered else self.definition))
        if self.buffered:
            connection.execute(_trusted(f"ALTER INDEX {self.name} RESET (buffering)"))


def _trusted(statement: str) -> sql.SQL:
    """What PostgreSQL itself wrote down, quoted where need be."""
    return sql.SQL(statement)


def _is_empty(connection: psycopg.Connection, table: str) -> bool:
    row = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))).fetchone()
    return row is not None and not row[0]


def _locked(connection: psycopg.Connection, table: str) -> bool:
    """Have the table alone, if that can be had at once."""
    before = connection.execute("SELECT current_setting('lock_timeout')").fetchone()
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (_PATIENCE,))
            connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (before[0] if before else "0",))
    except (psycopg.errors.LockNotAvailable, psycopg.errors.InsufficientPrivilege):
        return False
    return True


@contextmanager
def indexes_aside(connection: psycopg.Connection, table: str, rows: int, *, rebuild: bool = True) -> Iterator[bool]:
    """Drop the secondary indexes of ``table`` while ``rows`` rows are written, and build them afterwards.

    Yields whether it is so: the table was empty and is locked, thus any row can be inserted without a look at others.
    False, with nothing changed, for few rows, a table that holds any, one that others are at work on, or that belongs
    to another role. Without ``rebuild`` they stay dropped: for whoever takes the whole back.
    """
    if rows < LEAST_ROWS or not _is_empty(connection, table) or not _locked(connection, table):
        yield False
        return
    if not _is_empty(connection, table):
        yield False
        return
    found = [_Index(*row) for row in connection.execute(_SECONDARY, (table,)).fetchall()]
    if found:
        connection.execute(_trusted("DROP INDEX " + ", ".join(each.name for each in found)))
    yield True
    if rebuild:
        connection.execute(_MEMORY)
        for each in found:
            each.build(connection)
