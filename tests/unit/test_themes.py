"""Themes are files that a bureau can edit; a theme in which grades cannot be told apart is refused with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.cartography.theme import BUILT_IN, ThemeError, Themes, contrast
from layers.severity import RiskGrade


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#FFFFFF", 21.0), ("#777777", "#FFFFFF", 4.48)])
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize("name", ["light", "dark", "print"])
def test_in_every_built_in_theme_marks_and_texts_stand_off_their_ground(name):
    theme = Themes().get(name)
    for grade in (*RiskGrade, None):
        paint = theme.grade(grade)
        assert contrast(paint.ink, paint.fill) >= 3.5
        assert contrast(paint.text, theme.surface.panel) >= 4.5
        assert max(contrast(colour, theme.surface.land) for colour in (paint.fill, paint.edge)) >= 3


def test_light_fills_that_are_faint_on_land_have_an_edge_that_is_not():
    theme = Themes().get("light")
    assert contrast(theme.grades["yellow"].fill, theme.surface.land) < 1.5
    assert contrast(theme.grades["yellow"].edge, theme.surface.land) > 10


def own_theme(folder: Path, *changes: tuple[str, str]) -> Path:
    text = (BUILT_IN / "light.toml").read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    folder.joinpath("bureau.toml").write_text(text, "utf-8")
    return folder


def test_a_bureau_adds_a_theme_of_its_own_by_a_file(tmp_path):
    themes = Themes(own_theme(tmp_path, ('fill = "#007A66"', 'fill = "#005A9C"')))
    assert "bureau" in themes.names
    assert themes.get("bureau").resource.fill == "#005A9C"
    assert themes.get("light").resource.fill == "#007A66"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ((('ink = "#0D1319"', 'ink = "#F0483E"'),), "ink on fill"),
        ((("[grades.none]", "[grades.green]"),), "grades"),
        ((('land = "#F4F5F1"', 'land = "blue"'),), "surface.land"),
        ((('land = "#F4F5F1"', ""),), "surface.land"),
        ((("[surface]", "[surface"),), "]"),
    ],
)
def test_a_theme_that_would_mislead_is_refused_with_the_place_and_the_reason(tmp_path, changes, reason):
    with pytest.raises(ThemeError) as refusal:
        Themes(own_theme(tmp_path, *changes))
    assert "bureau.toml" in refusal.value.message.zh
    assert reason in refusal.value.message.en


def test_an_unknown_theme_is_named_with_the_known_ones():
    with pytest.raises(ThemeError) as refusal:
        Themes().get("../../etc/passwd")
    assert "light" in refusal.value.message.en


def test_a_theme_without_water_draws_rivers_as_it_draws_boundaries(tmp_path):
    text = (BUILT_IN / "light.toml").read_text("utf-8").partition("[water]")[0]
    (tmp_path / "old.toml").write_text(text, "utf-8")
    theme = Themes(tmp_path).get("old")
    assert (theme.rivers.color, theme.rivers.label) == (theme.boundary.color, theme.boundary.label)
    light = Themes().get("light")
    assert light.rivers.color not in (light.boundary.color, theme.rivers.color)


def test_names_of_rivers_are_read_on_their_land(tmp_path):
    with pytest.raises(ThemeError, match="label"):
        Themes(own_theme(tmp_path, ('label = "#1F5F87"', 'label = "#CFE0EA"')))
