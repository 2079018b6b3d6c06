"""``onemap render`` as a user runs it: a whole picture file, or none and one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from geo.cartography.theme import Themes
from tests.pixels import of_colour, read
from tests.seeding import insert

ROOT = Path(__file__).resolve().parents[2]
AROUND = ["--lon", "115", "--lat", "25", "--radius", "1000", "--size", "640x480"]


@pytest.fixture(scope="module")
def town(module_database_url: str) -> str:
    insert(module_database_url, "hazard_points", "POINT(115.002 25)", "h-1", name="下坝组滑坡", grade="red", demo=True)
    return module_database_url


def render(dsn: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ONEMAP_DATABASE_URL": dsn, "ONEMAP_LANG": "en"}
    command = [sys.executable, "-c", "from api.cli import main; main()", "render", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_picture_is_written_and_its_path_printed(town, tmp_path):
    out = tmp_path / "map.png"
    done = render(town, *AROUND, "--theme", "print", "-o", str(out))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, str(out), "")
    pixels = read(out.read_bytes())
    assert pixels.shape == (480, 640, 3)
    assert of_colour(pixels, Themes().get("print").grades["red"].fill).sum() > 30
    assert [path.name for path in tmp_path.iterdir()] == ["map.png"]


@pytest.mark.parametrize(("name", "begins"), [("m.webp", b"RIFF"), ("m.pdf", b"%PDF"), ("m.svg", b"<?xml")])
def test_the_file_s_ending_is_its_format(town, tmp_path, name, begins):
    assert render(town, *AROUND, "-o", str(tmp_path / name)).returncode == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--bbox", "1,2,3"], 1, "bbox"),
        ([*AROUND, "--theme", "nope"], 1, "theme"),
        ([*AROUND, "--layers", "volcanoes"], 1, "hazard_points"),
        ([*AROUND, "--grades", "purple"], 1, "purple"),
        (["--lon", "115"], 1, "--lat"),
        ([*AROUND, "--scale", "99"], 2, "--scale"),
    ],
)
def test_wrong_words_end_in_one_sentence_and_leave_an_old_picture_alone(town, tmp_path, words, code, said):
    out = tmp_path / "map.png"
    out.write_bytes(b"the picture of yesterday")
    done = render(town, *words, "-o", str(out))
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_bytes() == b"the picture of yesterday"


def test_a_format_that_is_none_is_refused(town, tmp_path):
    done = render(town, *AROUND, "-o", str(tmp_path / "map.bmp"))
    assert done.returncode == 1
    assert "png, webp, pdf, svg" in done.stderr


def test_a_folder_that_does_not_exist_is_named(town, tmp_path):
    done = render(town, *AROUND, "-o", str(tmp_path / "no" / "map.png"))
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
