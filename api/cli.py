"""The ``onemap`` command: modules of ``api/commands`` add their own; a failure is one sentence and an exit code."""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from pathlib import Path

import typer
from pydantic import ValidationError

from api.exit_codes import exit_code
from geo.errors import FileUnreadable, FileUnwritable, OnemapError
from layers.text import Lang, Text

__all__ = ["MODULES", "build", "cli_lang", "main", "read_whole", "write_atomically"]

CANCELLED = 130
WRONG_WORDS = 2


def cli_lang() -> Lang:
    """``ONEMAP_LANG``, else English where the locale asks for it, else Chinese."""
    asked = os.environ.get("ONEMAP_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if asked.lower().startswith("en") else "zh"


def read_whole(path: Path, field: str) -> bytes:
    """The content of a file that the option ``field`` names.

    Raises:
        FileUnreadable: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(
            Text(f"读不到 {path}:{error.strerror}", f"{path} cannot be read: {error.strerror}"), field=field
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write a result file whole or not at all.

    Raises:
        FileUnwritable: the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise FileUnwritable(
            Text(f"无法写入 {path}:{error.strerror}", f"{path} cannot be written: {error.strerror}")
        ) from error


MODULES = (
    "audit",
    "demo",
    "exhibit",
    "importing",
    "imports",
    "layers",
    "migrate",
    "rasters",
    "render",
    "risk",
    "rules",
    "service",
    "tiles",
    "worker",
)
"""The modules of ``api/commands``. They hold the words of the commands and load nothing of the engine."""


def _tell_whole(app: typer.Typer) -> None:
    """List every command with all of its first paragraph, which is else cut to a line; groups likewise."""
    for each in app.registered_commands:
        each.short_help = inspect.getdoc(each.callback)
    for group in app.registered_groups:
        if group.typer_instance is not None:
            about = group.typer_instance.info
            group.short_help = about.help if isinstance(about.help, str) else inspect.getdoc(about.callback)
            _tell_whole(group.typer_instance)


def build() -> typer.Typer:
    """The application with all its commands.

    Its help is plain text: the tables that Typer draws cut words which follow Chinese, and lose values of options.
    """
    app = typer.Typer(
        name="onemap",
        help="应急一张图 / the emergency one map",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=False,
    )
    for module in MODULES:
        importlib.import_module(f"api.commands.{module}").register(app)
    _tell_whole(app)
    return app


def main() -> None:
    """Run the command line and leave with its exit code."""
    lang = cli_lang()
    try:
        build()()
    except OnemapError as error:
        print(error.message.get(lang), file=sys.stderr)
        sys.exit(exit_code(error))
    except ValidationError as error:
        # Settings from the environment; pydantic names the variable and its bounds, and hides secrets.
        for each in error.errors(include_input=False):
            name = "ONEMAP_" + "_".join(str(part) for part in each["loc"]).upper()
            print(f"{name}: {each['msg']}", file=sys.stderr)
        sys.exit(WRONG_WORDS)
    except KeyboardInterrupt:
        print("已取消 / cancelled", file=sys.stderr)
        sys.exit(CANCELLED)
