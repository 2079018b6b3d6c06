"""Halos laid by us: held to a slow computation of our own, and to Mapnik's halo."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from geo.cartography.engine import Drawing, DrawLayer, draw
from geo.cartography.fonts import require_fonts
from geo.cartography.halo import _STRIPE_ROWS, Halo, lay_over

RIM = Halo("#FF8001", 1.7)


def letters(rng, height, width, density=0.2):
    """Scattered pixels of several colours, many of them half covered."""
    drawn = rng.integers(0, 256, (height, width, 4), np.uint8)
    drawn[rng.random((height, width)) > density] = 0
    return drawn


def slowly(base, text, halo, reach):
    """The same in floating point, pixel by pixel: rim over base, letters over both; colours times their cover."""
    height, width, _ = base.shape
    left = 1 - text[:, :, 3] / 255
    rim = np.array([int(halo.color[at : at + 2], 16) for at in (1, 3, 5)] + [255]) if halo else np.zeros(4)
    made = np.zeros((height, width, 4))
    for y in range(height):
        for x in range(width):
            window = left[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
            covers = base[y, x, 3] / 255
            below = np.append(base[y, x, :3] * covers, base[y, x, 3])
            kept = np.prod(window) if halo else left[y, x]
            under = below * kept + rim * (1 - kept) if halo else below
            made[y, x] = under * left[y, x] + np.append(text[y, x, :3], 255) * (1 - left[y, x])
    return made


def seen(pixels):
    """Colours times their cover: what an eye tells apart."""
    return np.dstack([pixels[:, :, :3] * (pixels[:, :, 3:] / 255), pixels[:, :, 3]])


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("opaque", [True, False])
def test_rim_and_letters_cover_as_a_slow_computation_says(scale, opaque):
    rng = np.random.default_rng(7)
    base, text = rng.integers(0, 256, (150, 40, 4), np.uint8), letters(rng, 150, 40, 0.05)
    if opaque:
        base[:, :, 3] = 255
    expected = slowly(base, text, RIM, int(1.7 * scale))
    lay_over(base, text, RIM, scale)
    assert np.abs(seen(base) - expected).max() < 3


def test_letters_without_a_rim_are_only_blended():
    rng = np.random.default_rng(8)
    base, text = rng.integers(0, 256, (30, 30, 4), np.uint8), letters(rng, 30, 30)
    base[:, :, 3] = 255
    expected = slowly(base, text, None, 0)
    lay_over(base, text, None)
    assert np.abs(seen(base) - expected).max() < 3


def test_what_no_letter_is_near_stays_as_it_was():
    base = np.random.default_rng(9).integers(1, 254, (300, 20, 4), np.uint8)
    text = np.zeros_like(base)
    text[_STRIPE_ROWS - 1, 19] = (0, 0, 0, 255)  # at the end of a row, beside the edge of a stripe
    before = base.copy()
    lay_over(base, text, RIM)
    changed = np.argwhere((base != before).any(axis=2))
    assert changed.min(axis=0).tolist() == [_STRIPE_ROWS - 2, 18]
    assert changed.max(axis=0).tolist() == [_STRIPE_ROWS, 19]
    assert base[_STRIPE_ROWS - 1, 19].tolist() == [0, 0, 0, 255]
    assert base[_STRIPE_ROWS, 18].tolist() == [255, 128, 1, 255]


TEXT = '<TextSymbolizer face-name="Noto Sans CJK SC Regular" size="12" fill="#3B4855" {halo}>[name]</TextSymbolizer>'
MAPNIKS = 'halo-fill="#FFFFFF" halo-radius="1.7" halo-rasterizer="fast"'
STYLE = "<Map>{}</Map>".format(
    "".join(
        f'<Style name="{name}"><Rule>{TEXT.format(halo=halo)}</Rule></Style>'
        for name, halo in (("names", MAPNIKS), ("bare", ""))
    )
)
NAMES = (
    '{"type":"FeatureCollection","features":['
    '{"type":"Feature","properties":{"name":"东坑背屋"},"geometry":{"type":"Point","coordinates":[0.5,0.6]}},'
    '{"type":"Feature","properties":{"name":"樟树 12"},"geometry":{"type":"Point","coordinates":[0.4,0.2]}}]}'
)


def picture(background, halo, scale):
    layer = DrawLayer("names", ("names",), NAMES, halo=halo, bare_styles=("bare",))
    content = draw(
        Drawing(120, 80, "+proj=longlat +ellps=GRS80 +no_defs", (0, 0, 1.2, 0.8), STYLE, (layer,), background),
        "png",
        scale,
    )
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGBA")).astype(float)


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("background", ["#204060", None])
def test_a_picture_shows_the_halo_that_mapnik_draws(background, scale):
    require_fonts()
    ours, theirs = picture(background, Halo("#FFFFFF", 1.7), scale), picture(background, None, scale)
    off = np.abs(seen(ours) - seen(theirs))
    assert off.max() <= 12
    assert off.mean() < 0.5
    assert (seen(ours)[:, :, 0] > 200).sum() > 300 * scale
