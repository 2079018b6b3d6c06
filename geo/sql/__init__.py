"""SQL that is longer than a line: numbered, idempotent files, read as package resources."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["read_sql", "setup_scripts"]


def read_sql(name: str) -> str:
    """The text of the SQL file ``name``."""
    return files("geo.sql").joinpath(name).read_text(encoding="utf-8")


def setup_scripts() -> list[str]:
    """The idempotent scripts that run after every migration, in the order of their numbers."""
    names = sorted(each.name for each in files("geo.sql").iterdir() if each.name[:2].isdigit())
    return [read_sql(name) for name in names]
