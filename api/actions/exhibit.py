"""What ``onemap exhibit`` does: write a page in any format, make it again from its recipe, tell of templates."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import typer

from api.actions.exhibit_atlas import bind_atlas
from api.cli import cli_lang, read_whole, write_atomically
from api.settings import Settings
from api.workshop import workshop_of
from geo.cartography.studio import Studio
from geo.crs import Crs
from geo.errors import InputError
from geo.exhibits.atlas_request import read_atlas
from geo.exhibits.formats.recipes import read_recipe_of
from geo.exhibits.formats.writing import Format, format_of_ending, write
from geo.exhibits.manuscript import prepare
from geo.exhibits.request import KINDS, ExhibitRequest, read_request
from geo.exhibits.template import Templates, read_template
from layers.registry import discover
from layers.text import Lang, Text

__all__ = ["check_template", "list_templates", "make_again", "make_page"]


def _file(out: Path | None, ending: str = ".pdf") -> tuple[Path, Format]:
    path = out or Path(f"exhibit{ending}")
    return path, format_of_ending(path.suffix or ending)


def _place_of(kind: str, where: list[str], crs: str) -> dict[str, object]:
    """What the words after the kind mean: LON LAT, a division, or two divisions.

    Raises:
        InputError: neither. CoordinateError: outside the CRS.
    """
    if not where:
        return {}
    if kind == "comparison" and len(where) == 2:
        return {"division": where[0], "other_division": where[1]}
    if len(where) == 1 and kind != "surroundings":
        return {"division": where[0]}
    try:
        x, y = (float(word) for word in where)
    except ValueError as error:
        said = " ".join(where)[:60]
        raise InputError(
            Text(f"{said!r} 应为 经度 纬度,或行政区划代码", f"{said!r} should be LON LAT, or the code of a division"),
            field="where",
        ) from error
    lon, lat = Crs.parse(crs).point_to_cgcs2000(x, y)
    return {"lon": lon, "lat": lat}


def _make_files(
    settings: Settings, request: ExhibitRequest, form: Format, out: Path, dpi: float
) -> Mapping[str, object]:
    """Write the exhibit: one file, or one a page, the further as ``name-2.png`` …; returns its recipe.

    Raises:
        OnemapError: whatever ``prepare``, the format's writer or the disk raises; then nothing is written.
    """
    files, recipe = asyncio.run(_files(settings, request, form, dpi))
    for number, content in enumerate(files, start=1):
        write_atomically(out if number == 1 else out.with_name(f"{out.stem}-{number}{out.suffix}"), content)
    return recipe


async def _files(
    settings: Settings, request: ExhibitRequest, form: Format, dpi: float
) -> tuple[list[bytes], Mapping[str, object]]:
    async with workshop_of(settings) as workshop:
        manuscript = await prepare(workshop, request, settings.state_directory)
        return await workshop.studio.queue.run(lambda: write(manuscript, form, dpi)), manuscript.recipe


def _recipe_of(path: Path) -> dict[str, object]:
    """The recipe in a file.

    Raises:
        FileUnreadable: it cannot be read, or carries none.
    """
    return read_recipe_of(read_whole(path, "again"))


def _tell_changes(old: Mapping[str, object], new: Mapping[str, object], lang: Lang) -> None:
    """Say on stderr what is no more as it was: data, rules, software, template."""
    before, now = old.get("revisions"), new.get("revisions")
    changed = []
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        changed = sorted(str(name) for name in now if before.get(name) != now[name])
    changed += [name for name in ("rules", "software", "template") if old.get(name) != new.get(name)]
    if changed:
        names = ", ".join(changed)
        said = Text(f"已有变化:{names};新图与原图可能不同", f"changed since: {names}; it may differ from the first")
        typer.echo(said.get(lang), err=True)


def make_page(
    kind: str, values: Mapping[str, object], where: list[str], crs: str, out: Path | None, dpi: float
) -> None:
    """Write one exhibit of a kind, of what the words of ``where`` name, in the format of the ending of ``out``.

    Raises:
        InputError: a wrong value. CoordinateError: outside the CRS. OnemapError: from the engine.
    """
    path, form = _file(out)
    request = read_request({**values, "kind": kind, **_place_of(kind, where, crs)})
    _make_files(Settings(), request, form, path, dpi)


def make_again(finished: Path, out: Path | None, dpi: float) -> None:
    """Make an exhibit or an atlas once more from the recipe in a finished file, and tell what has changed since.

    Raises:
        FileUnreadable: it cannot be read, or carries no recipe. OnemapError: from the engine.
    """
    recipe = _recipe_of(finished)
    values = recipe.get("request")
    asked: dict[str, object] = values if isinstance(values, dict) else {}
    path, form = _file(out, finished.suffix or ".pdf")
    if "atlas" in asked:
        now = bind_atlas(read_atlas(asked), path)
    else:
        now = _make_files(Settings(), read_request(asked), form, path, dpi)
    _tell_changes(recipe, now, cli_lang())


def list_templates() -> None:
    """Print the kinds, and a bureau's own templates."""
    lang = cli_lang()
    for name, title in KINDS.items():
        typer.echo(f"{name}  {title.get(lang)}")
    own = Templates(Settings().templates)
    for named in own.names:
        typer.echo("\n".join(own.get(named).told(lang)))


def check_template(file: Path) -> None:
    """Check a template, and print what it sets.

    Raises:
        TemplateError: every wrong field, by name.
    """
    template, registry = read_template(file), discover()
    studio = Studio(registry, threads=1)
    try:
        template.check(registry, studio.themes.names)
    finally:
        studio.close()
    typer.echo("\n".join(template.told(cli_lang())))
