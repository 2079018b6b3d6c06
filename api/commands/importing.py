"""``onemap import FILE --layer NAME``: a file into a layer, with a progress bar and a report of every row."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text as RichText

from api.cli import cli_lang, write_atomically
from api.settings import Settings
from geo.errors import UnknownLayer
from geo.ingest import ImportOptions, Progress, ProgressCallback, Report, import_file
from geo.ingest.mending import mending_workbook
from geo.ingest.wording import change_rows, column_rows, count_words, finding_rows
from layers.layer import Layer
from layers.registry import discover
from layers.text import Lang, Text

__all__ = ["register"]

NOTHING_ACCEPTED = 1


def _layer(name: str) -> Layer:
    registry = discover()
    if name not in registry:
        names = ", ".join(registry)
        raise UnknownLayer(
            Text(f"没有图层 {name!r};有:{names}", f"no layer {name!r}; there are: {names}"), field="layer"
        )
    return registry[name]


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


def _facts(report: Report) -> str:
    known = (report.format, report.sheet, report.encoding, report.delimiter and repr(report.delimiter), report.crs)
    return f"{report.file} → {report.layer} ({report.source}): " + ", ".join(each for each in known if each)


def _print(report: Report, lang: Lang) -> None:
    console = Console()
    console.print(RichText(_facts(report)))
    mapping = Table("列", "含义", "单位") if lang == "zh" else Table("column", "taken for", "unit")
    for cells in column_rows(report, lang):
        mapping.add_row(*map(RichText, cells))
    console.print(mapping)
    heads = ("", "原因", "列", "行号", "原文", "处理办法")
    if lang == "en":
        heads = ("", "reason", "column", "rows", "original", "what to do")
    if found := finding_rows(report, lang):
        table = Table(*heads, show_lines=True)
        for row in found:
            table.add_row(*map(RichText, row))
        console.print(table)
    if changes := change_rows(report, lang):
        table = Table(
            *(("变化", "编号", "名称", "前 → 后") if lang == "zh" else ("change", "id", "name", "before → after"))
        )
        for change in changes:
            table.add_row(*map(RichText, change))
        console.print(table)
    for warning in report.warnings:
        console.print(RichText(("注意:" if lang == "zh" else "note: ") + warning.get(lang)))
    console.print(RichText(count_words(report, lang), style="bold"))


def _write(path: Path, report: Report, dsn: str) -> None:
    """The report as a file: the workbook to mend, or JSON."""
    if path.suffix.lower() == ".json":
        write_atomically(path, json.dumps(report.as_dict(), ensure_ascii=False, default=str).encode())
    elif report.run is not None:
        write_atomically(path, mending_workbook(dsn, UUID(report.run), cli_lang()))


def import_command(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, GeoJSON, Shapefile (.shp, .zip), GeoPackage")],
    layer: Annotated[str, typer.Option(help="图层名,见 onemap layers / the layer's name")],
    source: Annotated[str | None, typer.Option(help="来源名,默认为文件名 / the source's name")] = None,
    crs: Annotated[str | None, typer.Option(help="坐标系:CRS84、EPSG:n / the CRS of the coordinates")] = None,
    datum: Annotated[str | None, typer.Option(help="gcj02 或 bd09:加密坐标 / obfuscated coordinates")] = None,
    notation: Annotated[
        Literal["dms"] | None,
        typer.Option(help="dms:数字按度分秒读(115.56.38.4、1155638.4)/ bare numbers are degrees, minutes, seconds"),
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="列名=字段,可多次;列名=- 表示不是字段 / HEADER=FIELD, repeatable")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码,默认自动识别 / the text's encoding")] = None,
    sheet: Annotated[str | None, typer.Option(help="工作表或文件内图层 / the sheet, or the layer in the file")] = None,
    data_date: Annotated[str | None, typer.Option(help="数据日期 / date of rows without one, 2026-11-22")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="文件含该来源全部数据,缺少的停用 / the whole source: retire what it lacks")
    ] = False,
    report_to: Annotated[
        Path | None,
        typer.Option("--report", help="写出修正表 .xlsx 或 .json / write the workbook to mend, or JSON"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只报告,不写入 / report, write nothing")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
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
    )
    if report_to is not None and report_to.suffix.lower() not in (".xlsx", ".json"):
        raise typer.BadParameter(f"{report_to}: .xlsx / .json", param_hint="--report")
    chosen, dsn = _layer(layer), Settings().dsn()
    with _bar(file.name) as progress:
        report = import_file(dsn, file, chosen, options, progress)
    if report_to is not None:
        _write(report_to, report, dsn)
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False, default=str))
    else:
        _print(report, cli_lang())
    if report.counts.read and report.counts.rejected == report.counts.read:
        raise typer.Exit(NOTHING_ACCEPTED)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_command)
