"""``extra``: what no field takes and what could not be read, verbatim under its own header, as JSON."""

from __future__ import annotations

import base64
import datetime
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from geo.ingest.reading.table import Batch, Cell

__all__ = ["BEYOND", "COORDINATES", "FLAGS", "SENSITIVE", "Extras", "encode"]

FLAGS, SENSITIVE, BEYOND, COORDINATES = "_flags", "_sensitive", "_beyond", "_coordinates"
"""Keys beside the headers: field → reason's code (a list of several); personal originals, masked; cells to the right of
the header; how the coordinates were written (``text``, ``method``; not given for plain decimals) and their ``crs``."""


def _plain(value: object) -> object:
    """What JSON has no form for, as text."""
    if isinstance(value, datetime.date | datetime.time | datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)


class Extras:
    """The extras of one batch's rows."""

    def __init__(self, batch: Batch, headers: Sequence[str], sensitive: Collection[str]) -> None:
        self._plain: Mapping[str, object] | None = None
        self._notes: Mapping[int, Mapping[str, object]] = {}
        self._sensitive = frozenset(sensitive)
        self._rows: defaultdict[int, dict[str, object]] = defaultdict(dict)
        open_headers = [header for header in headers if header not in self._sensitive]
        if open_headers:
            columns = zip(*(batch.cells[header] for header in open_headers), strict=True)
            for at, cells in enumerate(columns):
                self._rows[at] = {
                    header: cell for header, cell in zip(open_headers, cells, strict=True) if cell is not None
                }
        for header in headers:
            if header in self._sensitive:
                for at, cell in enumerate(batch.cells[header]):
                    self.keep(at, header, cell)
        for at, surplus in batch.beyond.items():
            self._rows[at][BEYOND] = surplus

    def keep(self, at: int, header: str, cell: Cell) -> None:
        """Keep the original of a cell; personal ones apart."""
        if cell is None:
            return
        row = self._rows[at]
        if header in self._sensitive:
            kept = row.setdefault(SENSITIVE, {})
            assert isinstance(kept, dict)
            kept[header] = cell
        else:
            row[header] = cell

    def flag(self, at: int, field: str, code: str) -> None:
        """Say why ``field`` is unknown or was mended."""
        flags = self._rows[at].setdefault(FLAGS, {})
        assert isinstance(flags, dict)
        before = flags.get(field)
        flags[field] = code if before is None else [*(before if isinstance(before, list) else [before]), code]

    def note_coordinates(self, notes: Mapping[int, Mapping[str, object]], plain: Mapping[str, object]) -> None:
        """Say how every row's coordinates were read; ``plain`` is what is said of those without a note of their own."""
        self._plain, self._notes = plain, notes

    def as_json(self, positions: Sequence[int]) -> list[object]:
        """The extras of some rows, for a JSONB column."""
        plain, rows = self._plain, self._rows
        if plain is None:
            return [encode(rows[at]) if at in rows else "{}" for at in positions]
        nothing_else = encode({COORDINATES: plain})
        if not rows and not self._notes:
            return [nothing_else] * len(positions)
        return [
            encode({**rows.get(at, {}), COORDINATES: self._notes.get(at, plain)})
            if at in self._notes or rows.get(at)
            else nothing_else
            for at in positions
        ]


def encode(extra: Mapping[str, object]) -> str:
    """JSON that PostgreSQL takes: without NULs."""
    if not extra:
        return "{}"
    text = _ENCODER.encode(extra)
    return text.replace("\\u0000", "") if "\\u0000" in text else text
