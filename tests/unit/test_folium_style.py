"""Notebook maps look like all others, and nothing that a feature says becomes HTML."""

from __future__ import annotations

import folium
import pytest

from geo.cartography.folium_style import mark_icon, path_style
from geo.cartography.symbology import compile_layer
from geo.cartography.theme import Themes
from layers.registry import discover

LIGHT = Themes().get("light")
HAZARDS = compile_layer(discover()["hazard_points"], LIGHT)


@pytest.mark.parametrize("grade", ["red", "orange", "yellow", "blue", None])
def test_marks_and_areas_have_the_colours_of_their_grade(grade):
    paint = LIGHT.grades[grade or "none"]
    assert f'fill="{paint.fill}"' in mark_icon(HAZARDS, {"grade": grade}).options["html"]
    assert path_style(HAZARDS)({"properties": {"grade": grade}})["fillColor"] == paint.fill


def test_the_glyph_is_that_of_the_feature_s_kind():
    rockfall = mark_icon(HAZARDS, {"grade": "red", "hazard_type": "rockfall"}).options["html"]
    assert rockfall != mark_icon(HAZARDS, {"grade": "red"}).options["html"]


def test_what_a_feature_says_never_becomes_html():
    hostile = "<img src=x onerror=alert(1)>"
    properties = {"grade": hostile, "hazard_type": hostile, "name": hostile}
    assert "<img" not in mark_icon(HAZARDS, properties).options["html"]
    assert hostile not in path_style(HAZARDS)({"properties": properties}).values()


def test_a_map_with_marks_is_drawn_by_folium():
    page = folium.Map(location=(25, 115), tiles=None)
    folium.Marker((25, 115), icon=mark_icon(HAZARDS, {"grade": "red"})).add_to(page)
    assert "\\u003csvg" in page.get_root().render()
