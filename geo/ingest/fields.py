"""The fields of a batch: per row the first readable column of each, and a finding for what could not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from geo.ingest.columns import ColumnMap, SourceColumn
from geo.ingest.extra import Extras
from geo.ingest.reading.table import Batch
from geo.ingest.reasons import REASONS, Effect
from geo.ingest.report import SAMPLES_KEPT, Report
from geo.ingest.values import ColumnReading, Reading, cell_reader, read_column
from layers.field import Field

__all__ = ["FieldReader"]

_MASK = "***"


class FieldReader:
    """Reads every mapped field of a file, batch by batch, and tells the report what could not be read."""

    def __init__(
        self, fields: Mapping[str, Field], columns: ColumnMap, foreign: frozenset[str], report: Report
    ) -> None:
        self._fields = fields
        self._columns = columns
        self._foreign = foreign
        self._report = report
        self._readers = {
            (name, source.header): cell_reader(fields[name], source.factor)
            for name, sources in columns.fields.items()
            for source in sources
        }

    def read(self, batch: Batch, extras: Extras, flagged: set[int]) -> dict[str, list[object]]:
        """Typed values by field name; originals and reasons go to ``extras``, flagged positions to ``flagged``."""
        return {name: self._field(name, batch, extras, flagged) for name in self._columns.fields if name != "source_id"}

    def ids(self, batch: Batch) -> ColumnReading | None:
        """The id column, None when the file has none."""
        sources = self._columns.fields.get("source_id")
        if not sources:
            return None
        return read_column(batch.cells[sources[0].header], self._readers["source_id", sources[0].header])

    def source_ids(self, batch: Batch) -> list[Reading] | None:
        """The readings of the id column, None when the file has none."""
        found = self.ids(batch)
        return found.readings() if found else None

    def _read(self, name: str, source: SourceColumn, batch: Batch) -> ColumnReading:
        cells = batch.cells[source.header]
        if source.header in self._foreign:
            foreign = Reading(None, "scheme-foreign")
            return ColumnReading(
                [None] * len(cells), {at: foreign for at, cell in enumerate(cells) if cell is not None}
            )
        return read_column(cells, self._readers[name, source.header])

    def _field(self, name: str, batch: Batch, extras: Extras, flagged: set[int]) -> list[object]:
        first, *others = self._columns.fields[name]
        column = self._read(name, first, batch)
        headers: list[str] | None = None
        if others:
            headers, column = self._first_readable(name, batch, column, extras)
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at, reading in column.troubled.items():
            header = headers[at] if headers else first.header
            extras.keep(at, header, batch.cells[header][at])
            problem = reading.problem
            if problem is not None:
                found[problem, header].append(at)
                if REASONS[problem].effect is Effect.FLAGGED:
                    extras.flag(at, name, problem)
                    flagged.add(at)
        for (problem, header), positions in found.items():
            self._tell(problem, name, header, batch, positions)
        return column.values

    def _first_readable(
        self, name: str, batch: Batch, first: ColumnReading, extras: Extras
    ) -> tuple[list[str], ColumnReading]:
        """Per row the first column with a value, else the first with anything; what the others hold is kept."""
        sources = self._columns.fields[name]
        columns = [first.readings(), *(self._read(name, source, batch).readings() for source in sources[1:])]
        headers, values, troubled = [], [], {}
        for at, row in enumerate(zip(*columns, strict=True)):
            best = next((i for i, each in enumerate(row) if each.value is not None), None)
            if best is None:
                best = next((i for i, each in enumerate(row) if each.problem is not None), 0)
            for i, source in enumerate(sources):
                if i != best:
                    extras.keep(at, source.header, batch.cells[source.header][at])
            headers.append(sources[best].header)
            values.append(row[best].value)
            if row[best].problem is not None or row[best].keep:
                troubled[at] = row[best]
        return headers, ColumnReading(values, troubled)

    def _tell(self, problem: str, name: str, header: str, batch: Batch, positions: list[int]) -> None:
        masked = self._fields[name].sensitive or header in self._columns.sensitive
        samples = (str(batch.cells[header][at]) for at in positions[: 50 * SAMPLES_KEPT])
        self._report.finding(problem, name, header).add(
            (int(batch.rows[at]) for at in positions), (_MASK,) if masked else samples
        )
