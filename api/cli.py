"""The ``onemap`` command: modules of ``api/commands`` add their own; a failure is one sentence and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import typer
from pydantic import ValidationError

from api.exit_codes import exit_code
from geo.errors import FileUnwritable, OnemapError
from layers.text import Lang, Text

__all__ = ["COMMANDS", "build", "cli_lang", "main", "write_atomically"]

CANCELLED = 130
WRONG_WORDS = 2


def cli_lang() -> Lang:
    """``ONEMAP_LANG``, else English where the locale asks for it, else Chinese."""
    asked = os.environ.get("ONEMAP_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if asked.lower().startswith("en") else "zh"


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


COMMANDS: Mapping[str, str] = {
    "audit": "audit",
    "demo": "demo",
    "exhibit": "exhibit",
    "import": "importing",
    "imports": "imports",
    "layers": "layers",
    "migrate": "migrate",
    "rasters": "rasters",
    "render": "render",
    "risk": "risk",
    "rules": "rules",
    "up": "service",
    "serve": "service",
    "down": "service",
    "status": "service",
    "tiles": "tiles",
    "worker": "worker",
}
"""Every command and its module in ``api/commands``."""


def build(asked: str | None = None) -> typer.Typer:
    """The application with the command that is asked for; with all of them where that is none (help, a typing error).

    Of the modules only what is needed is loaded: all of them together take a second.
    """
    app = typer.Typer(
        name="onemap",
        help="应急一张图 / the emergency one map",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    only = COMMANDS.get(asked or "")
    for module in [only] if only else dict.fromkeys(COMMANDS.values()):
        importlib.import_module(f"api.commands.{module}").register(app)
    app.callback()(_many)
    return app


def _many() -> None:
    """A command keeps its name when it is the only one (without this, Typer would leave it out)."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    lang = cli_lang()
    try:
        build(next((word for word in sys.argv[1:] if not word.startswith("-")), None))()
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
