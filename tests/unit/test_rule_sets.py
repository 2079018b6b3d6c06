"""Rule sets as files: named, chosen, and checked with words that say what to mend."""

from __future__ import annotations

from importlib.resources import files

import pytest
from typer.testing import CliRunner

from api.cli import build
from geo.errors import InputError
from geo.risk import DEFAULT_RULES, check_layers, choose_rules, default_rules, read_rulesets
from geo.risk.rules import BadRules
from layers.registry import discover

SHIPPED = files("geo.risk").joinpath("rulesets/default.toml").read_text(encoding="utf-8")


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_rules_weigh_layers_that_exist():
    check_layers(default_rules(), discover(), DEFAULT_RULES)


def test_a_misspelt_layer_is_told_with_its_factor(tmp_path):
    wrong = SHIPPED.replace('layers = ["hazard_points"]', 'layers = ["hazard_point"]')
    written(tmp_path, "county.toml", wrong)
    with pytest.raises(BadRules, match="geohazards: hazard_point"):
        check_layers(read_rulesets(tmp_path)["county"], discover(), "county")


def test_rule_sets_are_named_by_their_files_and_chosen_by_name(tmp_path):
    written(tmp_path, "flood.toml", SHIPPED.replace('version = "2026.1"', 'version = "flood-1"'))
    known = {DEFAULT_RULES: default_rules()} | read_rulesets(tmp_path)
    assert choose_rules(known, None).version == "2026.1"
    assert choose_rules(known, "flood").version == "flood-1"
    with pytest.raises(InputError, match="flood"):
        choose_rules(known, "nonesuch")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("maximum = 35", "maximum = 36", "101"),
        ("red = 25, orange = 15", "red = 5, orange = 15", "must not rise"),
        ("reach_m = 3000", "reach_m = -1", "reach_m"),
        ('version = "2026.1"', "", "version"),
        ("[grades]", "[grades", "line 8"),
    ],
)
def test_the_check_names_the_place_and_the_reason(tmp_path, before, after, said, monkeypatch):
    monkeypatch.setenv("ONEMAP_LANG", "en")
    path = written(tmp_path, "county.toml", SHIPPED.replace(before, after, 1))
    result = CliRunner().invoke(build(), ["rules", "check", str(path)])
    assert isinstance(result.exception, BadRules)
    assert said in result.exception.message.en


def test_the_check_says_what_a_good_file_holds(tmp_path, monkeypatch):
    monkeypatch.setenv("ONEMAP_LANG", "en")
    path = written(tmp_path, "county.toml", SHIPPED)
    result = CliRunner().invoke(build(), ["rules", "check", str(path)])
    assert result.exit_code == 0
    assert "5 factors" in result.output
