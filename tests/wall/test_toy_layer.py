"""One registry: a layer is one file under ``layers/`` and its generated migration, and it is everywhere.

The test copies the three floors, adds one file, has the migration generated, and finds the layer in the catalogue, the
importer, the risk answer, the tiles, the style, the legend, the rendered map and the wall, with no other line touched.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.wall.driving import ROOT, serving
from tests.wall.looking import ask

DECLARATION = '''
"""温泉: hot springs, a toy."""

from layers.feature import GeometryKind
from layers.field import Field, FieldKind
from layers.layer import Family, Layer, Symbol
from layers.text import Text

LAYER = Layer(
    name="hot_springs",
    title=Text("温泉", "Hot springs"),
    family=Family.RISK,
    geometry=GeometryKind.POINT,
    symbol=Symbol("hazard-fissure"),
    fields=(Field("water_c", Text("水温", "temperature"), FieldKind.NUMBER, aliases=("水温",), minimum=0),),
)
'''
SPRINGS = "编号,名称,经度,纬度,水温,风险等级\nt-1,东汤,115.0,25.0,61.5,重大\nt-2,西汤,115.01,25.0,,\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three floors with one file more."""
    copy = tmp_path_factory.mktemp("house")
    for floor in ("layers", "geo", "api"):
        shutil.copytree(ROOT / floor, copy / floor, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    (copy / "layers" / "hot_springs.py").write_text(DECLARATION, encoding="utf-8")
    return copy


def onemap(house: Path, dsn: str, *words: str) -> str:
    """Run the command of the copied house; its standard output."""
    result = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *words],
        cwd=house,
        env={**os.environ, "PYTHONPATH": str(house), "ONEMAP_DATABASE_URL": dsn},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def springs(house: Path, module_database_url: str) -> str:
    """A database with the generated migration and two imported springs."""
    said = onemap(house, module_database_url, "migrate", "--new", "hot springs")
    written = list((house / "layers" / "migrations" / "versions").glob("*hot_springs.py"))
    assert len(written) == 1, said
    made = re.findall(r"op\.create_table\(\s*['\"](\w+)['\"]", written[0].read_text(encoding="utf-8"))
    assert made == ["hot_springs"], "the migration speaks of the new layer alone"
    table = house / "springs.csv"
    table.write_text(SPRINGS, encoding="utf-8")
    report = json.loads(
        onemap(house, module_database_url, "import", str(table), "--layer", "hot_springs", "--crs", "CRS84", "--json")
    )
    assert report["counts"]["inserted"] == 2
    return module_database_url


def test_a_toy_layer_is_everywhere(house, springs, browser, tmp_path):
    with serving(springs, tmp_path, house) as address:
        catalogue = {layer["name"]: layer for layer in ask(f"{address}/layers")["layers"]}
        assert catalogue["hot_springs"]["title"] == "温泉"
        assert catalogue["hot_springs"]["counts"] == {"red": 1, "orange": 0, "yellow": 0, "blue": 0, "none": 1}

        answer = ask(f"{address}/risk?lon=115&lat=25&radius_m=2000")
        found = {feature["id"]: feature["properties"] for feature in answer["features"]["features"]}
        assert list(found) == ["hot_springs/springs/t-1", "hot_springs/springs/t-2"]
        assert found["hot_springs/springs/t-1"]["water_c"] == 61.5
        assert found["hot_springs/springs/t-2"]["water_c"] is None

        legend = {entry["layer"]: entry for entry in ask(f"{address}/legend.json")["entries"]}
        assert legend["hot_springs"]["title"] == "温泉"

        style = ask(f"{address}/style.json?theme=light")
        assert any(layer.get("source-layer") == "hot_springs" for layer in style["layers"])

        page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        try:
            tile = page.request.get(f"{address}/tiles/hot_springs/14/13416/7000.mvt")
            assert tile.status == 200
            assert b"hot_springs" in page.request.get(f"{address}/tiles/hot_springs/0/0/0.mvt").body()
            picture = page.request.get(
                f"{address}/maps/image.png?bbox=114.9,24.9,115.1,25.1&layers=hot_springs&size=400x300"
            )
            assert picture.status == 200
            page.goto(f"{address}/")
            page.wait_for_selector("main[data-drawn=true]", timeout=30_000)
            assert page.get_by_text("温泉").first.is_visible()
        finally:
            page.close()
