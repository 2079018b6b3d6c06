"""Rivers on every surface: imported from a bureau's own headers, then one colour and one width by class everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import build
from api.main import create_app
from api.settings import Settings
from geo.cartography.frame import Inset, frame_of_box
from geo.cartography.theme import Themes
from geo.cartography.water import water_width_px
from geo.selection import Box
from layers.registry import discover
from tests.mvt import decode
from tests.pixels import of_colour, read, widths_of

LAYER = discover()["rivers"]
LAT = {"main": 25.84, "tributary_2": 25.82, "stream": 25.80}
WORDS = {"main": "干流", "tributary_2": "二级支流", "stream": "四级支流"}
BBOX = "114.9,25.78,115.0,25.86"


@pytest.fixture(scope="module")
def valley(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Three rivers of three classes, imported as a bureau sends them, and the land they run over."""
    land = {
        "type": "Feature",
        "properties": {"区划代码": "360702", "区划名称": "章贡区", "行政级别": "县级"},
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[114.5, 25.5], [115.5, 25.5], [115.5, 26.1], [114.5, 26.1], [114.5, 25.5]]],
        },
    }
    rivers = [
        {
            "type": "Feature",
            "properties": {
                "河段编码": f"R{n}",
                "河流名称": f"{name}水",
                "河流代码": f"FA{n}",
                "河流级别": WORDS[name],
                "流向": ("一致", "相反", "")[n],
                "河长(公里)": 12.5,
            },
            "geometry": {"type": "LineString", "coordinates": [[114.8, lat], [115.2, lat]]},
        }
        for n, (name, lat) in enumerate(LAT.items())
    ]
    folder = tmp_path_factory.mktemp("rivers")
    for layer, features in (("divisions", [land]), ("rivers", rivers)):
        path = folder / f"{layer}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
        words = ["import", str(path), "--layer", layer, "--crs", "EPSG:4490", "--json"]
        result = CliRunner().invoke(build(), words, env={"ONEMAP_DATABASE_URL": module_database_url})
        assert result.exit_code == 0, result.output
        report = json.loads(result.stdout)
        assert report["counts"]["inserted"] == len(features)
        assert [each for each in report["findings"] if each["effect"] == "rejected"] == []
    return module_database_url


@pytest.fixture
async def ask(valley: str, tmp_path: Path):
    app = create_app(Settings(database_url=valley, state_directory=tmp_path))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as client:

        async def get(address: str, **parameters: object) -> httpx.Response:
            response = await client.get(address, params=parameters)
            assert response.status_code == 200, response.text
            return response

        yield get
    await app.state.onemap.database.close()


async def test_what_a_bureau_declares_of_its_rivers_is_kept(ask):
    found = (await ask("/layers/rivers/features")).json()["features"]
    rivers = {each["properties"]["source_id"]: each["properties"] for each in found}
    assert [rivers[f"R{n}"]["river_class"] for n in range(3)] == list(LAT)
    assert [rivers[f"R{n}"]["flow_direction"] for n in range(3)] == ["digitised", "reversed", None]
    assert {each["length_m"] for each in rivers.values()} == {12_500}
    assert rivers["R0"]["river_code"] == "FA0"
    assert rivers["R0"]["grade"] is None


async def test_rivers_are_ground_and_no_finding_of_a_risk_answer(ask):
    answer = (await ask("/risk", lon=114.95, lat=25.84, radius_m=5000)).json()
    assert answer["features"]["features"] == []
    (rivers,) = (layer for layer in (await ask("/layers")).json()["layers"] if layer["name"] == "rivers")
    assert (rivers["family"], rivers["risk"], rivers["graded"]) == ("base", False, False)


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
async def test_style_picture_legend_and_wms_show_one_colour_and_widths_by_class(ask, theme):
    colour = Themes().get(theme).rivers.color
    style = (await ask("/style.json", theme=theme)).json()
    (line,) = (each for each in style["layers"] if each["id"] == "rivers-line")
    assert line["paint"]["line-color"] == colour
    ids = [each["id"] for each in style["layers"]]
    assert ids.index("divisions-land") < ids.index("rivers-line") < ids.index("divisions-line-county")
    drawn = read(
        (await ask("/maps/image.png", bbox=BBOX, size="800x700", theme=theme, labels=False, legend=False)).content
    )
    widths = widths_of(drawn[:640, 300:340], Themes().get(theme).surface.land, colour)
    told = water_width_px(LAYER, frame_of_box(Box(*map(float, BBOX.split(","))), 800, 700, Inset()).zoom)
    assert widths == pytest.approx([told[name] for name in LAT], abs=0.25), "from the north"
    legend = read((await ask("/legend.png", layers="rivers", theme=theme)).content)
    assert of_colour(legend, colour, 12).sum() > 20
    (entry,) = (await ask("/legend.json", layers="rivers", bbox=BBOX, theme=theme)).json()["entries"]
    assert [(item["title"], item["color"], item["count"]) for item in entry["items"]] == [("河流", colour, 3)]
    asked = {"SERVICE": "WMS", "VERSION": "1.3.0", "REQUEST": "GetMap", "LAYERS": "rivers", "STYLES": theme}
    asked |= {"CRS": "EPSG:4490", "BBOX": "25.78,114.9,25.86,115.0", "WIDTH": 500, "HEIGHT": 400, "FORMAT": "image/png"}
    served = read((await ask("/wms", **asked)).content)
    assert len(widths_of(served[:, 20:60], "#FFFFFF", colour)) == 3


async def test_tiles_hold_the_classes_that_belong_to_their_scale(ask):
    def classes(content: bytes) -> set[object]:
        layers = decode(content)
        return {each.properties.get("river_class") for each in layers.get("rivers", []) if each.kind == "line"}

    by_zoom = {
        z: classes((await ask(f"/tiles/rivers/{z}/{x}/{y}.mvt")).content)
        for z, x, y in ((5, 26, 13), (8, 209, 108), (12, 3355, 1743))
    }
    assert by_zoom[5] == {"main"}
    assert by_zoom[8] == {"main", "tributary_2"}
    assert by_zoom[12] >= {"main"}
    capabilities = (await ask("/wms", SERVICE="WMS", REQUEST="GetCapabilities")).text
    assert "<Name>rivers</Name>" in capabilities
    assert "LAYER=rivers" in capabilities
