"""What ``onemap risk --sites FILE`` does: ask about every site of a list, with a progress bar."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from api.actions.risk import format_of
from api.cli import read_whole, write_atomically
from api.settings import Settings
from geo.crs import Crs
from geo.database import Database
from geo.errors import InputError
from geo.rasters import Grids, rasters_directory
from geo.risk.batch import BatchPlan, batch_answers
from geo.risk.batch_file import batch_file
from geo.risk.sites import read_sites
from geo.selection import choose_layers
from layers.registry import discover
from layers.text import Text

__all__ = ["ask_sites"]


async def _ask(settings: Settings, content: bytes, kind: str, plan: BatchPlan, crs: Crs, radius_m: float) -> bytes:
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


def ask_sites(path: Path, *, layers: list[str] | None, crs: str, radius_m: float, out: Path | None) -> None:
    """Ask within the radius of each site of a CSV, NDJSON or GeoJSON file; print NDJSON, or write what ``out`` says.

    Raises:
        InputError: the kind of either file, a layer, a bound. FileUnreadable: the list. OnemapError: from the engine.
    """
    settings = Settings()
    plan = BatchPlan(choose_layers(discover(), layers), grids=Grids(rasters_directory(settings.state_directory)))
    kinds = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".geojson": "geojson", ".json": "geojson"}
    if path.suffix.lower() not in kinds:
        known = ", ".join(kinds)
        raise InputError(
            Text(f"站点文件 {path.name} 应为 {known} 之一", f"the file of sites {path.name} should be one of {known}")
        )
    content = read_whole(path, "sites")
    format_ = None if out is None or out.suffix.lower() in (".ndjson", ".jsonl") else format_of(out)
    found = asyncio.run(_ask(settings, content, kinds[path.suffix.lower()], plan, Crs.parse(crs), radius_m))
    if out is not None and format_ is not None:
        lines = [json.loads(line) for line in found.splitlines()]
        write_atomically(out, batch_file(lines, plan.layers, format_))
    elif out is not None:
        write_atomically(out, found)
    else:
        typer.echo(found.decode(), nl=False)
