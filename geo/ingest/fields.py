"""The fields of a batch: per row the first readable column of each, and a finding for what could not be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from geo.ingest.columns import ColumnMap, SourceColumn
from geo.ingest.extra import Extras
from geo.ingest.reading.table import Batch
from geo.ingest.reasons import REASONS, Effect
from geo.ingest.report import SAMPLES_KEPT, Report
from geo.ingest.values import Reading, cell_reader, read_cells
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

    def source_ids(self, batch: Batch) -> list[Reading] | None:
        """The readings of the id column, None when the file has none."""
        sources = self._columns.fields.get("source_id")
        if not sources:
            return None
        return read_cells(batch.cells[sources[0].header], self._readers["source_id", sources[0].header])

    def _readings(self, name: str, source: SourceColumn, batch: Batch) -> list[Reading]:
        cells = batch.cells[source.header]
        if source.header in self._foreign:
            nothing = Reading(None)
            return [nothing if cell is None else Reading(None, "scheme-foreign") for cell in cells]
        return read_cells(cells, self._readers[name, source.header])

    def _field(self, name: str, batch: Batch, extras: Extras, flagged: set[int]) -> list[object]:
        first, *others = self._columns.fields[name]
        readings = self._readings(name, first, batch)
        values = [reading.value for reading in readings]
        headers: list[str] | None = None
        if others:
            headers, readings, values = self._first_readable(name, batch, readings, extras)
        troubled = [at for at, reading in enumerate(readings) if reading.problem is not None or reading.keep]
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for at in troubled:
            header = headers[at] if headers else first.header
            extras.keep(at, header, batch.cells[header][at])
            problem = readings[at].problem
            if problem is not None:
                found[problem, header].append(at)
                if REASONS[problem].effect is Effect.FLAGGED:
                    extras.flag(at, name, problem)
                    flagged.add(at)
        for (problem, header), positions in found.items():
            self._tell(problem, name, header, batch, positions)
        return values

    def _first_readable(
        self, name: str, batch: Batch, readings: list[Reading], extras: Extras
    ) -> tuple[list[str], list[Reading], list[object]]:
        """Per row the first column with a value, else the first with anything; what the others hold is kept."""
        sources = self._columns.fields[name]
        columns = [readings, *(self._readings(name, source, batch) for source in sources[1:])]
        chosen_headers, chosen = [], []
        for at, row in enumerate(zip(*columns, strict=True)):
            best = next((i for i, each in enumerate(row) if each.value is not None), None)
            if best is None:
                best = next((i for i, each in enumerate(row) if each.problem is not None), 0)
            for i, source in enumerate(sources):
                if i != best:
                    extras.keep(at, source.header, batch.cells[source.header][at])
            chosen_headers.append(sources[best].header)
            chosen.append(row[best])
        return chosen_headers, chosen, [reading.value for reading in chosen]

    def _tell(self, problem: str, name: str, header: str, batch: Batch, positions: list[int]) -> None:
        masked = self._fields[name].sensitive or header in self._columns.sensitive
        samples = (str(batch.cells[header][at]) for at in positions[: 50 * SAMPLES_KEPT])
        self._report.finding(problem, name, header).add(
            (int(batch.rows[at]) for at in positions), (_MASK,) if masked else samples
        )
