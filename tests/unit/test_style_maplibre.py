"""The MapLibre style: valid, of this service only, with ids and metadata that clients rely on."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from geo.cartography.studio import Studio
from geo.cartography.style_sources import style_sources
from layers.registry import discover

REGISTRY = discover()
SPEC = Path(__file__).resolve().parents[2] / "api/wall/node_modules/@maplibre/maplibre-gl-style-spec/dist/index.mjs"


@pytest.fixture(scope="module")
def studio():
    made = Studio(REGISTRY)
    yield made
    made.close()


def style_of(studio: Studio, theme: str = "light"):
    urls = {name: f"http://onemap/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt" for name in style_sources(REGISTRY.values())}
    return studio.style(theme, "zh", urls, f"http://onemap/sprites/{theme}")


def test_every_layer_of_the_catalogue_is_drawn_under_its_name(studio):
    layers = [layer for layer in style_of(studio)["layers"] if "onemap:layer" in layer.get("metadata", {})]
    for layer in layers:
        name = layer["metadata"]["onemap:layer"]
        assert layer["id"].startswith(f"{name}-")
        assert layer["source-layer"].removesuffix(":cells") == name
        assert layer["source"] == ("risks" if REGISTRY[name].graded else name)
    assert {layer["metadata"]["onemap:layer"] for layer in layers} == set(REGISTRY)
    assert len({layer["id"] for layer in layers}) == len(layers)


def test_nothing_is_fetched_from_elsewhere(studio):
    style = style_of(studio)
    assert "glyphs" not in style
    assert json.dumps(style).count("http://") == json.dumps(style).count("http://onemap/")


def test_risks_stand_on_resources(studio):
    ids = [layer["id"] for layer in style_of(studio)["layers"]]
    assert ids.index("shelters-symbol") < ids.index("hazard_points-symbol")
    assert ids.index("divisions-land") < ids.index("forest_zones-fill") < ids.index("shelters-symbol")


def test_plates_of_all_risks_stand_on_everything_and_none_is_left_out_for_another(studio):
    last = style_of(studio)["layers"][-2:]
    assert [layer["id"] for layer in last] == ["cells-alone", "cells-plate"]
    for layer in last:
        assert (layer["source"], layer["source-layer"]) == ("risks", "cells")
        assert layer["layout"]["icon-allow-overlap"] is True
    assert last[1]["layout"]["text-allow-overlap"] is True
    assert not [layer for layer in style_of(studio)["layers"] if layer.get("source-layer") == "hazard_points:cells"]


def test_only_layers_that_may_hold_them_have_areas_and_lines(studio):
    ids = {layer["id"] for layer in style_of(studio)["layers"]}
    assert "shelters-fill" not in ids
    assert {"forest_zones-fill", "hazard_points-line", "hazard_points-fill"} <= ids


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
def test_the_style_is_valid_by_the_specification(studio, theme, tmp_path):
    node = shutil.which("node")
    if node is None or not SPEC.exists():
        pytest.skip("the wall's packages are not installed: the style specification is one of them")
    (tmp_path / "style.json").write_text(json.dumps(style_of(studio, theme)))
    (tmp_path / "validate.mjs").write_text(
        f"import {{validateStyleMin}} from {json.dumps(SPEC.as_uri())}\nimport fs from 'node:fs'\n"
        "const style = JSON.parse(fs.readFileSync(process.argv[2]))\n"
        "console.log(JSON.stringify(validateStyleMin(style).map(error => error.message)))\n"
    )
    command = [node, str(tmp_path / "validate.mjs"), str(tmp_path / "style.json")]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []
