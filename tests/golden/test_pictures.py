"""Golden pictures: what was looked at once and found good stays so.

``ONEMAP_GOLDEN=write python -m pytest tests/golden`` draws them anew; then look at them before they are committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geo.cartography.frame import frame_around, frame_of_box
from geo.cartography.furniture import inset_for
from geo.cartography.picture import PictureSpec, Question, draw_picture
from geo.cartography.studio import Studio
from geo.database import Database
from geo.selection import Box, Selection
from layers.registry import Registry, discover
from tests.pixels import read

HERE = Path(__file__).parent / "expected"
WRITING = os.environ.get("ONEMAP_GOLDEN") == "write"

SIZE = (900, 640)
INSET = inset_for(*SIZE, legend=True, strip=True)
NEAR = frame_around(115.0, 25.0, 4_400, *SIZE, INSET)
FAR = frame_of_box(Box(114.4, 24.7, 115.6, 25.3), *SIZE, INSET)
QUESTION = Question(115.0, 25.0, (2000.0, 4000.0))

FIXED = ("hazard_points", "reservoirs", "forest_zones", "enterprises", "shelters", "helipads")

PICTURES = {
    "near-light": (NEAR, "light", "zh", QUESTION),
    "near-dark": (NEAR, "dark", "en", QUESTION),
    "near-print": (NEAR, "print", "zh", None),
    "far-light": (FAR, "light", "zh", None),
}


def compare(name: str, content: bytes) -> None:
    """Few pixels may differ, and none of them wholly in great number: another version of a font, not another map."""
    path = HERE / f"{name}.png"
    if WRITING:
        HERE.mkdir(exist_ok=True)
        path.write_bytes(content)
        return
    drawn, expected = read(content), read(path.read_bytes())
    assert drawn.shape == expected.shape
    off = np.abs(drawn - expected).max(axis=2)
    if (off > 40).mean() > 0.002 or off.mean() > 0.5:
        Image.fromarray(drawn.astype(np.uint8)).save(path.with_suffix(".drawn.png"))
        pytest.fail(f"{path.name}: {(off > 40).mean():.2%} of the pixels differ; see {path.stem}.drawn.png beside it")


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_is_as_it_was_looked_at(town, name):
    frame, theme, lang, question = PICTURES[name]
    studio, database = Studio(discover()), Database(town)
    try:
        selection = Selection(tuple(studio.registry.searchable()))
        spec = PictureSpec(selection, frame, theme, lang, question)
        compare(name, (await draw_picture(studio, database, spec)).content)
    finally:
        await database.close()
        studio.close()


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
async def test_a_sprite_is_as_it_was_looked_at(theme):
    # Of fixed layers: a bureau that adds a layer of its own need not draw this sheet anew.
    every = discover()
    studio = Studio(Registry([every[name] for name in FIXED]))
    try:
        compare(f"sprite-{theme}", (await studio.sprite(theme, 2)).png)
    finally:
        studio.close()
