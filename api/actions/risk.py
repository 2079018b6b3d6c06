"""What ``onemap risk LON LAT`` does: ask about one place, and print the answer or write it to a file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from api.cli import cli_lang, write_atomically
from api.rulebook import rules_of
from api.settings import Settings
from geo.crs import Crs
from geo.database import Database
from geo.errors import InputError
from geo.export import ExportFormat, export_features
from geo.rasters import Grids, rasters_directory
from geo.risk import Extras, RiskQuery, around_point, read_presets, rings_of, risk_answer
from geo.risk.capacity import capacity_rows
from geo.risk.list_sheet import left_out, list_sheet
from geo.selection import choose_layers
from layers.registry import Registry, discover
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["ask_place", "format_of"]


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


def format_of(path: Path) -> ExportFormat:
    """The format that the ending of ``--out`` names.

    Raises:
        InputError: it names none.
    """
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
    features, total = told["features"]["features"], told["total"]
    tables = {**left_out(len(features), total), "capacity": capacity_rows(told["capacity"])}
    if len(features) < total:
        typer.echo(left_out(len(features), total)["truncated"][0][f"why_{cli_lang()}"], err=True)
    return export_features(features, format_of(path), tables, list_sheet(features, registry, cli_lang(), total))


def ask_place(
    lon: float,
    lat: float,
    *,
    radii_m: list[float],
    event: str | None,
    layers: list[str] | None,
    crs: str,
    limit: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Ask about a place given in ``crs``, within the radii, else the rings of the event, else 1000 m.

    Raises:
        InputError: a layer, an event, a radius, the limit or the ending of ``out``. CoordinateError: outside the CRS.
        OnemapError: from the engine.
    """
    settings, registry = Settings(), discover()
    chosen = choose_layers(registry, layers)
    place = Crs.parse(crs).point_to_cgcs2000(lon, lat)
    radii = tuple(radii_m or (rings_of(read_presets(settings.presets), event) if event else (1000.0,)))
    most = limit or (settings.features_default if out is None else settings.features_max)
    query = RiskQuery(around_point(*place), radii, chosen, limit=most, helpers=registry.helpers())
    found = asyncio.run(_ask(settings, registry, query))
    if out is not None:
        write_atomically(out, _as_file(found, out, registry))
    elif as_json:
        typer.echo(found.decode())
    else:
        _print(json.loads(found), registry, cli_lang())
