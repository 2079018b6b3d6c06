"""Versions of tiles and maps: what must be part of every ETag and address so that nothing stale is ever shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from geo.database import Database, Statement
from geo.selection import Selection
from layers.severity import RiskGrade

__all__ = ["fetch_revisions", "version"]


async def fetch_revisions(database: Database, layers: Iterable[str]) -> dict[str, int]:
    """The revision of each layer; 0 for one that was never written."""
    names = list(layers)
    rows = await database.fetch(
        Statement("SELECT layer, revision FROM onemap_revisions WHERE layer = ANY ($1::text[])", (names,))
    )
    found = {str(row["layer"]): int(row["revision"]) for row in rows}
    return {name: found.get(name, 0) for name in names}


def version(selection: Selection, revisions: Mapping[str, int], further: Sequence[object] = ()) -> str:
    """A short word that differs whenever the answer may: data, grades, division, the reader's scope, and ``further``.

    Read the revisions before the data: then an answer may be newer than its version says, never older.
    """
    grades = None if selection.grades is None else [grade in selection.grades for grade in (*RiskGrade, None)]
    parts = (
        [(layer.name, revisions[layer.name]) for layer in selection.layers],
        grades,
        selection.division,
        selection.area,
        selection.reader.cache_key(),
        *further,
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=9).hexdigest()
