"""A print in grey still tells the grades: by silhouette always, by lightness from one grade to the next."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from geo.cartography.symbology import GRADES_WORST_FIRST, compile_layer
from geo.cartography.theme import Themes, contrast
from geo.exhibits.design import GROUND, REACHES
from geo.exhibits.panel_style import CHOROPLETH
from geo.exhibits.reach import REACH_M
from layers.registry import discover

THEMES = Themes()


def lightness(colour: str) -> float:
    """L* of CIE 1976, 0 to 100: the grey that a reader sees. From the contrast against black, (Y + 0.05) / 0.05."""
    y = contrast(colour, "#000000") * 0.05 - 0.05
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def test_lightness_is_that_of_known_colours():
    assert lightness("#FFFFFF") == pytest.approx(100, abs=0.1)
    assert lightness("#000000") == pytest.approx(0, abs=0.1)
    assert lightness("#777777") == pytest.approx(50.0, abs=0.5)


@pytest.mark.parametrize("name", [each.name for each in discover().values() if each.family == "risk"])
def test_no_two_grades_look_alike_in_grey(name):
    symbology = compile_layer(discover()[name], THEMES.get("print"))
    marks = {grade: symbology.mark(grade, None) for grade in GRADES_WORST_FIRST}
    for one, other in combinations(marks.values(), 2):
        assert one.shape is not other.shape, "colour never works alone"
    fills = {grade: lightness(mark.paint.fill) for grade, mark in marks.items()}
    # Red and blue may share a grey (diamond and circle do not); the steps between neighbours may not.
    ordered = [fills[grade] for grade in GRADES_WORST_FIRST[:3]]
    assert all(abs(one - other) >= 8 for one, other in combinations(ordered, 2))


@pytest.mark.parametrize("name", THEMES.names)
def test_each_glyph_and_word_stays_readable_in_grey(name):
    theme = THEMES.get(name)
    for key, paint in theme.grades.items():
        assert abs(lightness(paint.ink) - lightness(paint.fill)) >= 35, f"the glyph of {key}"
        assert abs(lightness(paint.text) - lightness(theme.surface.panel)) >= 40, f"the word of {key}"


def test_the_steps_of_a_choropleth_are_told_apart_in_grey():
    steps = [lightness(colour) for colour in CHOROPLETH]
    assert all(lighter - darker >= 8 for lighter, darker in pairwise(steps))


def test_the_reach_of_each_resource_is_told_by_its_line_alone():
    lines = [(each.width_mm, each.dash_mm) for each in REACHES.values()]
    assert len(set(lines)) == len(lines) == len(REACH_M)


def test_rivers_and_their_names_stand_off_the_paper_in_grey():
    theme = THEMES.get("print")
    for ground in (GROUND, "#EEF2E2", "#DACAB6"):
        assert lightness(ground) - lightness(theme.rivers.color) >= 20
        assert lightness(ground) - lightness(theme.rivers.label) >= 40
