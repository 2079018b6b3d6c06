"""The Mapnik style: written once for all zooms between two at which it changes."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from geo.cartography import style_mapnik
from geo.cartography.engine import DrawLayer
from geo.cartography.style_mapnik import mapnik_style, with_halo
from geo.cartography.theme import Themes

ICONS = Path("/icons")
HATCHES = {"red": ICONS / "hatch-red.svg"}


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_the_style_of_a_step_is_that_of_every_zoom_in_it(theme):
    found = Themes(None).get(theme)
    for zoom in [*np.arange(-2, 25, 0.05), *style_mapnik._STEPS]:
        exactly = style_mapnik._written(found.model_dump_json(), float(zoom), ICONS, tuple(HATCHES.items()), ())
        assert mapnik_style(found, float(zoom), ICONS, HATCHES) == exactly, zoom


def test_a_place_without_a_zoom_has_a_style():
    assert mapnik_style(Themes(None).get("light"), float("nan"), ICONS, {}).startswith("<Map>")


@pytest.mark.parametrize("name", ["names", "ground-names"])
def test_bare_styles_are_the_styles_without_halos(name):
    theme = Themes(None).get("light")
    root = ElementTree.fromstring(mapnik_style(theme, 12.0, ICONS, HATCHES))
    styles = {style.attrib["name"]: style for style in root.iter("Style")}
    layer = with_halo(DrawLayer(name, (name,), "{}"), theme)
    assert layer.halo is not None
    for whole, bare in zip(layer.styles, layer.bare_styles, strict=True):
        haloed = list(styles[whole].iter("TextSymbolizer"))
        assert haloed
        assert {text.attrib["halo-radius"] for text in haloed} == {f"{layer.halo.radius_px:g}"}
        assert {text.attrib["halo-fill"] for text in haloed} == {layer.halo.color}
        for text in haloed:
            for attribute in ("halo-radius", "halo-fill", "halo-rasterizer"):
                del text.attrib[attribute]
        styles[whole].set("name", bare)
        assert ElementTree.tostring(styles[whole]) == ElementTree.tostring(styles[bare])
