"""The import of one file, from its path to the report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from geo.crs import CRS84, Crs
from geo.errors import CrsUnknown, InputError
from geo.ingest.columns import ColumnMap, KnownHeaders, match_columns
from geo.ingest.loading import open_loader
from geo.ingest.options import ImportOptions
from geo.ingest.preparing import Preparer
from geo.ingest.progress import Progress, ProgressCallback, Stage
from geo.ingest.reading import Table, open_table
from geo.ingest.report import Report
from geo.ingest.schemes import foreign_columns
from geo.ingest.staged import STAGED_COLUMNS, Staged
from layers.layer import Layer
from layers.text import Text

__all__ = ["import_file"]

_DEGREES = ("CRS84", "EPSG:4490", "EPSG:4326")


def _crs_of(table: Table, options: ImportOptions, report: Report) -> Crs:
    """The CRS of the file's coordinates: declared, else embedded; never assumed."""
    declared = Crs.parse(options.crs) if options.crs else None
    if options.datum:
        datum = Crs.parse(options.datum)
        if declared is not None and declared.code not in (*_DEGREES, datum.code):
            raise InputError(
                Text(
                    f"--datum {options.datum} 只能用于经纬度,不能与 --crs {options.crs} 同用",
                    f"--datum {options.datum} is for longitudes and latitudes; it cannot go with --crs {options.crs}",
                ),
                field="datum",
            )
        return datum
    embedded = Crs.from_file(table.crs) if table.crs and declared is None else None
    if declared is not None and table.crs and Crs.from_file(table.crs) != declared:
        report.warn(
            f"文件自带坐标系 {table.crs[:60]},按 --crs 采用 {declared.code}",
            f"the file says {table.crs[:60]}; {declared.code} was used, as --crs declares",
        )
    found = declared or embedded
    if found is None:
        raise CrsUnknown(
            Text(
                "文件没有声明坐标系;请用 --crs 声明,例如 --crs CRS84(WGS84/CGCS2000 经纬度)或 --datum gcj02",
                "the file does not declare its CRS; declare it, for example --crs CRS84 (WGS 84/CGCS2000 degrees)",
            ),
            field="crs",
        )
    return CRS84 if table.format == "GeoJSON" and found.code == "EPSG:4326" else found


def _require_places(table: Table, columns: ColumnMap) -> None:
    if table.has_geometry or (columns.longitude and columns.latitude):
        return
    missing_zh, missing_en = ("纬度", "latitude") if columns.longitude else ("经度", "longitude")
    listed = "、".join(table.headers)
    raise InputError(
        Text(
            f"找不到{missing_zh}列;现有列:{listed};可用 --map 列名={missing_en} 指定",
            f"no column of {missing_en}s; there are: {listed}; name it with --map HEADER={missing_en}",
        ),
        field="map",
    )


def _warn_of_ids(columns: ColumnMap, report: Report) -> None:
    if "source_id" in columns.fields:
        return
    report.warn(
        "没有编号列:以每行内容的摘要作编号,内容一改即成为另一要素;如有编号请用 --map 列名=source_id",
        "no id column: a digest of each row's content is its id, so a changed row becomes another feature; "
        "if there is an id, say --map HEADER=source_id",
    )


def _warn_of_units(columns: ColumnMap, report: Report) -> None:
    for name, sources in columns.fields.items():
        for source in sources:
            if source.factor is None:
                report.warn(
                    f"列 {source.header!r} 的单位 {source.unit!r} 不能换算为字段 {name} 的单位,未读取",
                    f"column {source.header!r} is in {source.unit!r}, no unit of field {name}; it was not read",
                )


def _staged(table: Table, preparer: Preparer, report: Report, progress: ProgressCallback | None) -> Iterator[Staged]:
    for batch in table.batches():
        yield preparer.prepare(batch)
        if progress is not None:
            progress(Progress(Stage.READING, report.counts.read, batch.fraction))
    if progress is not None:
        progress(Progress(Stage.LOADING, report.counts.read, 1.0))


def import_file(
    dsn: str,
    path: Path,
    layer: Layer,
    options: ImportOptions | None = None,
    progress: ProgressCallback | None = None,
) -> Report:
    """Upsert a file's rows into ``layer`` by ``(source, source_id)``, in one transaction: all of it, or nothing.

    Rows that cannot be placed or told apart are rejected, each with its reason; cells that cannot be read are NULL,
    flagged, and kept in ``extra``. Importing the same file again changes nothing.

    Raises:
        FileUnreadable: no such file, or one that cannot be read.
        CrsUnknown: the file declares no CRS, nor do the options; or it cannot be converted.
        InputError: no coordinate columns, or an option that does not fit the file.
        DatabaseUnreachable: PostGIS does not answer or is not migrated.
    """
    started = time.monotonic()
    options = options or ImportOptions()
    options = replace(options, source=options.source or path.stem)
    known = KnownHeaders(layer)
    table = open_table(path, encoding=options.encoding, sheet=options.sheet, is_known=known.__contains__)
    columns = match_columns(layer, table.headers, options.mapping)
    report = _report_of(path, layer, options, table, columns)
    _require_places(table, columns)
    crs = _crs_of(table, options, report)
    report.crs = crs.code
    _warn_of_ids(columns, report)
    _warn_of_units(columns, report)
    foreign = foreign_columns(table, columns, {each.name: each for each in layer.importable_fields()})
    preparer = Preparer(layer, table, columns, crs, foreign, options, report)
    staged_columns = tuple(dict.fromkeys((*STAGED_COLUMNS, *columns.fields)))
    with open_loader(dsn, layer, report.source, staged_columns, demo=options.demo, dry_run=options.dry_run) as loader:
        staged = loader.stage(_staged(table, preparer, report, progress))
        loader.upsert(report.counts, staged, columns.ordinals)
    if progress is not None:
        progress(Progress(Stage.DONE, report.counts.read, 1.0))
    report.seconds = time.monotonic() - started
    return report


def _report_of(path: Path, layer: Layer, options: ImportOptions, table: Table, columns: ColumnMap) -> Report:
    return Report(
        file=path.name,
        layer=layer.name,
        source=options.source or path.stem,
        dry_run=options.dry_run,
        format=table.format,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        header_row=table.header_row,
        columns=list(columns.report),
        warnings=list(table.warnings),
    )
