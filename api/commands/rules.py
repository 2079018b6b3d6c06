"""``onemap rules``: the rule sets of the risk index: list them, show one, check a file before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]

_app = typer.Typer(help="风险指数规则 / the rule sets of the risk index", no_args_is_help=True)


@_app.command("list")
def list_rules() -> None:
    """可用的规则 / The rule sets that a question may choose."""
    from api.actions.rules import list_rule_sets

    list_rule_sets()


@_app.command("show")
def show(name: Annotated[str | None, typer.Argument(help="规则名,缺省 default / its name")] = None) -> None:
    """输出一套规则(JSON) / One rule set as JSON."""
    from api.actions.rules import show_rule_set

    show_rule_set(name)


@_app.command("check")
def check(file: Annotated[Path, typer.Argument(help="规则文件(TOML) / a rule set")]) -> None:
    """检查规则文件,不改动任何东西 / Say what is wrong with a rule set; nothing is changed."""
    from api.actions.rules import check_rule_set

    check_rule_set(file)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_app, name="rules")
