"""The depots that a table of stock may name, and whose they are."""

from __future__ import annotations

from collections import defaultdict

import psycopg
from psycopg import sql

from geo.errors import InputError
from geo.ingest.values import tidy
from layers.supply_depots import LAYER as DEPOTS
from layers.text import Text

__all__ = ["Depots", "source_of_depots"]

_SOURCES = sql.SQL("SELECT DISTINCT source FROM {} WHERE retired_at IS NULL ORDER BY 1 LIMIT 20")
_NAMES = sql.SQL("SELECT source_id, name FROM {} WHERE source = %s AND retired_at IS NULL ORDER BY source_id")


def source_of_depots(connection: psycopg.Connection) -> str:
    """The one source whose depots are loaded: theirs is the stock of a file that says no source.

    Raises:
        InputError: there are none, or several.
    """
    found = [str(row[0]) for row in connection.execute(_SOURCES.format(sql.Identifier(DEPOTS.name)))]
    if len(found) == 1:
        return found[0]
    names = "、".join(found) or "—"
    raise InputError(
        Text(
            f"请用 --source 写明是哪个来源的储备库;有:{names}",
            f"say with --source whose depots they are; there are: {names}",
        ),
        field="source",
    )


class Depots:
    """One source's depots by id and by name."""

    def __init__(self, connection: psycopg.Connection, source: str) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)
        self._ids: set[str] = set()
        for source_id, name in connection.execute(_NAMES.format(sql.Identifier(DEPOTS.name)), (source,)):
            self._ids.add(str(source_id))
            if name:
                self._names[_key(str(name))].append(str(source_id))

    def __contains__(self, source_id: object) -> bool:
        return source_id in self._ids

    def named(self, name: str) -> list[str]:
        """The ids of the depots of this name: none, one, or several."""
        return self._names.get(_key(name), [])


def _key(name: str) -> str:
    return "".join(tidy(name).casefold().split())
