"""From a batch of cells to rows that can be loaded: geometry, identity, fields, grade, and what is left over."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import psycopg

from geo.crs import Crs
from geo.ingest.columns import ColumnMap
from geo.ingest.consistency import disagreements
from geo.ingest.extra import Extras
from geo.ingest.fields import FieldReader
from geo.ingest.geometry import Codes, Judged, unspoilt
from geo.ingest.grading import grade_rows
from geo.ingest.identity import FirstRows, content_digests
from geo.ingest.locating import Locator
from geo.ingest.options import ImportOptions
from geo.ingest.reading import Batch, Table
from geo.ingest.report import SAMPLES_KEPT, Report
from geo.ingest.staged import Refused, Staged
from layers.divisions import LAYER as DIVISIONS
from layers.feature import LONGEST_ID, LONGEST_NAME
from layers.layer import Layer

__all__ = ["Preparer"]

_DIVISION_CODE = re.compile(r"\d{2,12}", re.ASCII)


def _accepted(problem: Codes) -> list[int]:
    """Positions of the rows that no reason stands against."""
    return np.flatnonzero(unspoilt(problem)).tolist()


class Preparer:
    """Prepares a file's batches one after the other, and tells the report what becomes of each row."""

    def __init__(
        self,
        layer: Layer,
        table: Table,
        columns: ColumnMap,
        crs: Crs,
        foreign: frozenset[str],
        options: ImportOptions,
        report: Report,
    ) -> None:
        self._layer = layer
        self._columns = columns
        self._options = options
        self._report = report
        fields = {each.name: each for each in layer.importable_fields()}
        self._own = [each.name for each in layer.fields]
        self._reader = FieldReader(fields, columns, foreign, report)
        self._kept = (*columns.unmapped, *columns.ordinals)
        self._content = tuple(header for header in table.headers if header not in columns.ordinals)
        self._first_rows = FirstRows()
        self._locator = Locator(layer, table, columns, crs, options)

    def begin(self, connection: psycopg.Connection) -> None:
        """Before the first batch: learn the divisions that rows may name, and the file's habits."""
        self._locator.begin(connection)

    def conclude(self, connection: psycopg.Connection) -> None:
        """After the last batch, before anything is written: say what the file as a whole makes one suspect."""
        self._locator.conclude(connection, self._report)

    def prepare(self, batch: Batch) -> Staged:
        """The accepted rows of ``batch``."""
        self._report.counts.read += len(batch)
        for code, rows in batch.skipped.items():
            self._report.finding(code).add(rows)
        judged = self._locator.judge(batch)
        ids, problem = self._identify(batch, judged)
        accepted = _accepted(problem)
        refused = self._reject(batch, problem, judged)
        extras = Extras(batch, self._kept, self._columns.sensitive)
        flagged: set[int] = set()
        values = self._reader.read(batch, extras, flagged)
        self._flag(batch, "geometry-repaired", np.flatnonzero(judged.repaired).tolist(), extras, flagged, "geom")
        if batch.geometry is None:
            extras.note_coordinates(judged.notes, self._locator.plain_note)
        self._flag_places(batch, judged, problem, extras, flagged)
        self._flag(batch, "cells-beyond-header", sorted(batch.beyond), extras, flagged, "_beyond")
        self._cut_names(batch, values.get("name", []), extras, flagged)
        for field, code, positions in disagreements(self._layer, values):
            self._flag(batch, code, positions, extras, flagged, field)
        codes = self._division_codes(batch, values.pop("division_code", None), ids, extras, flagged)
        self._report.counts.flagged += len(flagged.intersection(accepted)) if flagged else 0
        values |= {"source_id": list(ids), "division_code": codes}
        is_whole = len(accepted) == len(batch)
        columns = values if is_whole else {name: [column[at] for at in accepted] for name, column in values.items()}
        self._grade(columns, len(accepted))
        columns["data_date"] = [
            self._options.data_date if date is None else date
            for date in columns.get("data_date", [None] * len(accepted))
        ]
        columns["extra"] = extras.as_json(accepted)
        geometry = judged.geometry if is_whole else judged.geometry[accepted]
        return Staged(batch.rows[accepted].tolist(), geometry, columns, refused)

    def _identify(self, batch: Batch, judged: Judged) -> tuple[list[str | None], Codes]:
        """Each row's id, and why it is rejected if it is: its geometry, its id, or an earlier row of the same id."""
        problem = judged.problem.copy()
        column = self._reader.ids(batch)
        if column is None:
            ids: list[str | None] = list(content_digests(batch, self._content, judged.geometry))
            repeated = "duplicate-row"
        else:
            ids = [None if own is None else str(own) for own in column.values]
            repeated = "duplicate-id"
            for at in (at for at, own in enumerate(ids) if own is None and problem[at] is None):
                told = column.troubled.get(at)
                lost = told is not None and told.problem in ("code-mangled", "code-unreadable")
                problem[at] = "id-unreadable" if lost else "id-missing"
            for at, own in enumerate(ids):
                if own is not None and len(own) > LONGEST_ID and problem[at] is None:
                    problem[at] = "id-too-long"
        claimed = {at: own for at in _accepted(problem) if (own := ids[at]) is not None}
        for at, first in self._first_rows.claim_all(claimed, batch.rows).items():
            problem[at] = repeated
            self._report.finding(repeated, "source_id", self._id_column()).first_row(int(batch.rows[at]), first)
        return ids, problem

    def _id_column(self) -> str | None:
        sources = self._columns.fields.get("source_id")
        return sources[0].header if sources else None

    def _reject(self, batch: Batch, problem: Codes, judged: Judged) -> list[Refused]:
        found: dict[str, list[int]] = defaultdict(list)
        for at in np.flatnonzero(~unspoilt(problem)).tolist():
            found[problem[at]].append(at)
        refused = []
        for code, positions in found.items():
            self._report.counts.rejected += len(positions)
            is_place = code.startswith(("coordinate", "geometry"))
            field, column = ("geom", self._place_column()) if is_place else ("source_id", self._id_column())
            finding = self._report.finding(code, field, column)
            finding.add((int(batch.rows[at]) for at in positions), self._samples(batch, code, positions))
            for at in positions:
                cells = {header: column[at] for header, column in batch.cells.items()}
                text, candidates = self._original(batch, code, at), judged.candidates.get(at, ())
                refused.append(Refused(int(batch.rows[at]), code, field, column, text, candidates, cells))
        return refused

    def _place_column(self) -> str | None:
        return " / ".join(self._place_headers()) or None

    def _place_headers(self) -> list[str]:
        columns = (self._columns.longitude, self._columns.latitude, self._columns.coordinates)
        return [header for header in columns if header is not None]

    def _samples(self, batch: Batch, code: str, positions: list[int]) -> list[str]:
        """What stood where the reason was found: the coordinate pair, or the id."""
        shown = (self._original(batch, code, at) for at in positions[: 10 * SAMPLES_KEPT])
        return [text for text in shown if text]

    def _original(self, batch: Batch, code: str, at: int) -> str:
        """What stood where a row's reason was found."""
        headers = self._place_headers()
        if code.startswith(("duplicate", "id")):
            own = self._id_column()
            headers = [own] if own else []
        cells = [batch.cells[header][at] for header in headers]
        return ", ".join(str(cell) for cell in cells if cell is not None)

    def _flag(
        self,
        batch: Batch,
        code: str,
        positions: Sequence[int],
        extras: Extras,
        flagged: set[int],
        field: str,
        column: str | None = None,
    ) -> None:
        if not positions:
            return
        for at in positions:
            extras.flag(at, field, code)
        flagged.update(positions)
        self._report.finding(code, field, column).add(int(batch.rows[at]) for at in positions)

    def _cut_names(self, batch: Batch, names: list[object], extras: Extras, flagged: set[int]) -> None:
        """A name that no index can hold keeps its beginning; the whole of it is kept beside."""
        cut = {at: name for at, name in enumerate(names) if isinstance(name, str) and len(name) > LONGEST_NAME}
        for at, name in cut.items():
            for source in self._columns.fields["name"]:
                extras.keep(at, source.header, batch.cells[source.header][at])
            names[at] = name[: LONGEST_NAME - 1] + "…"
        self._flag(batch, "name-too-long", sorted(cut), extras, flagged, "name")

    def _flag_places(self, batch: Batch, judged: Judged, problem: Codes, extras: Extras, flagged: set[int]) -> None:
        """Flags of the coordinates of rows that are loaded."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, codes in judged.flags.items():
            for code in codes if problem[at] is None else ():
                found[code].append(at)
        for code in sorted(found):
            positions = sorted(found[code])
            self._flag(batch, code, positions, extras, flagged, "geom", self._place_column())
            samples = (self._original(batch, code, at) for at in positions[: 10 * SAMPLES_KEPT])
            self._report.finding(code, "geom", self._place_column()).add((), samples)

    def _division_codes(
        self, batch: Batch, supplied: list[object] | None, ids: list[str | None], extras: Extras, flagged: set[int]
    ) -> list[object]:
        """Supplied codes that are codes; a division's own code is its id. The rest is found by place when loading."""
        fallback: list[object] = [None] * len(batch)
        if self._layer is DIVISIONS:
            fallback = [own if own is not None and _DIVISION_CODE.fullmatch(own) else None for own in ids]
        if supplied is None:
            return fallback
        wrong = [at for at, code in enumerate(supplied) if code is not None and not _DIVISION_CODE.fullmatch(str(code))]
        for at in wrong:
            for source in self._columns.fields["division_code"]:
                extras.keep(at, source.header, batch.cells[source.header][at])
            supplied[at] = None
        self._flag(batch, "division-code-unreadable", wrong, extras, flagged, "division_code")
        return [other if code is None else code for code, other in zip(supplied, fallback, strict=True)]

    def _grade(self, columns: dict[str, list[object]], count: int) -> None:
        supplied = columns.get("grade", [None] * count)
        own = {name: columns[name] for name in self._own if name in columns}
        columns["grade"], columns["grade_basis"] = grade_rows(self._layer, supplied, own, count)
