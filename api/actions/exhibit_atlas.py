"""What ``onemap exhibit atlas`` does: bind an atlas into a PDF, going on where it was stopped, with a progress bar."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from api.cli import cli_lang, read_whole
from api.settings import Settings
from api.workshop import workshop_of
from geo.crs import Crs
from geo.errors import InputError
from geo.exhibits.atlas import AtlasProgress, make_atlas
from geo.exhibits.atlas_request import AtlasRequest, read_atlas
from geo.risk.sites import BadSite, read_sites
from layers.text import Text

__all__ = ["bind_atlas", "make_atlas_pages"]

_ATLAS_THREADS = 2
_SITES_MOST = 20_000


def _sites(path: Path, crs: str) -> list[dict[str, object]]:
    """The sites of a list; a wrong row is refused: an atlas must not lack a page without a word."""
    content = read_whole(path, "sites")
    found = []
    limits = Settings().risk_limits()
    for site in read_sites(content, _kind_of_list(path), Crs.parse(crs), 1000.0, limits, _SITES_MOST):
        if isinstance(site, BadSite):
            raise InputError(site.why, field="sites")
        found.append({"name": site.key, "lon": site.lon, "lat": site.lat})
    return found


def _kind_of_list(path: Path) -> str:
    return {".geojson": "geojson", ".json": "geojson", ".ndjson": "ndjson"}.get(path.suffix.lower(), "csv")


@contextmanager
def _bar(name: str) -> Iterator[Callable[[AtlasProgress], None]]:
    """A progress bar on stderr; where that is no terminal, a line now and then."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    stages = {"drawing": Text("绘图", "drawing"), "binding": Text("装订", "binding"), "done": Text("完成", "done")}
    with Bar(
        *columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task(name, total=None)

        def told(progress: AtlasProgress) -> None:
            stage = stages[progress.stage].get(cli_lang())
            bar.update(task, description=f"{name} {stage}", total=progress.plates, completed=progress.done)
            if not console.is_terminal and (progress.stage != "drawing" or progress.done % 50 == 0):
                console.print(f"{name} {stage} {progress.done}/{progress.plates}")

        yield told


def _make(
    settings: Settings, order: AtlasRequest, out: Path, told: Callable[[AtlasProgress], None]
) -> Mapping[str, object]:
    """Write an atlas; what is done of it stands beside ``out`` until it is whole. Returns its recipe.

    Raises:
        OnemapError: see ``make_atlas``.
    """

    async def run() -> Mapping[str, object]:
        async with workshop_of(settings, threads=_ATLAS_THREADS) as workshop:
            return await make_atlas(
                workshop,
                order,
                out,
                state_directory=settings.state_directory,
                parts=out.with_name(f"{out.name}.parts"),
                plates_max=settings.atlas_plates_max,
                told=told,
            )

    return asyncio.run(run())


def bind_atlas(order: AtlasRequest, out: Path) -> Mapping[str, object]:
    """Write an ordered atlas with a progress bar; returns its recipe.

    Raises:
        OnemapError: see ``make_atlas``.
    """
    with _bar(out.name) as told:
        return _make(Settings(), order, out, told)


def make_atlas_pages(
    values: Mapping[str, object], of: Mapping[str, object], sites: Path | None, crs: str, out: Path
) -> None:
    """Write the atlas whose pages are made by ``values``, one for each of ``of`` or for each site of the list.

    Raises:
        InputError: ``out`` is no PDF, a wrong value, a site that cannot be read. OnemapError: see ``make_atlas``.
    """
    if out.suffix.lower() != ".pdf":
        raise InputError(
            Text("图集写成 PDF:-o 应以 .pdf 结尾", "an atlas is a PDF: -o should end in .pdf"), field="out"
        )
    one_each = {name: value for name, value in of.items() if value is not None}
    if sites is not None:
        one_each["sites"] = _sites(sites, crs)
    bind_atlas(read_atlas({**values, "atlas": one_each}), out)
