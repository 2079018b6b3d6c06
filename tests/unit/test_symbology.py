"""One symbology: a grade is colour, shape and text code together, the same in style, sprite and legend."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from geo.cartography.boundaries import BOUNDARIES
from geo.cartography.drawing import draw_hatch
from geo.cartography.glyphs import has_glyph
from geo.cartography.icons import drawings_of
from geo.cartography.legend import legend_entries, legend_json
from geo.cartography.sprites import pack
from geo.cartography.studio import Studio
from geo.cartography.symbology import GRADES_WORST_FIRST, Shape, compile_layer, size_factor
from geo.cartography.theme import Themes, grade_key
from geo.errors import InputError
from layers.divisions import DIVISION_LEVELS
from layers.feature import GeometryKind
from layers.layer import Family, Layer, Symbol
from layers.registry import Registry, discover
from layers.severity import RiskGrade
from layers.text import Text

THEMES = Themes()
REGISTRY = discover()


def symbology(name: str, theme: str = "light"):
    return compile_layer(REGISTRY[name], THEMES.get(theme))


@pytest.fixture(scope="module")
def studio():
    made = Studio(REGISTRY)
    yield made
    made.close()


def toy(family: Family = Family.RISK, **changes: object) -> Layer:
    given: dict[str, object] = {"symbol": Symbol("warning"), "geometry": GeometryKind.POINT} | changes
    # Its own metadata would refuse a second table of the name.
    return Layer(name=f"toys_{len(Layer.__name__) + next(COUNTER)}", title=Text("玩具", "Toys"), family=family, **given)


COUNTER = iter(range(1000))


def test_every_grade_of_a_risk_has_a_shape_and_a_colour_of_its_own():
    marks = [symbology("hazard_points").mark(grade, "hazard-landslide") for grade in GRADES_WORST_FIRST]
    assert [mark.shape for mark in marks] == ["diamond", "triangle", "square", "circle", "ring"]
    assert len({mark.paint.fill for mark in marks}) == 5
    assert [symbology("hazard_points").grade_code(grade).zh for grade in GRADES_WORST_FIRST] == [*"红橙黄蓝未"]


def test_a_resource_without_grade_is_a_plate_and_with_one_shows_it():
    shelters = symbology("shelters")
    assert shelters.mark(None, "shelter").icon == "plate-shelter"
    assert shelters.mark(RiskGrade.RED, "shelter").icon == "red-shelter"
    assert shelters.grade_title(None) == REGISTRY["shelters"].title


@pytest.mark.parametrize("layer", REGISTRY.values(), ids=lambda layer: layer.name)
def test_every_declared_glyph_is_drawn(layer):
    if layer.family is not Family.BASE:
        assert has_glyph(layer.symbol.glyph)
        assert all(has_glyph(glyph) for glyph in layer.symbol.glyphs.values())


def test_every_level_of_division_is_told_how_it_is_drawn():
    assert {line.level for line in BOUNDARIES} == {choice.code for choice in DIVISION_LEVELS.values}


def test_a_layer_whose_drawing_does_not_exist_is_drawn_as_the_bare_shape():
    made = compile_layer(toy(symbol=Symbol("../../etc/passwd")), THEMES.get("light"))
    assert [mark.icon for mark in made.marks] == ["red", "orange", "yellow", "blue", "none"]


def test_worse_grades_are_never_drawn_smaller_and_all_grow_with_the_zoom():
    for zoom in np.arange(0, 22, 0.25):
        sizes = [size_factor(zoom, grade) for grade in GRADES_WORST_FIRST]
        assert sizes == sorted(sizes, reverse=True)
    for grade in GRADES_WORST_FIRST:
        sizes = [size_factor(zoom, grade) for zoom in np.arange(0, 22, 0.25)]
        assert sizes == sorted(sizes)


async def test_the_sprite_holds_every_icon_the_style_can_name(studio):
    index = json.loads((await studio.sprite("light", 1)).index)
    for name in REGISTRY:
        if symbology(name).has_marks:
            assert {mark.icon for mark in symbology(name).marks} <= set(index)
    style = json.dumps(studio.style("light", "zh", dict.fromkeys(REGISTRY, ""), ""))
    for grade in ("red", "orange", "yellow", "blue"):
        assert f"hatch-{grade}" in index
        assert f'"hatch-{grade}"' in style


async def test_icons_do_not_touch_each_other_in_the_sheet(studio):
    cells, width, height = pack(studio.drawings(THEMES.get("dark")))
    taken = np.zeros((height, width), dtype=int)
    for cell in cells.values():
        taken[cell.y : cell.y + cell.edge, cell.x : cell.x + cell.edge] += 1
    assert taken.max() == 1


@pytest.mark.parametrize("theme", THEMES.names)
@pytest.mark.parametrize("grade", GRADES_WORST_FIRST, ids=grade_key)
async def test_the_sprite_shows_each_grade_in_its_own_colours_and_at_every_ratio(studio, theme, grade):
    paint = THEMES.get(theme).grade(grade)
    for ratio in (1, 2):
        sprite = await studio.sprite(theme, ratio)
        place = json.loads(sprite.index)[grade_key(grade)]
        with Image.open(io.BytesIO(sprite.png)) as sheet:
            box = (place["x"], place["y"], place["x"] + place["width"], place["y"] + place["height"])
            icon = np.asarray(sheet.convert("RGBA").crop(box), dtype=int)
        middle = icon[icon.shape[0] // 2, icon.shape[1] // 2]
        assert tuple(middle) == (*bytes.fromhex(paint.fill[1:]), 255)
        assert (np.abs(icon[..., :3] - list(bytes.fromhex(paint.edge[1:]))).max(axis=2) < 12).any()
        assert (icon[0, :, 3] == 0).all(), "an icon is not cut by its cell"


def test_the_five_silhouettes_differ_in_black_and_white():
    theme = THEMES.get("print")
    drawn = {grade: compile_layer(REGISTRY["hazard_points"], theme).mark(grade, None).shape for grade in [*RiskGrade]}
    assert len(set(drawn.values())) == 4
    assert Shape.RING not in drawn.values()


@pytest.mark.parametrize("grade", ["red", "orange", "yellow", "blue"])
def test_a_hatch_is_seamless_and_stays_in_its_cell(grade):
    svg = draw_hatch(grade, THEMES.get("light"))
    numbers = [
        float(word)
        for word in svg.text.rsplit('d="', 1)[1]
        .split('"')[0]
        .replace("M", " ")
        .replace("L", " ")
        .replace("z", " ")
        .split()
    ]
    assert max(map(abs, numbers)) <= svg.edge_px / 2 + 1e-6


async def test_an_unknown_ratio_or_theme_is_refused(studio):
    with pytest.raises(InputError):
        await studio.sprite("light", 7)
    with pytest.raises(InputError):
        await studio.sprite("nope", 1)


def test_the_style_version_changes_with_a_declaration():
    one, other = Studio(Registry([toy()])), Studio(Registry([toy(symbol=Symbol("shelter"))]))
    try:
        assert one.style_version("light") != other.style_version("light")
        assert one.style_version("light") != one.style_version("dark")
    finally:
        one.close()
        other.close()


def test_a_legend_lists_all_five_grades_of_a_risk_even_at_zero_and_never_the_base_map():
    symbologies = [compile_layer(layer, THEMES.get("light")) for layer in REGISTRY.values()]
    counts = {"hazard_points": {"red": 3}, "shelters": {"none": 7}, "divisions": {"none": 9}}
    entries = {entry["layer"]: entry for entry in legend_json(legend_entries(symbologies, counts), "zh")["entries"]}
    assert [item["count"] for item in entries["hazard_points"]["items"]] == [3, 0, 0, 0, 0]
    assert [item["grade"] for item in entries["shelters"]["items"]] == ["none"]
    assert entries["shelters"]["items"][0]["color"] == THEMES.get("light").resource.fill
    assert "divisions" not in entries


def test_the_legend_names_icons_that_the_sprite_holds():
    symbologies = [compile_layer(layer, THEMES.get("light")) for layer in REGISTRY.values()]
    icons = drawings_of(symbologies, THEMES.get("light"))
    for entry in legend_entries(symbologies, {}):
        for item in entry.items:
            assert item.mark.icon in icons
