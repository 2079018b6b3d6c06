"""``onemap risk LON LAT``: the risk answer on the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text as RichText

from api.cli import cli_lang, write_atomically
from api.rulebook import rules_of
from api.settings import Settings
from geo.crs import Crs
from geo.database import Database
from geo.errors import FileUnreadable, InputError
from geo.export import ExportFormat, export_features
from geo.rasters import Grids, rasters_directory
from geo.risk import Extras, RiskQuery, around_point, read_presets, rings_of, risk_answer
from geo.risk.batch import BatchPlan, batch_answers
from geo.risk.batch_file import batch_file
from geo.risk.capacity import capacity_rows
from geo.risk.list_sheet import list_sheet
from geo.risk.sites import read_sites
from geo.selection import choose_layers
from layers.registry import Registry, discover
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["register"]


async def _ask(settings: Settings, registry: Registry, query: RiskQuery) -> bytes:
    database = Database(settings.dsn(), pool_size=1, statement_timeout_s=settings.statement_timeout_s)
    try:
        grids = Grids(rasters_directory(settings.state_directory))
        extras = Extras(registry, rules_of(settings), limits=settings.risk_limits(), grids=grids, capacity=True)
        return await risk_answer(database, query, extras)
    finally:
        await database.close()


def _grade_text(grade: str | None, lang: Lang) -> str:
    if grade is None or grade == "none":
        return "未分级" if lang == "zh" else "not graded"
    known = RiskGrade(grade)
    return f"{known.code_text.get(lang)} {known.label.get(lang)}"


def _distance(metres: float) -> str:
    return f"{metres:,.0f} m" if metres < 1000 else f"{metres / 1000:,.2f} km"


def _print(answer: dict[str, object], registry: Registry, lang: Lang) -> None:
    console = Console()
    place, features, nearest = answer["place"], answer["features"], answer["nearest"]
    assert isinstance(place, dict)
    assert isinstance(features, dict)
    assert isinstance(nearest, list)
    where = " ".join(str(division["name"]) for division in place["divisions"])
    console.print(where or ("不在已知的行政区划内" if lang == "zh" else "in no known division"), markup=False)
    heads = (
        ("图层", "名称", "等级", "距离", "方位") if lang == "zh" else ("layer", "name", "grade", "distance", "bearing")
    )
    table = Table(*heads)
    listed = [feature["properties"] for feature in features["features"]]
    helps = [feature["properties"] for group in nearest for feature in group["features"]]
    for number, row in enumerate([*listed, *helps]):
        bearing = row["bearing_deg"]
        table.add_row(
            registry[row["layer"]].title.get(lang),
            RichText(str(row["name"] or row["source_id"])),
            _grade_text(row["grade"], lang) if registry[row["layer"]].graded else "",
            _distance(row["distance_m"]),
            "" if bearing is None else f"{bearing:.0f}°",
            end_section=number == len(listed) - 1,
        )
    console.print(table)
    index = answer["index"]
    assert isinstance(index, dict)
    console.print(index["why"][lang], markup=False)
    beds = answer.get("capacity", [])
    assert isinstance(beds, list)
    for ring in beds:
        console.print(ring["why"][lang], markup=False)
    total, shown = answer["total"], len(listed)
    console.print(
        f"共 {total} 处,列出 {shown} 处;表末为最近的救援资源"
        if lang == "zh"
        else f"{total} in all, {shown} listed; the last rows are the nearest help"
    )


async def _ask_sites(
    settings: Settings, content: bytes, kind: str, plan: BatchPlan, crs: Crs, radius_m: float
) -> bytes:
    """NDJSON answers of all sites, with a progress bar on stderr."""
    limits = settings.risk_limits()
    sites = list(read_sites(content, kind, crs, radius_m, limits, settings.batch_sites_max))
    database = Database(settings.dsn(), pool_size=4, statement_timeout_s=settings.statement_timeout_s)
    lines = []
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("", total=len(sites))
            async for line in batch_answers(database, sites, plan):
                lines.append(line)
                progress.advance(bar)
    finally:
        await database.close()
    return b"".join(lines)


def _sites(path: Path, settings: Settings, plan: BatchPlan, crs: str, radius_m: float, out: Path | None) -> None:
    kinds = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".geojson": "geojson", ".json": "geojson"}
    if path.suffix.lower() not in kinds:
        known = ", ".join(kinds)
        raise InputError(
            Text(f"站点文件 {path.name} 应为 {known} 之一", f"the file of sites {path.name} should be one of {known}")
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(
            Text(f"读不到 {path}:{error.strerror}", f"{path} cannot be read: {error.strerror}"), field="sites"
        ) from error
    format_ = None if out is None or out.suffix.lower() in (".ndjson", ".jsonl") else _format_of(out)
    found = asyncio.run(_ask_sites(settings, content, kinds[path.suffix.lower()], plan, Crs.parse(crs), radius_m))
    if out is not None and format_ is not None:
        lines = [json.loads(line) for line in found.splitlines()]
        write_atomically(out, batch_file(lines, plan.layers, format_))
    elif out is not None:
        write_atomically(out, found)
    else:
        typer.echo(found.decode(), nl=False)


def risk(
    lon: Annotated[float | None, typer.Argument(help="经度 / longitude (or easting in --crs)")] = None,
    lat: Annotated[float | None, typer.Argument(help="纬度 / latitude (or northing)")] = None,
    radius: Annotated[
        list[float] | None, typer.Option("--radius", help="半径(米,默认 1000),可多次 / metres, repeatable")
    ] = None,
    event: Annotated[str | None, typer.Option(help="按事件类型取环 / rings by kind of event")] = None,
    sites: Annotated[
        Path | None, typer.Option("--sites", help="成批站点 CSV/NDJSON/GeoJSON / many sites, answered as NDJSON")
    ] = None,
    layers: Annotated[str | None, typer.Option(help="图层,逗号分隔 / layers, comma-separated")] = None,
    crs: Annotated[str, typer.Option(help="坐标系 / CRS of LON LAT or of the sites")] = "CRS84",
    limit: Annotated[int, typer.Option(help="最多列出 / most features listed")] = 1000,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="写入 .xlsx .gpkg .csv .geojson .parquet .json,成批也可 .ndjson / a file"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """某地周边有什么风险、谁能救援 / What is at risk near a place, and who can help."""
    settings, registry = Settings(), discover()
    chosen = choose_layers(registry, layers.split(",") if layers else None)
    if sites is not None:
        plan = BatchPlan(chosen, grids=Grids(rasters_directory(settings.state_directory)))
        _sites(sites, settings, plan, crs, (radius or [1000.0])[0], out)
        return
    if lon is None or lat is None:
        raise InputError(Text("请给出 LON LAT,或 --sites 文件", "give LON LAT, or --sites FILE"), field="lon")
    place = Crs.parse(crs).point_to_cgcs2000(lon, lat)
    radii = tuple(radius or (rings_of(read_presets(settings.presets), event) if event else (1000.0,)))
    query = RiskQuery(around_point(*place), radii, chosen, limit=limit, helpers=registry.helpers())
    found = asyncio.run(_ask(settings, registry, query))
    if out is not None:
        write_atomically(out, _as_file(found, out, registry))
    elif as_json:
        typer.echo(found.decode())
    else:
        _print(json.loads(found), registry, cli_lang())


def _format_of(path: Path) -> ExportFormat:
    ending = path.suffix.lower().removeprefix(".")
    if ending not in list(ExportFormat):
        known = ", ".join(f".{each.value}" for each in ExportFormat)
        raise InputError(
            Text(
                f"--out 应以 {known} 结尾,或 .json(一处)、.ndjson(成批)",
                f"--out should end in {known}, or .json (one place), .ndjson (sites)",
            ),
            field="out",
        )
    return ExportFormat(ending)


def _as_file(answer: bytes, path: Path, registry: Registry) -> bytes:
    """The whole answer for .json, its features for the other endings."""
    if path.suffix.lower() == ".json":
        return answer
    told = json.loads(answer)
    tables = {"capacity": capacity_rows(told["capacity"])}
    features = told["features"]["features"]
    return export_features(features, _format_of(path), tables, list_sheet(features, registry, cli_lang()))


def register(app: typer.Typer) -> None:
    """Add the command; LON may be negative."""
    app.command("risk", context_settings={"ignore_unknown_options": True})(risk)
