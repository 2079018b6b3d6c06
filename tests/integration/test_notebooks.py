"""The notebooks run as they are printed: the same words, the same pictures, and the database as it was.

``ONEMAP_WRITE_NOTEBOOKS=1 .venv/bin/pytest tests/integration/test_notebooks.py`` runs them anew and keeps the outputs;
look at them before they are committed.
"""

from __future__ import annotations

import base64
import io
import os
import re

import nbformat
import numpy as np
import psycopg
import pytest
from PIL import Image

from geo.demo.loading import DemoState, demo_state, load_demo
from tests.notebooks import FOLDER, execute, pictures, texts

NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


def assert_alike(now: str, before: str) -> None:
    """Two pictures (base64 PNG) show the same. Another machine's fonts may shift a name by a pixel, no more."""
    new, old = (
        np.asarray(Image.open(io.BytesIO(base64.b64decode(each))).convert("RGB"), dtype=int) for each in (now, before)
    )
    assert new.shape == old.shape
    assert len(np.unique(new.reshape(-1, 3), axis=0)) > 100, "a blank sheet, not a map"
    assert np.mean(np.abs(new - old).max(axis=2) > 40) < 0.02


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_as_it_is_printed_and_leaves_the_database_as_it_was(name: str, database_url: str) -> None:
    load_demo(database_url)
    now = execute(FOLDER / name, database_url)
    if os.environ.get("ONEMAP_WRITE_NOTEBOOKS"):
        nbformat.write(now, FOLDER / name)
    before = nbformat.read(FOLDER / name, as_version=4)

    assert [text for cell in texts(now) for text in cell if text.startswith(("stderr:", "error:"))] == []
    assert texts(now) == texts(before), "run the notebooks anew (see the head of this file) and look at them"
    assert len(pictures(now)) == len(pictures(before)) > 0
    for drawn, kept in zip(pictures(now), pictures(before), strict=True):
        assert_alike(drawn, kept)

    assert demo_state(database_url) is DemoState.COMPLETE
    with psycopg.connect(database_url) as connection:
        others = connection.execute("SELECT count(*) FROM hazard_points WHERE source <> 'demo'").fetchone()
    assert others == (0,)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_tells_nothing_of_the_machine_that_ran_it(name: str) -> None:
    text = re.sub(r'"image/png": "[^"]*"', "", (FOLDER / name).read_text(encoding="utf-8"))
    absolute_path, address, time_of_day = r"(?<![\w<:/.])/\w[\w.-]*/\w", r"postgresql://\S+@", r"\d\d:\d\d:\d\d"
    assert not re.search(f"{absolute_path}|{address}|{time_of_day}", text)
    assert str(FOLDER.parent) not in text


def test_two_pictures_that_differ_are_told_apart() -> None:
    def picture(left: int) -> str:
        sheet = np.indices((64, 64)).sum(axis=0).astype(np.uint8)[:, :, None].repeat(3, axis=2)
        sheet[10:50, left : left + 20] = 255
        encoded = io.BytesIO()
        Image.fromarray(sheet).save(encoded, format="PNG")
        return base64.b64encode(encoded.getvalue()).decode()

    assert_alike(picture(10), picture(10))
    with pytest.raises(AssertionError):
        assert_alike(picture(10), picture(30))
