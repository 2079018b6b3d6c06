"""``onemap migrate``: bring the database to the declared tables; with ``--new``, write the migration of a new layer."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["register"]


def run(
    new: Annotated[
        str | None,
        typer.Option("--new", help="为新的图层声明生成迁移 / write the migration that the declarations need"),
    ] = None,
) -> None:
    """迁移数据库 / Migrate the database to the declared layers."""
    from api.settings import Settings
    from geo.migrate import head_revision, migrate, new_revision

    dsn = Settings().dsn()
    if new is not None:
        typer.echo(str(new_revision(dsn, new)))
    before = migrate(dsn)
    typer.echo(f"{before or '(空 / empty)'} → {head_revision()}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate")(run)
