"""Bring a database to the declared shape: extension, tables, revisions and their triggers."""

from __future__ import annotations

from pathlib import Path

import alembic.command
import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

import layers.migrations
from geo.cartography.places import has_points, has_shapes
from geo.cartography.tile_layers import told_columns
from geo.errors import DatabaseUnreachable
from geo.queue import equip_queue
from geo.sql import setup_scripts
from layers.registry import discover
from layers.text import Text

__all__ = ["head_revision", "migrate", "new_revision"]

_LOCK = 0x6F6E656D  # "onem": two processes that start at once migrate one after the other


def _url(dsn: str) -> URL:
    return make_url(dsn).set(drivername="postgresql+psycopg")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(layers.migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str | None:
    """The newest migration of the code."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def migrate(dsn: str) -> str | None:
    """Create the extension, run what migrations are missing, attach each layer's triggers; all in one transaction.

    Returns the migration the database was at before; running it again changes nothing.

    Raises:
        DatabaseUnreachable: the server does not answer, or has no PostGIS.
    """
    engine = sa.create_engine(_url(dsn))
    try:
        return _migrate(engine)
    except OperationalError as error:
        raise DatabaseUnreachable(
            Text(
                f"连不上数据库,或没有 PostGIS:{error.orig};请检查 ONEMAP_DATABASE_URL 或运行 onemap up",
                f"the database cannot be reached or has no PostGIS: {error.orig}; "
                "check ONEMAP_DATABASE_URL or run onemap up",
            )
        ) from error
    finally:
        engine.dispose()


def _migrate(engine: Engine) -> str | None:
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS postgis"))
        before = MigrationContext.configure(connection).get_current_revision()
        if before != head_revision():
            alembic.command.upgrade(_config(connection), "head")
        for script in setup_scripts():
            connection.exec_driver_sql(script, execution_options={"no_parameters": True})
        equip_queue(connection)
        for name, layer in discover().items():
            _equip(connection, name)
            if layer.counted:
                connection.execute(sa.text("SELECT onemap_keep_cells(CAST(:layer AS regclass))"), {"layer": name})
                connection.execute(
                    sa.text("SELECT onemap_index_places(CAST(:layer AS regclass), :told, :points, :shapes)"),
                    {
                        "layer": name,
                        "told": told_columns(layer),
                        "points": has_points(layer),
                        "shapes": has_shapes(layer),
                    },
                )
                connection.execute(sa.text("SELECT onemap_log_changes(CAST(:layer AS regclass))"), {"layer": name})
            for child in layer.children:
                connection.execute(
                    sa.text("SELECT onemap_watch(CAST(:child AS regclass), :layer)"),
                    {"child": child.table.name, "layer": name},
                )
    return before


def _equip(connection: Connection, layer: str) -> None:
    if connection.scalar(sa.text("SELECT to_regclass(:layer)"), {"layer": layer}) is None:
        raise DatabaseUnreachable(
            Text(
                f'图层 {layer} 已声明但没有迁移;请运行 onemap migrate --new "add {layer}"',
                f'layer {layer} is declared but has no migration; run onemap migrate --new "add {layer}"',
            )
        )
    connection.execute(sa.text("SELECT onemap_equip_layer(CAST(:layer AS regclass))"), {"layer": layer})


def new_revision(dsn: str, message: str) -> Path:
    """Generate the migration from the newest one to the declared tables. A database of the newest one is needed."""
    engine = sa.create_engine(_url(dsn))
    try:
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS postgis"))
            alembic.command.upgrade(_config(connection), "head")
            script = alembic.command.revision(_config(connection), message, autogenerate=True)
    finally:
        engine.dispose()
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic made no single revision")
    return Path(script.path)
