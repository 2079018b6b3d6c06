"""The READMEs say what is so: figures, commands, targets and files that they name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from api.cli import build
from geo.demo.city import PARTS
from geo.demo.outlines import city_outlines

ROOT = Path(__file__).resolve().parents[2]
READMES = ["README.md", "README.zh-CN.md"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_the_demos_figures_are_the_demos(name: str) -> None:
    text = text_of(name)
    for part in PARTS:
        if part.demo:
            assert f"{part.count:,} " in text, part.layer


@pytest.mark.parametrize("name", READMES)
def test_every_division_that_is_asked_about_is_one_of_the_demos(name: str) -> None:
    asked = set(re.findall(r"\b36\d{4}\b", text_of(name)))
    assert asked
    assert asked <= {each.code for each in city_outlines()}


@pytest.mark.parametrize("name", READMES)
def test_every_command_that_is_named_exists_with_its_options(name: str) -> None:
    commands = getattr(typer.main.get_command(build()), "commands", {})
    named = re.findall(r"(?:\.venv/bin/|`)onemap (\w+)([^\n`#]*)", text_of(name))
    assert {command for command, _ in named} >= {"risk", "render", "import", "demo", "migrate", "status"}
    for command, rest in named:
        called = commands[command]
        if group := getattr(called, "commands", {}):
            word = rest.split()[0]
            called = called if word.startswith("--") else group[word]
        known = {option for each in called.params for option in each.opts} | {"--help"}
        assert set(re.findall(r"(?<= )--[a-z-]+", rest)) <= known, command


@pytest.mark.parametrize("name", READMES)
def test_every_make_target_that_is_named_exists(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {each for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for each in line.split()}
    targets |= {each for line in re.findall(r"^BENCHES = (.+)$", makefile, re.MULTILINE) for each in line.split()}
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text_of(name), re.MULTILINE))
    assert {"up", "down", "test", "check"} <= named <= targets


@pytest.mark.parametrize("name", [*READMES, "CHANGELOG.md"])
def test_every_link_leads_to_a_file(name: str) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", text_of(name)):
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize("name", READMES)
def test_every_folder_and_file_that_is_named_exists(name: str) -> None:
    for path in re.findall(r"`((?:layers|geo|api|notebooks|tests)/[\w./]*)`", text_of(name)):
        assert (ROOT / path).exists(), path


def test_both_languages_have_the_same_sections_and_commands() -> None:
    english, chinese = (text_of(name) for name in READMES)
    assert len(re.findall("^## ", english, re.MULTILINE)) == len(re.findall("^## ", chinese, re.MULTILINE))
    commands = [re.sub(r"\s+#.*", "", line) for line in re.findall(r"^(?:\.venv|curl|make).*", english, re.MULTILINE)]
    assert commands == [
        re.sub(r"\s+#.*", "", line) for line in re.findall(r"^(?:\.venv|curl|make).*", chinese, re.MULTILINE)
    ]
