"""``onemap import FILE --layer NAME``: a file into a layer, with a progress bar and a report of every row."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = ["register"]

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
    from api.actions.importing import import_file
    from geo.ingest.options import ImportOptions

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
    import_file(file, layer, options, profile=profile, report_to=report_to, as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_command)
