"""``onemap import FILE --layer NAME``: a file into a layer, with a progress bar and a report of every row.

The file is read in a process of its own, with the limits of the service: whatever it does to its reader, the command
says what happened. Ctrl-C ends that process, and nothing of the import is left.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID, uuid4

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from api.cli import cli_lang, write_atomically
from api.import_limits import limits_of
from api.import_report import print_report
from api.settings import Settings
from geo.errors import ImportCancelled, ImporterLost
from geo.ingest import ImportOptions, Progress, ProgressCallback, Report
from geo.ingest.into import target_named
from geo.ingest.mending import mending_workbook
from geo.ingest.profiles import Profile, lay_under, read_profile
from geo.ingest.runs import record_cancelled
from geo.ingest.sandbox import import_in_sandbox
from geo.ingest.told import report_from
from layers.text import Text

__all__ = ["register"]

NOTHING_ACCEPTED = 1

_File = Annotated[
    Path, typer.Argument(help="CSV XLSX XLS Shapefile(.zip) GeoPackage GeoJSON GeoParquet KML/KMZ FlatGeobuf")
]
_Layer = Annotated[str | None, typer.Option(help="图层名,见 onemap layers;库存用 supply_stock / the layer's name")]
_Source = Annotated[str | None, typer.Option(help="来源名,默认为文件名 / the source's name")]
_Crs = Annotated[str | None, typer.Option(help="坐标系:CRS84、EPSG:n / the CRS of the coordinates")]
_Datum = Annotated[str | None, typer.Option(help="gcj02 或 bd09:加密坐标 / obfuscated coordinates")]
_Notation = Annotated[
    Literal["dms"] | None,
    typer.Option(help="dms:数字按度分秒读(115.56.38.4、1155638.4)/ bare numbers are degrees, minutes, seconds"),
]
_Mapping = Annotated[
    list[str] | None, typer.Option("--map", help="列名=字段,可多次;列名=- 表示不是字段 / HEADER=FIELD, repeatable")
]
_Encoding = Annotated[str | None, typer.Option(help="文字编码,默认自动识别 / the text's encoding")]
_Sheet = Annotated[str | None, typer.Option(help="工作表或文件内图层 / the sheet, or the layer in the file")]
_DataDate = Annotated[str | None, typer.Option(help="数据日期 / date of rows without one, 2026-11-22")]
_Full = Annotated[
    bool, typer.Option("--full", help="文件含该来源全部数据,缺少的停用 / the whole source: retire what it lacks")
]
_Profile = Annotated[str | None, typer.Option(help="使用已保存的方案,见 onemap imports profiles / use a saved profile")]
_SaveProfile = Annotated[
    str | None,
    typer.Option(help="导入成功后把声明存为方案 / save what is declared as a profile once it is imported"),
]
_ReportTo = Annotated[
    Path | None,
    typer.Option("--report", help="写出修正表 .xlsx 或 .json / write the workbook to mend, or JSON"),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="只报告,不写入 / report, write nothing")]
_AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        header, equals, target = pair.rpartition("=")
        if not equals or not header or not target:
            raise typer.BadParameter(f"{pair!r}: 列名=字段 / HEADER=FIELD", param_hint="--map")
        mapping[header] = target
    return mapping


def _date(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: 应为 / should be 2026-11-22", param_hint="--data-date") from error


@contextmanager
def _bar(name: str) -> Iterator[ProgressCallback]:
    """A progress bar on stderr, so that stdout holds the report alone."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]:,}"), TimeElapsedColumn())
    console = Console(stderr=True)
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=1.0, rows=0)

        def tell(progress: Progress) -> None:
            bar.update(task, completed=progress.fraction, rows=progress.rows, description=f"{name} {progress.stage}")

        yield tell


def _write(path: Path, report: Report, dsn: str) -> None:
    """The report as a file: the workbook to mend, or JSON."""
    if path.suffix.lower() == ".json":
        write_atomically(path, json.dumps(report.as_dict(), ensure_ascii=False, default=str).encode())
    elif report.run is not None:
        write_atomically(path, mending_workbook(dsn, UUID(report.run), cli_lang()))


def _target(layer: str | None, profile: Profile | None) -> str:
    if layer is not None:
        return target_named(layer).name
    if profile is None:
        raise typer.BadParameter("--layer NAME / --profile NAME", param_hint="--layer")
    return profile.layer


def _import(settings: Settings, file: Path, target: str, options: ImportOptions) -> Report:
    """The import in its sandbox; when it is broken off, what the database says became of it.

    Raises:
        ImportCancelled: by Ctrl-C, before it was done.
        OnemapError: whatever the import raises.
    """
    dsn, run = settings.dsn(), uuid4()
    try:
        with _bar(file.name) as progress:
            return report_from(
                import_in_sandbox(dsn, file, target, options, progress, run=run, limits=limits_of(settings))
            )
    except (KeyboardInterrupt, ImporterLost) as broken:
        done = record_cancelled(dsn, run, target, file.name, options)
        if done is not None:  # it was committed in the same moment
            return done
        if isinstance(broken, ImporterLost):
            raise
        raise ImportCancelled(Text("已取消,没有写入任何数据", "cancelled; nothing was written")) from None


def import_command(
    file: _File,
    layer: _Layer = None,
    source: _Source = None,
    crs: _Crs = None,
    datum: _Datum = None,
    notation: _Notation = None,
    mapping: _Mapping = None,
    encoding: _Encoding = None,
    sheet: _Sheet = None,
    data_date: _DataDate = None,
    full: _Full = False,
    profile: _Profile = None,
    save_profile: _SaveProfile = None,
    report_to: _ReportTo = None,
    dry_run: _DryRun = False,
    as_json: _AsJson = False,
) -> None:
    """把文件导入图层,逐行报告 / Import a file into a layer, with a report of every row."""
    options = ImportOptions(
        source=source,
        crs=crs,
        datum=datum,
        notation=notation,
        mapping=_mapping(mapping or []),
        encoding=encoding,
        sheet=sheet,
        data_date=_date(data_date),
        dry_run=dry_run,
        full=full,
        save_profile=save_profile.strip()[:80] or None if save_profile else None,
    )
    if report_to is not None and report_to.suffix.lower() not in (".xlsx", ".json"):
        raise typer.BadParameter(f"{report_to}: .xlsx / .json", param_hint="--report")
    settings = Settings()
    saved = read_profile(settings.dsn(), profile) if profile else None
    if saved is not None:
        options = lay_under(options, saved, layer)
    report = _import(settings, file, _target(layer, saved), options)
    if report_to is not None:
        _write(report_to, report, settings.dsn())
    _tell(report, as_json)


def _tell(report: Report, as_json: bool) -> None:
    """The report on stdout; exit code 1 when not a row of the file could be taken."""
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, default=str))
    else:
        print_report(report, cli_lang())
    if report.counts.read and report.counts.rejected == report.counts.read:
        raise typer.Exit(NOTHING_ACCEPTED)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_command)
