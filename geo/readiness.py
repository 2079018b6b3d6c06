"""Whether the database is what the code needs: reachable, PostGIS, migrated to the head."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

from geo.database import Database, Statement
from geo.errors import Busy, DatabaseUnreachable
from geo.migrate import head_revision

__all__ = ["Readiness", "database_readiness"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found; ``reason`` is None when all is well."""

    postgis: str | None
    migration: str | None
    migration_head: str | None
    reason: str | None

    @property
    def ready(self) -> bool:
        """Whether the service can answer."""
        return self.reason is None


async def database_readiness(database: Database) -> Readiness:
    """Ask the database for its PostGIS version and migration."""
    head = head_revision()
    try:
        (row,) = await database.fetch(
            Statement("SELECT postgis_lib_version() AS postgis, (SELECT version_num FROM alembic_version) AS migration")
        )
    except (DatabaseUnreachable, Busy) as error:
        return Readiness(None, None, head, error.message.en)
    except asyncpg.PostgresError as error:
        return Readiness(None, None, head, f"{type(error).__name__}: {error}")
    if row["migration"] != head:
        return Readiness(row["postgis"], row["migration"], head, "the database is not migrated to the head: onemap up")
    return Readiness(row["postgis"], row["migration"], head, None)
