"""The import of one file, from its path to the report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from geo.crs import Crs
from geo.errors import InputError
from geo.ingest.changes import Comparison
from geo.ingest.closing import closed_positions, closing_columns
from geo.ingest.columns import ColumnMap
from geo.ingest.declared import crs_of, require_places, require_shapes, source_of, warn_of_ids, warn_of_units
from geo.ingest.delivery import open_delivery
from geo.ingest.garbage import collect_young, collector_paused
from geo.ingest.guards import readable
from geo.ingest.loading import Loader, open_loader
from geo.ingest.options import ImportOptions
from geo.ingest.places import find_divisions_late
from geo.ingest.preparing import Preparer
from geo.ingest.progress import Progress, ProgressCallback, Stage
from geo.ingest.quarantine import Quarantine
from geo.ingest.reading import Batch, Table
from geo.ingest.repeats import Repeats
from geo.ingest.report import Report
from geo.ingest.runs import conclude, must_not_be_closed
from geo.ingest.schemes import foreign_columns
from geo.ingest.staged import STAGED_COLUMNS, Staged
from geo.ingest.values import cell_reader
from layers.divisions import LAYER as DIVISIONS
from layers.layer import Layer
from layers.registry import discover
from layers.text import Text

__all__ = ["import_file"]


class _Import:
    """One import under way: the table that is read, what is made of its columns, and where its rows go."""

    def __init__(
        self, layer: Layer, table: Table, columns: ColumnMap, crs: Crs, options: ImportOptions, report: Report
    ) -> None:
        self._layer = layer
        self._table = table
        self._columns = columns
        self._options = options
        self._report = report
        self._fields = {each.name: each for each in layer.importable_fields()}
        self._preparer = Preparer(
            layer, table, columns, crs, foreign_columns(table, columns, self._fields), options, report
        )
        self._closing = closing_columns(table.headers)
        self._now = datetime.now(UTC)
        self._repeats = Repeats()

    def staged_columns(self) -> tuple[str, ...]:
        """The columns of the staging table."""
        closing = ("retired_at",) if self._closing else ()
        return tuple(dict.fromkeys((*STAGED_COLUMNS, *self._columns.fields, *closing)))

    def _batches(self, progress: ProgressCallback | None) -> Iterator[Staged]:
        for number, batch in enumerate(self._table.batches()):
            staged = self._preparer.prepare(batch)
            for each in staged.refused:
                if each.candidates:
                    found: list[object] = [candidate.as_dict() for candidate in each.candidates]
                    self._report.finding(each.code, each.field, each.column).candidates[each.row] = found
            if self._closing:
                self._close(batch, staged)
            self._repeats.see(staged)
            yield staged
            collect_young(number)
            if progress is not None:
                progress(Progress(Stage.READING, self._report.counts.read, batch.fraction))
        if progress is not None:
            progress(Progress(Stage.LOADING, self._report.counts.read, 1.0))

    def _close(self, batch: Batch, staged: Staged) -> None:
        closed = {int(batch.rows[at]) for at in closed_positions(batch, self._closing)}
        staged.columns["retired_at"] = [self._now if row in closed else None for row in staged.rows]
        if told := [row for row in staged.rows if row in closed]:
            self._report.finding("closed-by-source", "retired_at", self._closing[0]).add(told)
            self._report.counts.retired += len(told)

    def run(self, loader: Loader, progress: ProgressCallback | None) -> None:
        """Stage, compare, collect the troubled rows, write; a dry run takes back what it wrote."""
        report = self._report
        self._preparer.begin(loader.connection)
        staged = loader.stage(self._batches(progress))
        self._preparer.conclude(loader.connection)
        self._tell_unknown_codes(loader.locate())
        comparison = Comparison(loader, self._layer, report.source, report, self._repeats)
        comparison.find()
        quarantine = Quarantine(loader.connection, self._table, report)
        self._collect(quarantine)
        if self._options.full:
            self._require_rows(staged)
            quarantine.deliver()
        report.counts.unchanged = loader.drop_unchanged(self._columns.ordinals)
        comparison.show()
        with loader.connection.transaction(force_rollback=self._options.dry_run):
            loader.write(report.counts, staged, is_kept=not self._options.dry_run)
            if self._options.full and self._tells_what_is_gone(quarantine):
                comparison.gone()
                report.counts.retired += loader.retire()
            if self._layer is DIVISIONS:
                self._tell_found_late(find_divisions_late(loader.connection, discover()))

    def _tell_found_late(self, count: int) -> None:
        if count:
            self._report.warn(
                f"先前导入的 {count:,} 个要素没有区划或区划已不存在,现已按位置确定",
                f"{count:,} features of before had no division, or one that is no more; their places have found one",
            )

    def _tell_unknown_codes(self, found: list[tuple[int, str]]) -> None:
        """Flag the rows whose codes no division bears: they were given the code of the division where they lie."""
        if not found:
            return
        report, header = self._report, self._columns.fields["division_code"][0].header
        report.counts.flagged += sum(row not in report.troubled for row, _ in found)
        finding = report.finding("division-code-unknown", "division_code", header)
        finding.add((row for row, _ in found), (code for _, code in found))

    def _tells_what_is_gone(self, quarantine: Quarantine) -> bool:
        """Whether what the file lacks is gone: not while a refused row without an id may be just that feature."""
        nameless = quarantine.nameless()
        if nameless:
            self._report.warn(
                f"有 {nameless} 行未导入且编号未知,可能正是文件看似缺少的要素,因此没有停用任何要素;请改正后重新导入",
                f"{nameless} refused rows have no id that can be told: each may be what the file seems to lack, so "
                "nothing was retired; mend them and import again",
            )
        return not nameless

    def _collect(self, quarantine: Quarantine) -> None:
        sources = self._columns.fields.get("source_id")
        if sources:
            quarantine.collect(sources[0].header, cell_reader(self._fields["source_id"], sources[0].factor))
        else:
            quarantine.collect(None, None)
        self._quarantine = quarantine

    def keep(self, run: UUID) -> None:
        """Keep the troubled rows under the run, which must be recorded already."""
        self._quarantine.keep(run)

    def _require_rows(self, staged: int) -> None:
        if staged:
            return
        raise InputError(
            Text(
                "--full 表示文件包含该来源的全部数据,但没有一行可以导入;未停用任何要素",
                "--full: the file should hold all of its source, but no row of it can be loaded; nothing was retired",
            ),
            field="full",
        )


def import_file(
    dsn: str,
    path: Path,
    layer: Layer,
    options: ImportOptions | None = None,
    progress: ProgressCallback | None = None,
    *,
    run: UUID | None = None,
) -> Report:
    """Upsert a file's rows into ``layer`` by ``(source, source_id)``, in one transaction: all of it, or nothing.

    Rows that cannot be placed or told apart are rejected, each with its reason; cells that cannot be read are NULL,
    flagged, and kept in ``extra``. Importing the same file again changes nothing. The report, and the rejected and
    flagged rows as the file has them, are kept under ``run`` (a new id when none is given): those of a dry run too,
    which changes no layer.

    Raises:
        FileUnreadable: no such file, or one that cannot be read.
        CrsUnknown: the file declares no CRS, nor do the options; or it cannot be converted.
        InputError: no coordinate columns, or an option that does not fit the file.
        ImportCancelled: ``run`` was cancelled before it was done.
        DatabaseUnreachable: PostGIS does not answer or is not migrated.
    """
    with readable(path), collector_paused():
        return _import(dsn, path, layer, options or ImportOptions(), progress, run or uuid4())


def _import(
    dsn: str, path: Path, layer: Layer, options: ImportOptions, progress: ProgressCallback | None, run: UUID
) -> Report:
    started = time.monotonic()
    delivery = open_delivery(dsn, path, layer, options)
    table, columns = delivery.table, delivery.columns
    require_shapes(table, layer)
    options = replace(delivery.options, source=source_of(delivery.options.source, path))
    report = delivery.report(run)
    report.source = options.source or report.source
    require_places(table, columns)
    crs = crs_of(table, options, report)
    report.crs = crs.code
    warn_of_ids(columns, report)
    warn_of_units(columns, report)
    work = _Import(layer, table, columns, crs, options, report)
    with open_loader(dsn, layer, report.source, work.staged_columns(), demo=options.demo, dry_run=False) as loader:
        must_not_be_closed(loader.connection, run)
        work.run(loader, progress)
        report.seconds = time.monotonic() - started
        conclude(loader.connection, run, report, options, delivery.mends)
        work.keep(run)
    if progress is not None:
        progress(Progress(Stage.DONE, report.counts.read, 1.0))
    report.seconds = time.monotonic() - started
    return report
