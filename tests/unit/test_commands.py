"""The words of the commands load nothing of the engine; what they repeat of it agrees with it."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from typing import get_args

import pytest
import typer
import typer.core

import api.commands
from api.cli import MODULES, build
from api.commands.exhibit import ENDINGS
from api.commands.rasters import Kind
from api.commands.tiles import DEEPEST
from geo.cartography.tile_address import SOURCE_MAX_ZOOM
from geo.exhibits.formats.writing import FORMATS
from geo.rasters import RasterKind

ENGINE = {"alembic", "fastapi", "geoalchemy2", "geopandas", "mapnik", "numpy", "pandas", "psycopg", "rasterio"}
ENGINE |= {"pydantic_settings", "pyproj", "shapely", "sqlalchemy"}


def run(words: str) -> str:
    """What a Python of its own prints."""
    return subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout


def leaves(app: typer.Typer, *before: str) -> list[tuple[str, ...]]:
    """Every command with the words that name it."""
    alone = [(*before, each.name or each.callback.__name__) for each in app.registered_commands]
    groups = [leaves(each.typer_instance, *before, each.name) for each in app.registered_groups]
    return [*alone, *(name for group in groups for name in group)]


def test_every_module_of_commands_is_registered():
    assert sorted(MODULES) == sorted(module.name for module in pkgutil.iter_modules(api.commands.__path__))


@pytest.mark.parametrize("asked", [[], ["risk"], ["exhibit", "atlas"], ["import"], ["status"]], ids=" ".join)
def test_help_loads_nothing_of_the_engine(asked):
    words = f"import sys; from api.cli import main; sys.argv = ['onemap', *{asked}, '--help']\n"
    printed = run(words + "try:\n    main()\nexcept SystemExit:\n    print('LOADED', *sys.modules)")
    said, loaded = printed.split("LOADED")
    assert "Usage: onemap" in said
    assert not ENGINE & set(loaded.split())
    assert not {name for name in loaded.split() if name.startswith("api.actions")}


@pytest.mark.parametrize("width", [60, 80, 97])
def test_help_is_never_cut_however_narrow_the_terminal(width):
    app = typer.main.get_command(build())
    known = [app, *(each for each in app.commands.values() if hasattr(each, "commands"))]
    for group in known:
        listed = "".join(said_by(group, width).split())
        for each in group.commands.values():
            assert "".join((each.help or "").split("\n\n")[0].split()) in listed, each.name
    for option in app.commands["render"].params:
        assert "".join((option.help or "").split()) in "".join(said_by(app.commands["render"], width).split())


def said_by(command: typer.core.TyperCommand | typer.core.TyperGroup, width: int) -> str:
    """Its help on a terminal of so many columns."""
    return command.get_help(command.make_context("onemap", [], resilient_parsing=True, terminal_width=width))


def test_tables_are_folded_and_never_cut():
    words = "import sys; from api.cli import main; sys.argv = ['onemap', 'audit']; main()"
    said = run("import os; os.environ['COLUMNS'] = '60'; " + words)
    assert "townships-" in said
    assert "…" not in said


def test_settings_are_read_without_the_engine():
    loaded = run("import sys; from api.settings import Settings; Settings(); print(*sys.modules)").split()
    assert not {"numpy", "pyproj", "rasterio", "shapely", "sqlalchemy"} & set(loaded)


def test_a_command_starts_without_what_only_others_need():
    loaded = run("import sys; import api.actions.risk; print(*sys.modules)").split()
    assert not {"api.actions.render", "fastapi", "geopandas", "mapnik", "pandas"} & set(loaded)


@pytest.mark.parametrize("name", leaves(build()), ids=" ".join)
def test_every_command_says_what_it_does_in_both_languages(name):
    app = typer.main.get_command(build())
    for word in name:
        app = app.commands[word]
    said = app.help or ""
    assert any("一" <= char <= "鿿" for char in said), said
    assert " / " in said or "/ " in said or "）/" in said, said


def test_every_action_can_be_loaded():
    actions = {module.name for module in pkgutil.iter_modules(importlib.import_module("api.actions").__path__)}
    assert actions
    for name in actions:
        importlib.import_module(f"api.actions.{name}")


def test_what_the_words_repeat_of_the_engine_agrees_with_it():
    assert sorted(get_args(Kind)) == sorted(RasterKind)
    assert ENDINGS.split() == [f".{name}" for name in FORMATS]
    assert DEEPEST == SOURCE_MAX_ZOOM
