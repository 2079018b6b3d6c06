"""``onemap rules``: the rule sets of the risk index: list them, show one, check a file before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.cli import cli_lang
from api.rulebook import named_rules_of
from api.settings import Settings
from geo.risk import check_layers, choose_rules, read_rules
from layers.registry import discover

__all__ = ["register"]

_app = typer.Typer(help="风险指数规则 / the rule sets of the risk index", no_args_is_help=True)


@_app.command("list")
def list_rules() -> None:
    """可用的规则 / The rule sets that a question may choose."""
    lang = cli_lang()
    table = Table(*(("名称", "版本", "标题") if lang == "zh" else ("name", "version", "title")))
    for name, rules in named_rules_of(Settings()).items():
        table.add_row(name, rules.version, rules.title.get(lang))
    Console().print(table)


@_app.command("show")
def show(name: Annotated[str | None, typer.Argument(help="规则名,缺省 default / its name")] = None) -> None:
    """输出一套规则(JSON) / One rule set as JSON."""
    typer.echo(choose_rules(named_rules_of(Settings()), name).model_dump_json(indent=2))


@_app.command("check")
def check(file: Annotated[Path, typer.Argument(help="规则文件(TOML) / a rule set")]) -> None:
    """检查规则文件,不改动任何东西 / Say what is wrong with a rule set; nothing is changed."""
    lang, rules = cli_lang(), read_rules(file)
    check_layers(rules, discover(), file.name)
    layers = {layer for factor in rules.factor for layer in factor.layers}
    typer.echo(
        f"{file.name} 可用:版本 {rules.version},{len(rules.factor)} 个因素,{len(layers)} 个图层,"
        f"最远看 {rules.reach_m:,.0f} 米"
        if lang == "zh"
        else f"{file.name} can be used: version {rules.version}, {len(rules.factor)} factors, {len(layers)} layers, "
        f"reaches {rules.reach_m:,.0f} m"
    )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(_app, name="rules")
