"""The abstract tests of WMS 1.3.0 (OGC 06-042 annex A) about maps and pixels of them: GetMap and GetFeatureInfo.

For a service of vectors without TIME, in the order of the list that the OGC publishes.
"""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from geo.cartography.theme import Themes
from geo.cartography.wms_request import IMAGE_FORMATS
from tests.pixels import of_colour
from tests.seeding import insert
from tests.wms import INFO, MAP, WMS, ask, capabilities, code_of, named, old, pixels, texts

RED = Themes().get("light").grades["red"].fill


# GetMap


async def test_every_layer_is_drawn_in_every_style_it_tells(client):
    wanted = MAP | {"WIDTH": "40", "HEIGHT": "40"}
    for place, layer in enumerate(named(await capabilities(client))):
        styles = ["", *texts(layer, "Style/Name")]
        # Each layer in one style and each style with some layers: all of them together would take too long.
        for style in styles if place == 0 else [styles[place % len(styles)]]:
            answer = await ask(client, **(wanted | {"LAYERS": texts(layer, "Name")[0], "STYLES": style}))
            assert answer.headers["content-type"] == "image/png"


async def test_every_format_is_answered_with_itself(client):
    for media in IMAGE_FORMATS:
        answer = await ask(client, **(MAP | {"FORMAT": media}))
        assert answer.headers["content-type"].partition(";")[0] == media.partition(";")[0]


async def test_a_box_without_an_area_is_refused(client):
    no_area = (
        "25.02,114.984,24.98,115.024",
        "25,114.984,25,115.024",
        "24.98,115.024,25.02,114.984",
        "24.98,115,25.02,115",
    )
    for box in no_area:
        assert code_of(await ask(client, 400, **(MAP | {"BBOX": box}))) == "InvalidParameterValue"
        assert code_of(await ask(client, 400, **(INFO | {"BBOX": box}))) == "InvalidParameterValue"


async def test_a_box_in_exponents_is_the_same_and_one_elsewhere_is_empty(client):
    written = await ask(client, **(MAP | {"BBOX": "2.498e1,1.14984E+2,25.02e0,115024e-3"}))
    assert written.content == (await ask(client, **MAP)).content
    for box in ("-25.02,-115.024,-24.98,-114.984", "100,200,101,201"):
        empty = await pixels(client, MAP, BBOX=box)
        assert (empty == 255).all()


async def test_pixels_are_areas_so_that_halves_of_a_map_make_the_whole(client):
    plain = MAP | {"LAYERS": "forest_zones", "WIDTH": "400", "HEIGHT": "200"}
    whole = await pixels(client, plain | {"BBOX": "24.98,114.96,25.0,115.0"})
    left = await pixels(client, plain | {"BBOX": "24.98,114.96,25.0,114.98", "WIDTH": "200"})
    right = await pixels(client, plain | {"BBOX": "24.98,114.98,25.0,115.0", "WIDTH": "200"})
    # The zone begins at 114.99° E: its outline is at the middle of the right half, whichever picture shows it.
    for drawn, column in ((whole, 300), (right, 100)):
        inked = (drawn[:90] != 255).any(axis=(0, 2))
        assert abs(int(np.flatnonzero(inked)[0]) - column) <= 2
    assert (left == 255).all()
    assert (whole[:, :200] == left).all()


async def test_a_stretched_map_keeps_every_place_at_its_share(client):
    square = of_colour(await pixels(client, MAP), RED)
    wide = of_colour(await pixels(client, MAP, WIDTH="800", HEIGHT="200"), RED)
    for drawn, width, height in ((square, 400, 400), (wide, 800, 200)):
        rows, columns = np.nonzero(drawn)
        assert (columns.min() + columns.max()) / 2 / width == pytest.approx(0.5, abs=0.01)
        assert (rows.min() + rows.max()) / 2 / height == pytest.approx(0.5, abs=0.015)


async def test_one_unknown_layer_or_style_is_enough_for_a_refusal(client):
    for layers in ("nowhere", "nowhere,hazard_points", "hazard_points,nowhere"):
        assert code_of(await ask(client, 400, **(MAP | {"LAYERS": layers}))) == "LayerNotDefined"
    assert code_of(await ask(client, 400, **(MAP | {"STYLES": "nowhere"}))) == "StyleNotDefined"
    for styles in ("nowhere,", ",nowhere", "light,nowhere"):
        two = MAP | {"LAYERS": "hazard_points,shelters", "STYLES": styles}
        assert code_of(await ask(client, 400, **two)) == "StyleNotDefined"


async def test_default_styles_may_be_written_in_every_way(client):
    two = MAP | {"LAYERS": "shelters,hazard_points"}
    named_ = (await ask(client, **(two | {"STYLES": "light,light"}))).content
    for word in ("", ",", "light,", ",light", "default,"):
        assert (await ask(client, **(two | {"STYLES": word}))).content == named_


async def test_more_layers_than_the_limit_are_refused_and_as_many_are_drawn(client):
    limit = int((await capabilities(client)).findtext(f"{WMS}Service/{WMS}LayerLimit"))
    many = MAP | {"WIDTH": "40", "HEIGHT": "40", "LAYERS": ",".join(["shelters"] * limit)}
    await ask(client, **many)
    assert code_of(await ask(client, 400, **(many | {"LAYERS": many["LAYERS"] + ",shelters"}))) is not None


async def test_the_largest_size_is_what_the_capabilities_tell(client):
    root = await capabilities(client)
    for name in ("Width", "Height"):
        most = int(root.findtext(f"{WMS}Service/{WMS}Max{name}"))
        thin = MAP | {"WIDTH": "8", "HEIGHT": "8"}
        drawn = await pixels(client, thin, **{name.upper(): str(most)})
        assert max(drawn.shape) == most
        assert code_of(await ask(client, 400, **(thin | {name.upper(): str(most + 1)}))) == "InvalidParameterValue"
    assert (await pixels(client, MAP, WIDTH="1", HEIGHT="1")).shape == (1, 1, 3)


async def alpha(client, **changes) -> np.ndarray:
    answer = await ask(client, **(MAP | changes))
    with Image.open(io.BytesIO(answer.content)) as image:
        return np.asarray(image.convert("RGBA"))


async def test_a_map_is_opaque_white_unless_asked_otherwise(client):
    for changes in ({}, {"TRANSPARENT": "FALSE"}):
        drawn = await alpha(client, **changes)
        assert drawn[0, 0].tolist() == [255, 255, 255, 255]
        assert (drawn[..., 3] == 255).all()
    clear = await alpha(client, TRANSPARENT="TRUE")
    assert clear[0, 0, 3] == 0
    assert clear[..., 3].max() == 255
    assert (await alpha(client, BGCOLOR="0x0000FF"))[0, 0].tolist() == [0, 0, 255, 255]


async def test_refusals_come_as_the_exceptions_parameter_says(client):
    wrong = MAP | {"LAYERS": "nowhere"}
    for word in (None, "XML"):
        answer = await ask(client, 400, **wrong, EXCEPTIONS=word)
        assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    for media in ("image/png", "image/jpeg", "image/webp"):
        for word in ("INIMAGE", "BLANK"):
            answer = await ask(client, **(wrong | {"EXCEPTIONS": word, "FORMAT": media}))
            assert answer.headers["content-type"] == media
    blank = await ask(client, **wrong, EXCEPTIONS="BLANK", TRANSPARENT="TRUE")
    with Image.open(io.BytesIO(blank.content)) as image:
        assert (np.asarray(image.convert("RGBA"))[..., 3] == 0).all()
    red = await pixels(client, wrong, EXCEPTIONS="BLANK", BGCOLOR="0xFF0000")
    assert (red == [255, 0, 0]).all()


async def test_a_day_that_is_not_served_is_refused_and_never_shown_as_another(client):
    # TIME is reserved: no layer tells a dimension, what has none ignores it, and no past is answered with the present.
    assert list((await capabilities(client)).iter(f"{WMS}Dimension")) == []
    usual = await ask(client, **MAP)
    for word in ("current", "CURRENT", "now", ""):
        assert (await ask(client, **MAP, TIME=word)).content == usual.content
    for word in ("2020-01-01", "2020-01-01/2020-02-01/P1D", "2020-01-01,2020-01-02", "yesterday"):
        for request in (MAP, old(MAP), INFO):
            assert code_of(await ask(client, 400, **request, TIME=word)) == "InvalidDimensionValue"
    assert (await ask(client, **MAP, ELEVATION="100", DIM_WAVELENGTH="4000")).content == usual.content


# GetFeatureInfo


async def test_every_info_format_is_answered_with_itself_in_utf_8(client):
    for media in ("text/html", "application/json", "application/geo+json", "text/plain"):
        answer = await ask(client, **INFO, INFO_FORMAT=media)
        assert answer.headers["content-type"].partition(";")[0] == media
        assert "下坝组滑坡" in answer.content.decode("utf-8")
        if media.startswith("text/"):
            assert answer.headers["content-type"].endswith("charset=utf-8")


REFUSED_INFO = [
    ({"INFO_FORMAT": "image/x"}, "InvalidFormat"), ({"QUERY_LAYERS": "nowhere"}, "LayerNotDefined"),
    ({"QUERY_LAYERS": "divisions"}, "LayerNotQueryable"), ({"I": "400"}, "InvalidPoint"),
    ({"I": "-1"}, "InvalidPoint"), ({"J": "400"}, "InvalidPoint"), ({"J": "x"}, "InvalidPoint"),
    ({"I": None}, "MissingParameterValue"), ({"QUERY_LAYERS": None}, "MissingParameterValue"),
]  # fmt: skip


async def test_a_wrong_question_about_a_pixel_is_refused_in_both_versions(client):
    for changes, code in REFUSED_INFO:
        assert code_of(await ask(client, 400, **(INFO | changes))) == code
        before = {{"I": "X", "J": "Y"}.get(name, name): value for name, value in changes.items()}
        assert code_of(await ask(client, 400, **(old(INFO) | before))) == code


async def test_one_feature_of_each_layer_is_told_unless_more_are_asked_for(client, small_city):
    for number in range(3):
        insert(small_city, "hazard_points", "POINT(115.004 25)", f"same-{number}")

    async def told(**changes: str) -> int:
        answer = await ask(client, **(INFO | {"INFO_FORMAT": "application/json"} | changes))
        return len(answer.json()["features"])

    assert await told() == await told(FEATURE_COUNT="1") == 1
    assert await told(FEATURE_COUNT="2") == 2
    assert await told(FEATURE_COUNT="100") == 4
    assert code_of(await ask(client, 400, **INFO, FEATURE_COUNT="0")) == "InvalidParameterValue"
