"""The import of one table of stock, from its path to the report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from geo.errors import InputError
from geo.ingest.columns import ColumnMap
from geo.ingest.delivery import Delivery, open_delivery
from geo.ingest.guards import readable
from geo.ingest.loading import open_loader
from geo.ingest.options import ImportOptions
from geo.ingest.progress import Progress, ProgressCallback, Stage
from geo.ingest.quarantine import Quarantine
from geo.ingest.reading import Table
from geo.ingest.report import Report
from geo.ingest.runs import conclude, must_not_be_closed
from geo.ingest.stock.depots import Depots, source_of_depots
from geo.ingest.stock.loading import StockLoader
from geo.ingest.stock.rows import StockPreparer, StockRows
from geo.ingest.values.words import read_code
from layers.supply_depots import LAYER as DEPOTS
from layers.supply_stock import STOCK
from layers.text import Text

__all__ = ["import_stock"]


def import_stock(
    dsn: str,
    path: Path,
    options: ImportOptions | None = None,
    progress: ProgressCallback | None = None,
    *,
    run: UUID | None = None,
) -> Report:
    """Upsert a file's rows of stock by depot, item and unit, in one transaction: all of it, or nothing.

    A row finds its depot by the depot's id, or by its name among the depots of the same source. Rows without a
    depot, an item or a unit are rejected; quantities and codes that cannot be read are NULL, flagged, and kept in
    ``extra``. With ``full`` the source's stock that the file lacks is removed, unless rows of the file were rejected.

    Raises:
        FileUnreadable: no such file, or one that cannot be read.
        InputError: no column of depots or items, or no telling whose depots they are.
        ImportCancelled: ``run`` was cancelled before it was done.
        DatabaseUnreachable: PostGIS does not answer or is not migrated.
    """
    with readable(path):
        return _import(dsn, path, options or ImportOptions(), progress, run or uuid4())


def _import(dsn: str, path: Path, options: ImportOptions, progress: ProgressCallback | None, run: UUID) -> Report:
    started = time.monotonic()
    delivery = open_delivery(dsn, path, STOCK, options)
    options = delivery.options
    _require(delivery.columns, delivery.table)
    with open_loader(dsn, DEPOTS, options.source or "", (), demo=options.demo, dry_run=False) as loader:
        must_not_be_closed(loader.connection, run)
        options = replace(options, source=options.source or source_of_depots(loader.connection))
        delivery = replace(delivery, options=options)
        report = _report_of(delivery, run)
        quarantine = _load(loader.connection, delivery, report, progress)
        report.seconds = time.monotonic() - started
        conclude(loader.connection, run, report, options, delivery.mends)
        quarantine.keep(run)
    if progress is not None:
        progress(Progress(Stage.DONE, report.counts.read, 1.0))
    report.seconds = time.monotonic() - started
    return report


def _require(columns: ColumnMap, table: Table) -> None:
    listed = "、".join(table.headers)
    for names, zh, en in (
        (("source_id", "depot"), "储备库编号或名称", "of the depots' ids or names"),
        (("item_name",), "物资名称", "of items"),
        (("quantity",), "数量", "of quantities"),
    ):
        if not any(name in columns.fields for name in names):
            raise InputError(
                Text(
                    f"找不到{zh}列;现有列:{listed};可用 --map 列名={names[-1]} 指定",
                    f"no column {en}; there are: {listed}; name it with --map HEADER={names[-1]}",
                ),
                field="map",
            )


def _report_of(delivery: Delivery, run: UUID) -> Report:
    """The empty report; a column that stock has no place for is kept beside the row."""
    report = delivery.report(run)
    meant = ("field", "ordinal")
    report.columns = [each if each.role in meant else replace(each, role="extra") for each in report.columns]
    return report


def _load(
    connection: psycopg.Connection, delivery: Delivery, report: Report, progress: ProgressCallback | None
) -> Quarantine:
    """Stage, compare, collect the troubled rows, write; a dry run takes back what it wrote."""
    table, columns, options = delivery.table, delivery.columns, delivery.options
    preparer = StockPreparer(columns, Depots(connection, report.source), options, report)

    def batches() -> Iterator[StockRows]:
        for batch in table.batches():
            yield preparer.prepare(batch)
            if progress is not None:
                progress(Progress(Stage.READING, report.counts.read, batch.fraction))

    loader = StockLoader(connection, report.source)
    staged = loader.stage(batches())
    if progress is not None:
        progress(Progress(Stage.LOADING, report.counts.read, 1.0))
    quarantine = Quarantine(connection, table, report)
    ids = columns.fields.get("source_id")
    quarantine.collect(ids[0].header if ids else None, read_code if ids else None)
    loader.compare(report, columns.ordinals)
    with connection.transaction(force_rollback=options.dry_run):
        loader.write(report.counts)
        if options.full and _is_whole(report, staged):
            loader.remove_gone(report)
    return quarantine


def _is_whole(report: Report, staged: int) -> bool:
    """Whether a full delivery may remove what it lacks: not while a rejected row may be what it seems to lack."""
    if staged and not report.counts.rejected:
        return True
    report.warn(
        "有未导入的行,因此没有删去文件中缺少的库存;请改正后重新导入",
        "rows were rejected, so no stock that the file lacks was removed; mend them and import again",
    )
    return False
