"""Alembic's entry: compares the declared tables with the database over the connection that the caller hands in."""

from __future__ import annotations

from alembic import context
from geoalchemy2.alembic_helpers import render_item
from sqlalchemy.schema import SchemaItem

from layers.registry import discover

discover()

from layers.feature import METADATA  # noqa: E402  (the tables exist once the layers are discovered)


def _ours(_item: SchemaItem, name: str | None, kind: str, reflected: bool, _to: SchemaItem | None) -> bool:
    """Only what the declarations speak of: not PostGIS's own tables, nor those of other tools in the database."""
    if not reflected:
        return True
    made_beside = ("_geography", "_places", "_shapes", "_worst")  # the indexes of geo/sql
    return name in METADATA.tables if kind == "table" else not (name or "").endswith(made_beside)


def run() -> None:
    """Run the migrations on ``config.attributes["connection"]``, in one transaction."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        include_object=_ours,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
