"""Atlases: bound whole with index, links and bookmarks; killed, cancelled, out of disk: nothing half-written stays."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest

from api.atlas_job import perform, shelf_of
from api.settings import Settings
from api.worker import run_worker
from geo.errors import ExhibitCancelled, FileUnwritable, InputError
from geo.exhibits.atlas import make_atlas
from geo.exhibits.atlas_request import read_atlas
from geo.exhibits.formats.recipes import read_recipe_of
from tests.exhibit_pages import outside, overlapping, text_of
from tests.exhibit_workshop import STATE, in_workshop
from tests.seeding import insert

SITES = [{"name": f"{number} 号地点", "lon": 115 + 0.002 * number, "lat": 25.0} for number in range(1, 6)]


@pytest.fixture(scope="module")
def town(module_database_url: str) -> str:
    for number, grade in enumerate(("red", "orange", "yellow")):
        place = f"POINT({115 + 0.004 * number} 25.002)"
        insert(module_database_url, "enterprises", place, f"e{number}", name=f"化工{number}厂", grade=grade)
    return module_database_url


def order(**of: object):
    return read_atlas(
        {"kind": "surroundings", "made_on": "2026-11-22", "radius_m": [500], "atlas": of or {"sites": SITES}}
    )


def bind(dsn: str, folder: Path, wanted, **more: object) -> Path:
    out = folder / "atlas.pdf"
    parts = folder / "atlas.pdf.parts"

    async def work(workshop):
        return await make_atlas(workshop, wanted, out, state_directory=STATE, parts=parts, plates_max=9, **more)

    in_workshop(dsn, work, threads=2)
    return out


@pytest.fixture(scope="module")
def atlas(town: str, tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("atlas")
    whole = bind(town, folder, order()).read_bytes()
    assert [path.name for path in folder.iterdir()] == ["atlas.pdf"]
    return whole


def test_an_atlas_has_an_index_whose_rows_lead_to_their_pages_and_bookmarks(atlas):
    with pikepdf.open(io.BytesIO(atlas)) as pdf:
        marks = [item.title for item in pdf.open_outline().root]
        notes = [note for note in pdf.pages[0].Annots if "/Dest" in note]
        led_to = [pdf.pages.index(pikepdf.Page(note.Dest[0])) for note in notes]
        assert "onemap.invalid" not in str(pdf.pages[0].Annots)
    assert len(marks) == 1 + len(SITES)
    assert marks[0].endswith("目录")
    assert "1 号地点周边分析图" in marks[1]
    pages = text_of(atlas).split("\f")[:-1]
    assert [f"{number} 号地点" in pages[to] for number, to in enumerate(led_to, start=1)] == [True] * len(SITES)


def test_every_page_carries_its_number_and_no_text_lies_on_other_text(atlas):
    pages = text_of(atlas).split("\f")[:-1]
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页共{len(pages)}页" in re.sub(r"\s", "", page)
        assert page.count("页 共") == 1
    assert outside(atlas) == []
    assert overlapping(atlas) == []


def test_the_same_data_gives_the_same_bytes_whether_or_not_it_was_interrupted(town, atlas, tmp_path):
    def give_up_after_two(progress):
        seen.append(progress.done)

    seen: list[int] = []
    with pytest.raises(ExhibitCancelled):
        bind(town, tmp_path, order(), told=give_up_after_two, cancelled=lambda: bool(seen) and seen[-1] >= 2)
    assert not (tmp_path / "atlas.pdf").exists()
    done = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "atlas.pdf.parts").glob("0*.pdf")}
    assert 2 <= len(done) < len(SITES)
    drawn: list[int] = []
    again = bind(town, tmp_path, order(), told=lambda progress: drawn.append(progress.done))
    assert drawn[0] == len(done), "what was done is not drawn again"
    assert again.read_bytes() == atlas
    assert read_recipe_of(atlas)["request"]["atlas"]["sites"] == SITES


def test_plates_of_older_data_are_drawn_anew(town, tmp_path):
    with pytest.raises(ExhibitCancelled):
        bind(town, tmp_path, order(), cancelled=lambda: any(tmp_path.glob("atlas.pdf.parts/0*.json")))
    insert(town, "shelters", "POINT(115.5 25.5)", f"new-{uuid4().hex}", name="新点")
    drawn: list[int] = []
    bind(town, tmp_path, order(), told=lambda progress: drawn.append(progress.done))
    assert drawn[0] == 0


@pytest.mark.parametrize(
    ("of", "wrong"),
    [
        ({"level": "village"}, "no plate"),
        ({"layer": "enterprises", "grades": ["blue"]}, "no plate"),
        ({"sites": SITES * 3}, "more than 9"),
        ({"level": "county", "layer": "enterprises"}, "exactly one"),
    ],
)
def test_an_atlas_that_cannot_be_says_why(town, tmp_path, of, wrong):
    with pytest.raises(InputError) as told:
        bind(town, tmp_path, order(**of))
    assert wrong in told.value.message.en
    assert list(tmp_path.iterdir()) == []


def test_an_atlas_of_features_has_a_plate_for_each_of_the_asked_grades(town, tmp_path):
    pdf = bind(town, tmp_path, order(layer="enterprises", grades=["red", "orange"])).read_bytes()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        titles = [item.title for item in opened.open_outline().root][1:]
    assert [re.sub(r"\D*(\d) (\S+)厂.*", r"\1\2", title) for title in titles] == ["1化工0", "2化工1"]


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.integration.test_exhibit_atlas import bind, order
from geo.errors import FileUnwritable
bind_limit = int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (bind_limit, bind_limit))
try:
    bind(sys.argv[1], Path(sys.argv[2]), order())
except FileUnwritable as error:
    print(error.message.en)
"""


def test_a_full_disk_is_told_and_leaves_whole_plates_alone_or_nothing(town, tmp_path):
    # The plates fit into the limit on the size of a file, the bound atlas does not.
    ran = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, town, str(tmp_path), "300000"],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert "cannot be written" in ran.stdout, ran.stderr
    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert [name for name in left if name.startswith(".") or name == "atlas.pdf"] == []
    for path in tmp_path.rglob("0*.pdf"):
        with pikepdf.open(path) as whole:
            assert len(whole.pages) >= 1
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


@pytest.fixture
def settings(town: str, tmp_path: Path) -> Settings:
    (STATE / "fonts").mkdir(parents=True, exist_ok=True)
    (tmp_path / "fonts").symlink_to(STATE / "fonts")
    return Settings(database_url=town, state_directory=tmp_path, worker_silence_s=2)


def put(settings: Settings, **more: object):
    wanted, number = order(), uuid4()
    opened = {"id": str(number), "kind": "surroundings", "format": "pdf", "state": "waiting", "lang": "zh"}
    shelf_of(settings).put(number, {**opened, "atlas": {}, "request": wanted.as_dict(), **more})
    return number


async def test_a_worker_draws_an_ordered_atlas(settings):
    shelf, number = shelf_of(settings), put(settings)
    worker = asyncio.create_task(run_worker(settings))
    for _ in range(2400):
        if shelf.state(number)["state"] not in ("waiting", "running"):
            break
        await asyncio.sleep(0.1)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    done = shelf.state(number)
    assert done["state"] == "done", done
    with pikepdf.open(shelf.content(number, "pdf")) as pdf:
        assert len(pdf.pages) >= 1 + len(SITES)
    assert not shelf.parts(number).exists()


def test_a_killed_atlas_goes_on_where_it_was(settings):
    shelf, number = shelf_of(settings), put(settings)
    told = {**settings.model_dump(mode="json"), "database_url": settings.dsn()}
    command = [sys.executable, "-m", "api.atlas_job", str(number)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdin is not None
        child.stdin.write(json.dumps(told).encode())
        child.stdin.close()
        while not list(shelf.parts(number).glob("0*.json")):
            assert child.poll() is None
            time.sleep(0.02)
        child.kill()
    kept = {path: path.stat().st_mtime_ns for path in shelf.parts(number).glob("0*.json")}
    assert kept
    assert shelf.state(number)["state"] == "running"
    perform(settings, number)
    assert shelf.state(number)["state"] == "done"
    assert [name for name in os.listdir(shelf.path(number, "pdf").parent) if name.startswith(".")] == []


def test_an_atlas_that_is_cancelled_while_it_is_drawn_leaves_nothing(settings):
    shelf, number = shelf_of(settings), put(settings, state="running")
    shelf.cancel(number)
    perform(settings, number)
    assert shelf.state(number)["state"] == "cancelled"
    assert not shelf.parts(number).exists()
    assert not shelf.path(number, "pdf").exists()


def test_an_atlas_that_breaks_off_again_and_again_is_given_up(settings):
    shelf, number = shelf_of(settings), put(settings, state="running", attempts=5)
    perform(settings, number)
    assert shelf.state(number)["error"]["code"] == "lost"


def test_a_folder_that_cannot_be_written_is_told(town, tmp_path):
    (tmp_path / "atlas.pdf.parts").write_text("a file where the folder should be")
    with pytest.raises(FileUnwritable):
        bind(town, tmp_path, order())
