"""A bureau's own template: what may stand in it, and what is said of what may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geo.exhibits.template import TemplateError, Templates, read_template
from layers.registry import discover

GOOD = """
kind = "hazards"
title = { zh = "村级隐患图", en = "Hazards of a village" }
heading = { zh = "{division}风险隐患明白图" }
layers = ["hazard_points"]
parts = ["locator", "counts", "list"]
[letterhead]
organisation = { zh = "某县应急管理局" }
logo = "logo.svg"
[colours]
accent = "#7A1F2B"
choropleth = ["#FFF5EB", "#FDD0A2", "#F16913", "#A63603"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "village.toml").write_text(GOOD, "utf-8")
    (tmp_path / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    return tmp_path


def test_a_template_is_read_with_its_letterhead_and_logo(folder):
    template = Templates(folder).get("village")
    assert template.kind == "hazards"
    assert template.letterhead.organisation.get("en") == "某县应急管理局"
    assert template.logo_file is not None
    template.check(discover(), ("print",))
    assert any("村级隐患图" in line for line in template.told("zh"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('paprts = ["list"]', "paprts.*parts"),
        ('parts = ["lists"]', "parts"),
        ('kind = "hazard"', "kind"),
        ('paper = "A9"', "paper"),
        ("radius_m = [-1]", "radius_m"),
        ('[letterhead]\norganization = "x"', "organization.*organisation"),
        ('[colours]\naccent = "#EEEEEE"', "accent.*contrast"),
        ('[colours]\nchoropleth = ["#111111", "#222222", "#333333", "#444444"]', "darker"),
        ("[[[", "TOML"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(tmp_path, wrong, told):
    base = "" if wrong.startswith("kind") else 'kind = "hazards"\n'
    (tmp_path / "x.toml").write_text(f'{base}title = {{ zh = "图" }}\n{wrong}\n', "utf-8")
    with pytest.raises(TemplateError) as refused:
        read_template(tmp_path / "x.toml")
    assert re.search(told, refused.value.message.en, re.DOTALL), refused.value.message.en


def test_every_mistake_is_named_at_once(tmp_path):
    (tmp_path / "x.toml").write_text('kind = "nothing"\nsize = 3\n', "utf-8")
    with pytest.raises(TemplateError) as refused:
        read_template(tmp_path / "x.toml")
    assert all(word in refused.value.message.zh for word in ("kind", "size", "title"))


@pytest.mark.parametrize("logo", ["../logo.svg", "logo.gif", "none.svg", "fake.png"])
def test_a_logo_is_a_small_picture_beside_the_template(folder, logo):
    (folder / "fake.png").write_bytes(b"GIF89a")
    (folder / "village.toml").write_text(GOOD.replace("logo.svg", logo), "utf-8")
    with pytest.raises(TemplateError, match="logo"):
        Templates(folder).get("village")


def test_a_layer_that_there_is_none_of_is_refused_with_the_nearest(folder):
    (folder / "village.toml").write_text(GOOD.replace("hazard_points", "hazard_point"), "utf-8")
    with pytest.raises(TemplateError, match="hazard_points"):
        Templates(folder).get("village").check(discover(), ("print",))


def test_an_unknown_template_is_told_with_those_that_are(folder):
    with pytest.raises(TemplateError, match="village"):
        Templates(folder).get("city")
    with pytest.raises(TemplateError):
        Templates(None).get("city")
