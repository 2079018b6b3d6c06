"""``onemap exhibit`` as a user runs it: files whole or not at all, the same page again, templates checked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from api.cli import main
from geo.exhibits.formats.recipes import read_recipe_of
from tests.exhibit_pages import text_of
from tests.exhibit_workshop import STATE
from tests.seeding import insert

HERE = ["surroundings", "115.0", "25.0", "--radius", "1000", "--date", "2026-11-22"]
COUNTY = ["hazards", "360724", "--layers", "hazard_points", "--date", "2026-11-22"]
TEMPLATE = 'kind = "hazards"\ntitle = { zh = "村级隐患图", en = "Hazards of a village" }\nparts = ["list"]\n'
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def town(module_database_url: str) -> str:
    square = "MULTIPOLYGON(((114.98 24.98, 115.02 24.98, 115.02 25.02, 114.98 25.02, 114.98 24.98)))"
    insert(module_database_url, "divisions", square, "360724", name="上犹县", level="county", division_code="360724")
    for at, grade in enumerate(("red", "orange", "yellow")):
        place = f"POINT({115 + 0.003 * at} 25.002)"
        values = {"name": f"东坑{at}组滑坡", "grade": grade, "division_code": "360724"}
        insert(module_database_url, "hazard_points", place, f"h{at}", **values)
    return module_database_url


@pytest.fixture
def run(town: str, monkeypatch, capfd) -> Run:
    """The command in this process, from its words to its exit code and what it said."""
    monkeypatch.setenv("ONEMAP_DATABASE_URL", town)
    monkeypatch.setenv("ONEMAP_STATE_DIRECTORY", str(STATE))
    monkeypatch.setenv("ONEMAP_LANG", "en")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["onemap", "exhibit", *words])
        with pytest.raises(SystemExit) as end:
            main()
        said = capfd.readouterr()
        return int(end.value.code or 0), said.out, said.err

    return run


@pytest.mark.parametrize(
    ("ending", "begins"), [("pdf", b"%PDF"), ("docx", b"PK\x03\x04"), ("html", b"<!DOCTYPE html>")]
)
def test_the_ending_is_the_format_and_the_file_made_again_is_the_same(run, tmp_path, ending, begins):
    first, second = tmp_path / f"x.{ending}", tmp_path / f"again.{ending}"
    code, _, said = run(*HERE, "-o", str(first))
    assert (code, said) == (0, "")
    assert first.read_bytes()[:20].lower().startswith(begins.lower())
    code, _, said = run("--again", str(first), "-o", str(second))
    assert (code, said) == (0, "")
    assert second.read_bytes() == first.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first.name, second.name])


def test_a_page_of_another_format_comes_of_the_same_recipe(run, tmp_path):
    assert run(*COUNTY, "-o", str(tmp_path / "x.pdf"))[0] == 0
    assert run("--again", str(tmp_path / "x.pdf"), "-o", str(tmp_path / "x.docx"))[0] == 0
    made = [read_recipe_of((tmp_path / f"x.{ending}").read_bytes()) for ending in ("pdf", "docx")]
    assert made[0] == made[1]
    assert "东坑0组滑坡" in text_of((tmp_path / "x.pdf").read_bytes()).replace("\n", "")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["hazards"], 1, "division"),
        (["surroundings", "115.0"], 1, "LAT"),
        ([*COUNTY, "--layers", "volcanoes"], 1, "volcanoes"),
        ([*COUNTY, "--grades", "purple"], 1, "grades"),
        ([*COUNTY, "--template", "nowhere"], 1, "nowhere"),
        ([*COUNTY, "--dpi", "9999"], 2, "--dpi"),
    ],
)
def test_wrong_words_end_in_a_sentence_and_leave_no_file(run, tmp_path, words, code, told):
    got, _, said = run(*words, "-o", str(tmp_path / "x.pdf"))
    assert got == code, said
    assert told in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_an_ending_of_no_format_is_told_with_those_that_there_are(run, tmp_path):
    code, _, said = run(*HERE, "-o", str(tmp_path / "x.odt"))
    assert code == 1
    assert "docx" in said
    assert list(tmp_path.iterdir()) == []


def test_templates_lists_the_kinds_and_the_bureau_s_own(run, tmp_path, monkeypatch):
    (tmp_path / "village.toml").write_text(TEMPLATE, "utf-8")
    monkeypatch.setenv("ONEMAP_TEMPLATES", str(tmp_path))
    code, out, _ = run("templates")
    assert code == 0
    assert {"surroundings", "four_colours", "assessment"} <= {line.split()[0] for line in out.splitlines() if line}
    assert "village" in out


def test_a_good_template_is_told_in_words(run, tmp_path):
    path = tmp_path / "village.toml"
    path.write_text(TEMPLATE, "utf-8")
    code, out, said = run("check", str(path))
    assert (code, said) == (0, "")
    assert "Hazards of a village" in out


@pytest.mark.parametrize(
    ("wrong", "told"),
    [('paprts = ["list"]', "paprts"), ('layers = ["volcanoes"]', "volcanoes"), ("[[[", "TOML")],
)
def test_a_wrong_template_is_refused_by_the_name_of_what_is_wrong(run, tmp_path, wrong, told):
    path = tmp_path / "village.toml"
    path.write_text(TEMPLATE + wrong + "\n", "utf-8")
    code, out, said = run("check", str(path))
    assert (code, out) == (1, "")
    assert told in said
    assert "Traceback" not in said


def test_a_template_that_is_not_there_is_told(run, tmp_path):
    code, _, said = run("check", str(tmp_path / "none.toml"))
    assert code != 0
    assert "none.toml" in said


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    path = tmp_path / "sites.csv"
    path.write_text("name,lon,lat\n东坑村,115.0,25.0\n西坑村,114.99,25.0\n北坑村,115.0,25.01\n", "utf-8")
    return path


def test_an_atlas_of_three_sites_has_three_bookmarked_plates_and_comes_again_the_same(run, sites, tmp_path):
    out = tmp_path / "atlas.pdf"
    words = ["atlas", "surroundings", "--sites", str(sites), "--radius", "1000", "--date", "2026-11-22"]
    code, _, said = run(*words, "-o", str(out))
    assert code == 0, said
    assert "3/3" in said
    with pikepdf.open(out) as pdf, pdf.open_outline() as outline:
        titles = [each.title for entry in outline.root for each in [entry, *entry.children]]
        assert len(pdf.pages) >= 4
    for name in ("东坑村", "西坑村", "北坑村"):
        assert any(name in title for title in titles), titles
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["atlas.pdf", "sites.csv"]
    assert run("--again", str(out), "-o", str(tmp_path / "again.pdf"))[0] == 0
    assert (tmp_path / "again.pdf").read_bytes() == out.read_bytes()


def test_a_site_without_a_place_stops_the_atlas_before_it_begins(run, sites, tmp_path):
    sites.write_text("name,lon,lat\n东坑村,115.0,25.0\n西坑村,,25.0\n", "utf-8")
    code, _, said = run("atlas", "surroundings", "--sites", str(sites), "-o", str(tmp_path / "atlas.pdf"))
    assert code == 1
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["sites.csv"]
