"""``onemap risk LON LAT``: the risk answer on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


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
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="最多列出,缺省 1000,写文件时为全部 / most listed: 1000, all of them in a file"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="写入 .xlsx .gpkg .csv .geojson .parquet .json,成批也可 .ndjson / a file"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """某地周边有什么风险、谁能救援 / What is at risk near a place, and who can help."""
    from api.actions.risk import ask_place
    from api.actions.risk_sites import ask_sites
    from geo.errors import InputError
    from layers.text import Text

    named = layers.split(",") if layers else None
    if sites is not None:
        if len(radius or []) > 1 or event is not None:
            text = Text("--sites 只取一个 --radius,不用 --event", "--sites takes one --radius, and no --event")
            raise InputError(text, field="radius")
        ask_sites(sites, layers=named, crs=crs, radius_m=(radius or [1000.0])[0], out=out)
    elif lon is None or lat is None:
        raise InputError(Text("请给出 LON LAT,或 --sites 文件", "give LON LAT, or --sites FILE"), field="lon")
    else:
        ask_place(
            lon, lat, radii_m=radius or [], event=event, layers=named, crs=crs, limit=limit, out=out, as_json=as_json
        )


def register(app: typer.Typer) -> None:
    """Add the command; LON may be negative."""
    app.command("risk", context_settings={"ignore_unknown_options": True})(risk)
