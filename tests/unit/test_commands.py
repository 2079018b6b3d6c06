"""The command line loads what the asked command needs, and its table of commands is the truth."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest
import typer

import api.commands
from api.cli import COMMANDS

MODULES = sorted(module.name for module in pkgutil.iter_modules(api.commands.__path__))


def registered(module: str) -> list[str]:
    """The commands that a module adds."""
    app = typer.Typer()
    importlib.import_module(f"api.commands.{module}").register(app)
    alone = [each.name or each.callback.__name__ for each in app.registered_commands]
    return [*alone, *(group.name or group.typer_instance.info.name for group in app.registered_groups)]


@pytest.mark.parametrize("module", MODULES)
def test_every_command_is_listed_with_its_module(module):
    assert sorted(registered(module)) == sorted(name for name, where in COMMANDS.items() if where == module)


def test_a_command_starts_without_what_only_others_need():
    words = "import sys; from api.cli import build; build('risk'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout.split()
    assert "api.commands.risk" in loaded
    assert not {"api.commands.render", "fastapi", "geopandas", "mapnik", "pandas"} & set(loaded)


def test_a_single_command_keeps_its_name():
    words = "import sys; from api.cli import main; sys.argv = ['onemap', 'rules', '--help']; main()"
    said = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout
    assert "rules [OPTIONS] COMMAND" in said
