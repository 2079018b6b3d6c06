"""``onemap risk LON LAT``: the risk answer on the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from api.cli import cli_lang, write_atomically
from api.settings import Settings
from geo.crs import Crs
from geo.database import Database
from geo.risk import Extras, RiskQuery, around_point, risk_answer
from geo.selection import choose_layers
from layers.registry import Registry, discover
from layers.severity import RiskGrade
from layers.text import Lang

__all__ = ["register"]


async def _ask(settings: Settings, registry: Registry, query: RiskQuery) -> bytes:
    database = Database(settings.dsn(), pool_size=1, statement_timeout_s=settings.statement_timeout_s)
    try:
        extras = Extras(registry, settings.rules(), limits=settings.risk_limits())
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
    total, shown = answer["total"], len(listed)
    console.print(
        f"共 {total} 处,列出 {shown} 处;表末为最近的避难场所与起降点"
        if lang == "zh"
        else f"{total} in all, {shown} listed; the last rows are the nearest shelters and helipads"
    )


def risk(
    lon: Annotated[float, typer.Argument(help="经度 / longitude (or easting in --crs)")],
    lat: Annotated[float, typer.Argument(help="纬度 / latitude (or northing)")],
    radius: Annotated[
        list[float] | None, typer.Option("--radius", help="半径(米,默认 1000),可多次 / metres, repeatable")
    ] = None,
    layers: Annotated[str | None, typer.Option(help="图层,逗号分隔 / layers, comma-separated")] = None,
    crs: Annotated[str, typer.Option(help="坐标系 / CRS of LON LAT")] = "CRS84",
    limit: Annotated[int, typer.Option(help="最多列出 / most features listed")] = 1000,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="写入 GeoJSON 答案 / write the answer (JSON)")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """某地周边有什么风险、谁能救援 / What is at risk near a place, and who can help."""
    settings, registry = Settings(), discover()
    place = Crs.parse(crs).point_to_cgcs2000(lon, lat)
    chosen = choose_layers(registry, layers.split(",") if layers else None)
    query = RiskQuery(around_point(*place), tuple(radius or (1000.0,)), chosen, limit=limit, helpers=registry.helpers())
    found = asyncio.run(_ask(settings, registry, query))
    if out is not None:
        write_atomically(out, found)
    elif as_json:
        typer.echo(found.decode())
    else:
        _print(json.loads(found), registry, cli_lang())


def register(app: typer.Typer) -> None:
    """Add the command; LON may be negative."""
    app.command("risk", context_settings={"ignore_unknown_options": True})(risk)
