"""What every private cluster holds: the role and the database ``onemap``, with the extension postgis."""

from __future__ import annotations

from typing import Protocol

import psycopg

from geo.errors import ClusterError
from layers.text import Text

__all__ = ["DATABASE", "ROLE", "SUPERUSER", "prepare_database"]

SUPERUSER = "postgres"
"""The cluster's own superuser: makes databases and extensions, serves nothing."""

ROLE = "onemap"
"""As whom the service works: owner of its database and no superuser, so that SQL can reach no file of the machine."""

DATABASE = "onemap"


class DsnFor(Protocol):
    """Gives the URL of a database as a user, such as ``PrivateCluster.dsn``."""

    def __call__(self, database: str = ..., user: str = ...) -> str:
        """The libpq URL."""


def prepare_database(dsn: DsnFor) -> None:
    """Create role, database and extension where they are missing. Raises ClusterError when the server refuses."""
    try:
        with psycopg.connect(dsn("postgres", SUPERUSER), autocommit=True) as connection:
            if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE):
                connection.execute(f"CREATE ROLE {ROLE} LOGIN")
            if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        with psycopg.connect(dsn(DATABASE, SUPERUSER), autocommit=True) as connection:
            if not _exists(connection, "SELECT 1 FROM pg_extension WHERE extname = %s", "postgis"):
                connection.execute("CREATE EXTENSION postgis")
    except psycopg.Error as error:
        raise ClusterError(
            Text(zh=f"数据库准备失败：{error}", en=f"The database could not be prepared: {error}")
        ) from error


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, (name,)).fetchone() is not None
