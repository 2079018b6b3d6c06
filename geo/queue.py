"""The queue of jobs in PostgreSQL: procrastinate's own tables, made once and brought forward by its own migrations."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from procrastinate.schema import SchemaManager
from sqlalchemy.engine import Connection

__all__ = ["equip_queue"]

_KNOWN = "CREATE TABLE IF NOT EXISTS onemap_queue_migrations (name text PRIMARY KEY)"


def _migrations() -> dict[str, Path]:
    folder = Path(SchemaManager.get_migrations_path())
    return {path.name: path for path in sorted(folder.glob("*.sql"))}


def equip_queue(connection: Connection) -> None:
    """Make the queue's tables in an open transaction, or run the migrations of a newer version; again does nothing."""
    connection.execute(sa.text(_KNOWN))
    found = _migrations()
    if connection.scalar(sa.text("SELECT to_regclass('procrastinate_jobs')")) is None:
        connection.exec_driver_sql(SchemaManager.get_schema(), execution_options={"no_parameters": True})
        missing = list(found)
    else:
        known = set(connection.scalars(sa.text("SELECT name FROM onemap_queue_migrations")))
        missing = [name for name in found if name not in known]
        for name in missing:
            sql = found[name].read_text(encoding="utf-8")
            connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    if missing:
        connection.execute(
            sa.text("INSERT INTO onemap_queue_migrations (name) VALUES (:name)"), [{"name": name} for name in missing]
        )
