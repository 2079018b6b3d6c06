"""Every kind of exhibit over the demo city: its text's boxes, legend = map = table, counts, and a contact sheet."""

from __future__ import annotations

import io
import os
import re
import subprocess
from pathlib import Path

import pdfplumber
import psycopg
import pyproj
import pytest
from PIL import Image

from geo.exhibits.content import Content
from geo.exhibits.kinds import KINDS_OF_EXHIBITS
from geo.exhibits.paper import grid_of
from geo.exhibits.request import KINDS
from tests.exhibit_pages import outside, overlapping, text_of
from tests.exhibit_shop import composed_of, made_of, pdf_of
from tests.seeding import insert

COUNTY, CITY = "360724", "360700"
WANTED: dict[str, dict[str, object]] = {
    "surroundings": {"lon": 115.646, "lat": 24.957},
    "four_colours": {"division": CITY},
    "hazards": {"division": COUNTY},
    "resources": {"division": COUNTY},
    "thematic": {"division": COUNTY, "layers": ("schools", "hospitals")},
    "comparison": {"division": COUNTY, "other_division": "360734", "layers": ("hazard_points", "reservoirs")},
    "assessment": {"division": COUNTY, "period": "2026-Q3"},
}
PAPERS = [("A4", "portrait"), ("A4", "landscape"), ("A3", "portrait"), ("A3", "landscape")]
GRADES = {"red", "orange", "yellow", "blue", "none"}
SHEET = Path(__file__).parent / "exhibits" / "kinds.png"
LONG = "长" * 200


def lang_of(kind: str, paper: str, orientation: str) -> str:
    """Both languages on both papers, over the kinds."""
    return ("zh", "en")[(list(WANTED).index(kind) + PAPERS.index((paper, orientation))) % 2]


Made = dict[tuple[str, str, str], tuple[Content, bytes]]


@pytest.fixture(scope="module")
def made(demo_database_url: str) -> Made:
    """Content and PDF of every kind on every paper, half of them in English."""
    keys = [(kind, *paper) for kind in WANTED for paper in PAPERS]
    wanted = [
        {"kind": kind, "paper": paper, "orientation": way, "lang": lang_of(kind, paper, way), **WANTED[kind]}
        for kind, paper, way in keys
    ]
    return dict(zip(keys, made_of(demo_database_url, wanted), strict=True))


def test_every_kind_is_registered_once():
    assert set(KINDS_OF_EXHIBITS) == set(KINDS) == set(WANTED)


def test_no_text_leaves_a_page_or_lies_on_other_text(made):
    for key, (_, pdf) in made.items():
        assert outside(pdf) == [], key
        assert overlapping(pdf) == [], key


def drawn_classes(content: Content) -> set[str]:
    """The classes that the panels draw, in the words of the legend's keys."""
    found: set[str] = set()
    for part in content.maps:
        features = part.panel.features
        for each in features.get("marks", []):
            icon = str(each["properties"]["icon"])
            head, _, glyph = icon.partition("-")
            if head in GRADES:
                found |= {head} | ({f"kind-{glyph}"} if glyph else set())
            else:
                found.add(icon)
        found |= {f"step-{each['properties']['step']}" for each in features.get("choropleth", [])}
        found |= {f"column-{each['properties']['grade']}" for each in features.get("columns", [])}
        found |= {f"reach-{each['properties']['layer']}" for each in features.get("reach", [])}
        found |= {f"ring-{each['properties']['turn']}" for each in features.get("rings", [])}
        found |= {"gap"} if features.get("gap") else set()
        found |= {"water-rivers"} if features.get("waters") else set()
    return found


def legend_classes(content: Content) -> set[str]:
    """The legend's keys but for the borders of the ground."""
    return {key for part in content.maps for key in part.classes if not key.startswith("border-")}


def test_the_legend_tells_what_is_drawn_and_nothing_else(made):
    for key, (content, _) in made.items():
        assert legend_classes(content) == drawn_classes(content), key


def test_the_list_shows_the_classes_of_the_map(made):
    for key, (content, _) in made.items():
        listed = {each for table in content.tables if table.key == "list" for row in table.rows for each in row.keys}
        icons = {item.mark.icon for part in content.maps for item in part.items}
        if any(table.key == "list" and len(content.maps) == 1 for table in content.tables):
            assert listed == icons, key


def count(dsn: str, layer: str, division: str, grade: str | None) -> int:
    prefix = division.rstrip("0") if division.endswith("00") else division
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            f"SELECT count(*) FROM {layer} WHERE division_code LIKE %s AND grade IS NOT DISTINCT FROM %s "
            "AND retired_at IS NULL",
            (f"{prefix}%", grade),
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_the_table_of_counts_adds_up_to_the_database(made, demo_database_url):
    content, _ = made["four_colours", "A4", "portrait"]
    table = next(each for each in content.tables if each.key == "divisions")
    totals = next(row for row in table.rows if row.role == "total").cells
    shown = {column.key: cell for column, cell in zip(table.columns, totals, strict=True)}
    for grade in ("red", "orange", "yellow", "blue"):
        assert shown[f"grade-{grade}"] == count(demo_database_url, "enterprises", CITY, grade)
    assert shown["grade-none"] == count(demo_database_url, "enterprises", CITY, None)
    rows = [row.cells for row in table.rows if row.role == "row"]
    for at, column in enumerate(table.columns):
        if column.key.startswith("grade-"):
            assert sum(row[at] for row in rows if row[at] != "–") == totals[at]
    assert sum(area.value for area in content.maps[0].areas) == shown["grade-red"] + shown["grade-orange"]


def test_figures_tables_and_map_of_hazards_agree(made, demo_database_url):
    content, _ = made["hazards", "A4", "portrait"]
    layers = (
        "hazard_points",
        "reservoirs",
        "forest_zones",
        "enterprises",
        "tailings_ponds",
        "flood_spots",
        "water_works",
    )
    total = sum(
        count(demo_database_url, layer, COUNTY, grade)
        for layer in layers
        for grade in ("red", "orange", "yellow", "blue", None)
    )
    listed = next(table for table in content.tables if table.key == "list")
    assert content.sections[0].figures[0].value == total == listed.of
    assert len(content.maps[0].items) == listed.listed == min(total, 2000)
    assert len(content.maps[0].panel.features["marks"]) == listed.listed


def test_a_gap_is_what_no_shelter_or_depot_reaches(made):
    content, _ = made["resources", "A4", "landscape"]
    items = [item for item in content.maps[0].items if item.symbology.layer.name in ("shelters", "supply_depots")]
    reach = {"shelters": 5000.0, "supply_depots": 9000.0}
    geod = pyproj.Geod(ellps="GRS80")
    for line in (each["geometry"] for each in content.maps[0].panel.features["gap"]):
        parts = line["coordinates"] if line["type"] == "MultiLineString" else [line["coordinates"]]
        for lon, lat in [part[len(part) // 2] for part in parts[:20]]:
            # Reach is drawn as a polygon of 128 sides and simplified: a little inside the true circle.
            away = (geod.inv(lon, lat, each.lon, each.lat)[2] / reach[each.symbology.layer.name] for each in items)
            assert min(away) > 0.98


def test_both_areas_are_compared_at_one_scale(made):
    content, pdf = made["comparison", "A4", "portrait"]
    first, second = content.maps
    assert first.panel.sheet.scale == second.panel.sheet.scale
    assert re.sub(r"\s", "", text_of(pdf)).count(f"1:{first.panel.sheet.scale:.0f}") == 2


def test_a_date_without_history_is_told_honestly(demo_database_url):
    content = composed_of(demo_database_url, kind="comparison", division=COUNTY, since="2020-01-01")
    before, now = content.maps
    assert before.items == ()
    assert len(now.items) > 0
    assert "2020-01-01" in content.sections[0].note
    assert "不保存要素的历史取值" in content.sections[0].note


def test_an_assessment_has_a_cover_and_its_contents(made):
    content, pdf = made["assessment", "A4", "portrait"]
    assert [section.key for section in content.sections] == [
        "cover",
        "hazards",
        "enterprises",
        "charts",
        "changes",
        "overdue",
    ]
    with pdfplumber.open(io.BytesIO(pdf)) as read:
        cover = read.pages[0].extract_text()
        assert all((section.title or "")[:12] in cover for section in content.sections[1:])
        assert len(read.pages) >= 6


def test_numbers_of_a_list_are_those_on_the_map(made):
    for kind in ("hazards", "thematic", "resources"):
        content, _ = made[kind, "A3", "landscape"]
        items = content.maps[0].items
        listed = next(table for table in content.tables if table.key == "list")
        assert [row.cells[0] for row in listed.rows] == list(range(1, len(items) + 1))
        numbered = [item.number for item in items if item.number is not None]
        assert numbered == list(range(1, len(numbered) + 1)), kind


def square(lon: float, lat: float, half_deg: float) -> str:
    west, east, south, north = lon - half_deg, lon + half_deg, lat - half_deg, lat + half_deg
    return f"MULTIPOLYGON((({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south})))"


FAR = {18.2: ("460200", 109.6), 53.3: ("232700", 123.9)}


@pytest.fixture(scope="module")
def north_and_south(module_database_url: str) -> str:
    """A county far in the south and one far in the north, each with two red hazards, long names, and nothing else."""
    for lat, (code, lon) in FAR.items():
        insert(
            module_database_url,
            "divisions",
            square(lon, lat, 0.05),
            code,
            name=f"{code}县",
            level="county",
            division_code=code,
        )
        for at, bearing in enumerate((60, 240)):
            x, y, _ = pyproj.Geod(ellps="GRS80").fwd(lon, lat, bearing, 1500)
            insert(
                module_database_url,
                "hazard_points",
                f"POINT({x} {y})",
                f"h-{lat}-{at}",
                name=LONG if at else "短",
                grade="red",
                division_code=code,
            )
        insert(module_database_url, "shelters", f"POINT({lon} {lat})", f"s-{lat}", name=LONG, division_code=code)
    return module_database_url


@pytest.mark.parametrize("lat", list(FAR))
@pytest.mark.parametrize(
    ("kind", "paper"),
    [("hazards", "A4"), ("thematic", "A3"), ("four_colours", "A4"), ("comparison", "A4"), ("hazards", "A0")],
)
def test_the_scale_of_every_map_is_true(north_and_south, lat, kind, paper):
    code, _ = FAR[lat]
    further: dict[str, object] = {"comparison": {"other_division": code}}.get(kind, {})
    ((content, pdf),) = made_of(
        north_and_south,
        [{"kind": kind, "division": code, "layers": ("hazard_points",), "paper": paper, **further}],
    )
    sheet = content.maps[0].panel.sheet
    grid = grid_of(paper, "portrait", content.layout)
    frame, k = grid.map, grid.enlarged
    with pdfplumber.open(io.BytesIO(pdf)) as read:
        marks = diamonds(read.pages[0], (frame.x + frame.w) * k, (frame.y + frame.h) * k)
    assert len(marks) >= 2
    first, second = content.maps[0].items
    ground_m = pyproj.Geod(ellps="GRS80").inv(first.lon, first.lat, second.lon, second.lat)[2]
    spans = [((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 / 72 * 25.4 for a in marks for b in marks]
    wanted_mm = ground_m / sheet.scale * 1000
    assert min(abs(span - wanted_mm) for span in spans) <= 0.002 * wanted_mm


def diamonds(page: pdfplumber.page.Page, right_mm: float, bottom_mm: float) -> list[tuple[float, float]]:
    """Centres of red diamonds in the first map, points from the top left."""
    red = (200 / 255, 16 / 255, 46 / 255)
    found = []
    for curve in page.curves + page.rects:
        colour = curve.get("non_stroking_color")
        if not (isinstance(colour, tuple) and len(colour) == 3 and curve["fill"]):
            continue
        near = max(abs(one - other) for one, other in zip(colour, red, strict=True)) < 0.01
        if near and curve["x1"] < right_mm / 25.4 * 72 and curve["bottom"] < bottom_mm / 25.4 * 72:
            found.append(((curve["x0"] + curve["x1"]) / 2, (curve["top"] + curve["bottom"]) / 2))
    return found


@pytest.mark.parametrize("kind", ["hazards", "resources", "thematic", "comparison"])
def test_names_of_two_hundred_characters_stay_on_their_page(north_and_south, kind):
    further: dict[str, object] = {"comparison": {"since": "2026-01-01"}}.get(kind, {})
    pdf = pdf_of(north_and_south, kind=kind, division="460200", **further)
    assert "长" * 12 in text_of(pdf)
    assert outside(pdf) == []
    assert overlapping(pdf) == []


@pytest.mark.parametrize("kind", ["four_colours", "hazards", "resources", "thematic", "assessment"])
def test_a_division_without_features_makes_an_honest_page(north_and_south, kind):
    further: dict[str, object] = {"assessment": {"period": "2026"}}.get(kind, {})
    if kind == "resources":
        further = {"layers": ("helipads",)}
    elif kind != "four_colours":
        further = {"layers": ("reservoirs",), **further}
    pdf = pdf_of(north_and_south, kind=kind, division="460200", **further)
    assert "没有符合条件的要素" in text_of(pdf)
    assert outside(pdf) == []
    assert overlapping(pdf) == []


def test_a_list_that_is_cut_says_by_how_much(demo_database_url):
    content = composed_of(demo_database_url, kind="hazards", division=CITY, layers=("hazard_points",), features_max=500)
    listed = next(table for table in content.tables if table.key == "list")
    assert (listed.listed, listed.of, listed.is_cut) == (500, 2201, True)
    assert "1701" in listed.note
    assert "1701" in content.sections[0].note
    worst = [item.grade.rank for item in content.maps[0].items if item.grade is not None]
    assert worst == sorted(worst)


def test_a_contact_sheet_is_kept_to_look_at(made, tmp_path):
    tiles = []
    for kind in WANTED:
        for paper in (("A4", "portrait"), ("A4", "landscape")):
            name = tmp_path / f"{kind}-{paper[1]}"
            name.with_suffix(".pdf").write_bytes(made[kind, *paper][1])
            command = ["pdftoppm", "-r", "45", "-png", "-l", "2", f"{name}.pdf", str(name)]
            subprocess.run(command, check=True)
            pages = sorted(tmp_path.glob(f"{kind}-{paper[1]}-*.png"))
            # Of an assessment the page after its cover.
            tiles.append(opened(pages[1 if kind == "assessment" else 0]))
    for tile in tiles:
        # A page that carries ink: neither blank nor flooded.
        dark = sum(tile.convert("L").histogram()[:128]) / (tile.width * tile.height)
        assert 0.002 < dark < 0.4
    if os.environ.get("ONEMAP_GOLDEN") == "write" or not SHEET.exists():
        tiled(tiles, 4).quantize(128).save(SHEET, optimize=True)
    with Image.open(SHEET) as kept:
        assert kept.width > 600
    assert SHEET.stat().st_size < 1_000_000


def opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def tiled(tiles: list[Image.Image], columns: int) -> Image.Image:
    wide, high = max(tile.width for tile in tiles) + 8, max(tile.height for tile in tiles) + 8
    sheet = Image.new("RGB", (columns * wide + 8, -(-len(tiles) // columns) * high + 8), "#808890")
    for at, tile in enumerate(tiles):
        sheet.paste(tile, (8 + at % columns * wide, 8 + at // columns * high))
    return sheet


@pytest.mark.parametrize("form", ["pdf", "png", "docx", "html"])
def test_a_contact_sheet_of_every_format_is_kept(form):
    """``python -m tests.golden.contact_sheets`` draws them anew."""
    path = SHEET.with_name(f"{form}.png")
    with Image.open(path) as kept:
        assert min(kept.size) > 600
    assert path.stat().st_size <= 600_000
