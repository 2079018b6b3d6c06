"""What ``onemap rules`` does: list, show and check rule sets of the risk index."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from api.cli import cli_lang
from api.rulebook import named_rules_of
from api.settings import Settings
from geo.risk import check_layers, choose_rules, read_rules
from layers.registry import discover

__all__ = ["check_rule_set", "list_rule_sets", "show_rule_set"]


def list_rule_sets() -> None:
    """Print the rule sets that a question may choose."""
    lang = cli_lang()
    table = Table(*(("名称", "版本", "标题") if lang == "zh" else ("name", "version", "title")))
    for name, rules in named_rules_of(Settings()).items():
        table.add_row(name, rules.version, rules.title.get(lang))
    Console().print(table)


def show_rule_set(name: str | None) -> None:
    """Print one rule set as JSON.

    Raises:
        InputError: no rule set has this name.
    """
    typer.echo(choose_rules(named_rules_of(Settings()), name).model_dump_json(indent=2))


def check_rule_set(file: Path) -> None:
    """Say whether a rule set can be used; nothing is changed.

    Raises:
        BadRules: it cannot, and why.
    """
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
