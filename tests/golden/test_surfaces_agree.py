"""The wall's style, the rendered map and the legend show one symbol: its colour, size and glyph, from their pixels."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from geo.cartography.frame import Inset, frame_around
from geo.cartography.legend import legend_entries
from geo.cartography.legend_picture import draw_legend
from geo.cartography.picture import PictureSpec, draw_picture
from geo.cartography.studio import Studio
from geo.cartography.theme import Themes
from geo.database import Database
from geo.selection import Selection
from layers.feature import GeometryKind
from layers.registry import discover
from layers.severity import RiskGrade
from tests.pixels import of_colour
from tests.seeding import insert

REGISTRY = discover()
LAYERS = [layer.name for layer in REGISTRY.searchable()]
GRADES = [*RiskGrade, None]
RATIO = 3
SIZE = (480, 96)
FRAME = frame_around(115.0, 25.0, 150.0, *SIZE, Inset())
PLACES = [FRAME.lonlat(48 + 96 * number, 48) for number in range(5)]


def _wkt(kind: GeometryKind, lon: float, lat: float) -> str:
    """A feature so small that its mark hides it."""
    e = 1e-6
    if kind in (GeometryKind.POINT, GeometryKind.ANY):
        return f"POINT({lon} {lat})"
    if kind is GeometryKind.LINE:
        return f"MULTILINESTRING(({lon - e} {lat}, {lon + e} {lat}))"
    return f"MULTIPOLYGON((({lon - e} {lat - e}, {lon + e} {lat - e}, {lon} {lat + e}, {lon - e} {lat - e})))"


@pytest.fixture(scope="module")
def rows(module_database_url: str) -> str:
    """Five features of every layer, worst grade first."""
    for name in LAYERS:
        for number, (grade, place) in enumerate(zip(GRADES, PLACES, strict=True)):
            insert(module_database_url, name, _wkt(REGISTRY[name].geometry, *place), f"g-{number}", grade=grade)
    return module_database_url


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    made = Studio(REGISTRY)
    yield made
    made.close()


def evaluate(expression, zoom: float, properties: dict[str, object]):
    """The part of MapLibre's expressions that our styles use."""
    if not isinstance(expression, list):
        return expression
    kind, *rest = expression

    def value(each):
        return evaluate(each, zoom, properties)

    if kind == "get":
        return properties.get(rest[0])
    if kind == "coalesce":
        return next((found for found in map(value, rest) if found is not None), None)
    if kind == "concat":
        return "".join(str(value(each)) for each in rest)
    if kind == "match":
        given, *pairs, otherwise = rest
        cases = dict(zip(pairs[::2], pairs[1::2], strict=True))
        return value(cases.get(value(given), otherwise))
    if kind == "step":
        _, first, *pairs = rest
        reached = [result for stop, result in zip(pairs[::2], pairs[1::2], strict=True) if zoom >= stop]
        return value(reached[-1] if reached else first)
    assert kind == "interpolate", kind
    stops = rest[2::2]
    return float(np.interp(zoom, stops, [value(each) for each in rest[3::2]]))


def pixels(content: bytes):
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGBA"), dtype=np.int16)


def ink(patch, paint):
    """Where a mark is neither its fill nor what lies around: glyph and edge."""
    return of_colour(patch[..., :3], paint.ink, 70)


def likeness(one, other) -> float:
    """Intersection over union of two masks, the second drawn to the first's size."""
    resized = Image.fromarray(other.astype(np.uint8) * 255).resize(one.shape[::-1], Image.Resampling.BILINEAR)
    second = np.asarray(resized) > 127
    return float((one & second).sum() / max((one | second).sum(), 1))


def box_of(mask) -> tuple[slice, slice]:
    found_rows, found_columns = np.nonzero(mask)
    return slice(found_rows.min(), found_rows.max() + 1), slice(found_columns.min(), found_columns.max() + 1)


@pytest.mark.parametrize("theme_name", Themes().names)
@pytest.mark.parametrize("name", LAYERS)
async def test_the_three_surfaces_agree(rows, studio, name, theme_name):
    theme = studio.themes.get(theme_name)
    layer, database = REGISTRY[name], Database(rows)
    (symbology,) = studio.symbologies(theme, [layer])
    sprite = await studio.sprite(theme_name, RATIO)
    sheet, index = pixels(sprite.png), json.loads(sprite.index)
    style = studio.style(theme_name, "zh", dict.fromkeys(REGISTRY, ""), "")
    (on_wall,) = [each for each in style["layers"] if each["id"] == f"{name}-symbol"]
    try:
        spec = PictureSpec(Selection((layer,)), FRAME, theme_name, labels=False, scale=float(RATIO))
        picture = pixels((await draw_picture(studio, database, spec)).content)
    finally:
        await database.close()
    (entry,) = legend_entries([symbology], {name: dict.fromkeys(["red", "orange", "yellow", "blue", "none"], 1)})
    legend = pixels(draw_legend(studio, theme, [entry], "zh", "png", float(RATIO)))
    legend_rows = {item.grade: number for number, item in enumerate(entry.items)}

    def cut(name: str):
        """An icon of the sprite, on land, without what is transparent around it."""
        cell = index[name]
        wall = sheet[cell["y"] : cell["y"] + cell["height"], cell["x"] : cell["x"] + cell["width"]]
        share = wall[..., 3:] / 255
        on_land = wall[..., :3] * share + np.array(list(bytes.fromhex(theme.surface.land[1:]))) * (1 - share)
        return on_land[box_of(wall[..., 3] > 127)].astype(np.int16)

    headed = len(entry.items) > 1 or bool(entry.items[0].code.zh)
    for number, grade in enumerate(GRADES):
        properties = {"grade": grade.value} if grade else {}
        icon = evaluate(on_wall["layout"]["icon-image"], FRAME.zoom, properties)
        size = evaluate(on_wall["layout"]["icon-size"], FRAME.zoom, properties)
        paint = symbology.paint(grade)
        on_sheet = cut(icon)
        # The rendered map: the same box of what differs from the empty land around it.
        middle = (48 + 96 * number) * RATIO
        patch = picture[:, middle - 40 * RATIO : middle + 40 * RATIO]
        drawn = np.abs(patch[..., :3] - patch[0, 0, :3]).max(axis=2) > 6
        on_map = patch[box_of(drawn)]
        wanted = on_sheet.shape[1] * size
        assert abs(on_map.shape[1] - wanted) <= 3.5, (
            f"{grade}: {on_map.shape[1]} px on the map, {wanted:.1f} on the wall"
        )
        # The legend: its row's left end.
        top = (6 + 22 * (legend_rows["none" if grade is None else grade.value] + headed)) * RATIO
        row = legend[round(top) : round(top + 22 * RATIO), 8 * RATIO : 36 * RATIO]
        beside = np.abs(row[..., :3] - legend[0, -1, :3]).max(axis=2) > 6
        in_legend = row[box_of(beside)]
        for surface, found in (("wall", on_sheet), ("map", on_map), ("legend", in_legend)):
            assert of_colour(found[..., :3], paint.fill, 6).mean() > 0.06, f"{grade}: the fill on the {surface}"
        if "-" in icon:
            # Of all glyphs on this shape its own is the most like what is drawn: thin strokes half a pixel apart
            # overlap little, strokes of another drawing overlap less.
            shape = icon.split("-")[0]
            others = {each: ink(cut(each), paint) for each in index if each.startswith(f"{shape}-")}
            for surface, found in (("map", on_map), ("legend", in_legend)):
                scores = {each: likeness(mask, ink(found, paint)) for each, mask in others.items()}
                assert scores[icon] > 0.33, f"{grade}: the glyph on the {surface}"
                assert scores[icon] >= max(scores.values()), f"{grade}: {max(scores, key=scores.get)} on the {surface}"
