"""Which feature a row is: its id, or a digest of its content where the source has no ids; and which rows repeat one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import shapely

from geo.ingest.reading.table import Batch, Geometries, RowNumbers

__all__ = ["FirstRows", "content_digests"]

_DIGEST_BYTES = 12


def content_digests(batch: Batch, headers: Sequence[str], geometry: Geometries) -> list[str]:
    """An id for each row of a source without ids: 24 hex digits of BLAKE2b over its cells in the order of the headers.

    The row's ordinal is not among ``headers``: it changes with every delivery. So a row keeps its id until one of its
    cells changes; then it is another feature.
    """
    columns = [batch.cells[header] for header in headers]
    rows = zip(*columns, strict=True) if columns else (() for _ in range(len(batch)))
    shapes = shapely.to_wkb(geometry) if batch.geometry is not None else [b""] * len(batch)
    digests = []
    for cells, shape in zip(rows, shapes, strict=True):
        content = json.dumps([headers, cells], ensure_ascii=False, default=str).encode() + (shape or b"")
        digests.append(hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest())
    return digests


class FirstRows:
    """The first row of every id in a file."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}

    def claim(self, source_id: str, row: int) -> int | None:
        """The earlier row that has this id, or None when ``row`` is its first."""
        first = self._rows.setdefault(source_id, row)
        return None if first == row else first

    def claim_all(self, ids: Mapping[int, str], rows: RowNumbers) -> dict[int, int]:
        """Claim the ids of a batch, by position; the positions that an earlier row was before, and which row."""
        if len(set(ids.values())) == len(ids) and self._rows.keys().isdisjoint(ids.values()):
            self._rows.update(zip(ids.values(), rows[list(ids)].tolist(), strict=True))
            return {}
        found = ((at, self.claim(own, int(rows[at]))) for at, own in ids.items())
        return {at: first for at, first in found if first is not None}
