"""``/audits``: each audit finds what it should and nothing else, says why, and keeps to the reader's scope."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import httpx
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from openpyxl import load_workbook
from typer.testing import CliRunner

from api.cli import build
from api.main import create_app
from api.settings import Settings
from geo.audits import AUDITS, AuditQuery
from geo.audits.inspections import due_on, is_drawn
from geo.audits.plant_neighbours import alpha_of, class_of, ring_outside
from geo.database import Database
from geo.errors import InputError
from geo.rasters import RasterKind, add_raster, rasters_directory
from geo.selection import Reader
from layers.registry import discover
from tests.seeding import insert

CELL = 0.001
LISTED = list(AUDITS)


@pytest.fixture
async def audit_client(small_city, tmp_path):
    app = create_app(Settings(database_url=small_city, state_directory=tmp_path))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as asking:
        yield asking
    assert app.state.onemap.database.loans == 0
    await app.state.onemap.database.close()


def grid(dsn, tmp_path, kind, band):
    path = tmp_path / f"{kind.value}.tif"
    transform = Affine(CELL, 0, 114.9, 0, -CELL, 25.1)
    shape = {"height": band.shape[0], "width": band.shape[1], "count": 1}
    with rasterio.open(
        path, "w", driver="GTiff", dtype="float32", crs="EPSG:4490", nodata=-1, transform=transform, **shape
    ) as file:
        file.write(band.astype(np.float32), 1)
    add_raster(dsn, rasters_directory(tmp_path), path, kind)


async def run(client, name, **parameters):
    response = await client.get(f"/audits/{name}", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def rows(answer):
    return {each["properties"]["source_id"]: each["properties"] for each in answer["features"]["features"]}


async def test_the_catalogue_names_every_audit_with_its_columns(audit_client):
    listed = (await audit_client.get("/audits", params={"lang": "en"})).json()["audits"]
    assert [each["name"] for each in listed] == LISTED
    assert all(each["title"] and each["about"] and each["columns"] for each in listed)


@pytest.mark.parametrize("name", LISTED)
async def test_every_row_of_every_audit_has_its_columns_and_a_reason_in_both_languages(audit_client, small_city, name):
    insert(small_city, "shelters", "POINT(115.0041 25)", "near", name="村小学")
    insert(small_city, "divisions", "MULTIPOLYGON(((1 1, 2 1, 2 2, 1 2, 1 1)))", "360722101", level="township")
    insert(small_city, "tailings_ponds", "POINT(115 25)", "pond", name="一号库")
    insert(small_city, "schools", "POINT(115.001 25)", "school", name="中心小学")
    insert(
        small_city, "enterprises", "POINT(115 25)", "plant", name="化工厂", grade="red", major_hazard_level="class_3"
    )
    zh, en = await run(audit_client, name), await run(audit_client, name, lang="en")
    assert zh["total"] == len(zh["features"]["features"]) > 0
    columns = {column["name"] for column in zh["columns"]}
    for each in zh["features"]["features"]:
        assert columns <= set(each["properties"])
        assert any("\u4e00" <= character <= "\u9fff" for character in each["properties"]["why"])
    assert [each["properties"]["why"] for each in en["features"]["features"]] != [
        each["properties"]["why"] for each in zh["features"]["features"]
    ]
    assert zh["summary"] != en["summary"]


async def test_a_shelter_within_a_hazards_reach_is_named_with_its_distance(audit_client, small_city):
    # h-1 lies at 115.004 25; by pyproj, 0.001° of longitude there is 100.95 m
    insert(small_city, "shelters", "POINT(115.005 25)", "100m", name="村委会", capacity_people=80)
    insert(small_city, "shelters", "POINT(115.0065 25)", "252m", name="祠堂")
    insert(small_city, "shelters", "POINT(114.995 25)", "in-forest", name="林场")
    answer = await run(audit_client, "shelters-in-hazards")
    found = rows(answer)
    assert set(found) == {"100m", "in-forest"}
    (_, _, metres) = pyproj.Geod(ellps="GRS80").inv(115.004, 25, 115.005, 25)
    assert found["100m"]["distance_m"] == pytest.approx(metres, abs=0.06)
    assert found["100m"]["hazard"] == "hazard_points/test/h-1"
    assert "红色地质灾害隐患点" in found["100m"]["why"]
    assert "之内" in found["in-forest"]["why"]
    assert answer["audited"] == 4
    assert set(rows(await run(audit_client, "shelters-in-hazards", reach_m=300))) == {"100m", "252m", "in-forest"}
    assert set(rows(await run(audit_client, "shelters-in-hazards", reach_m=50))) == {"in-forest"}


async def test_a_township_whose_only_helipad_is_closed_has_none(audit_client, small_city):
    def square(west):
        return f"MULTIPOLYGON((({west} 24.9, {west + 0.1} 24.9, {west + 0.1} 25.1, {west} 25.1, {west} 24.9)))"

    insert(
        small_city, "divisions", square(115.0), "360721101", name="停用镇", level="township", division_code="360721101"
    )
    insert(
        small_city, "divisions", square(115.45), "360721102", name="可用镇", level="township", division_code="360721102"
    )
    insert(
        small_city, "divisions", square(115.6), "360722100", name="没有乡", level="township", division_code="360722100"
    )
    answer = await run(audit_client, "townships-without-helipad")
    found = rows(answer)
    assert answer["audited"] == 3
    assert set(found) == {"360721101", "360722100"}
    assert found["360721101"]["unusable_helipads"] == 1
    assert found["360721101"]["nearest_helipad"] == "中学起降点"
    (_, _, metres) = pyproj.Geod(ellps="GRS80").inv(115.65, 25, 115.5, 25)
    assert found["360722100"]["nearest_m"] == pytest.approx(metres, abs=1)
    assert set(rows(await run(audit_client, "townships-without-helipad", division="360722"))) == {"360722100"}


async def test_a_division_that_holds_nothing_is_said_since_its_code_may_be_mistyped(audit_client):
    answer = await run(audit_client, "inspections", division="999999", lang="en")
    assert answer["audited"] == 0
    assert "division 999999 holds nothing that this audit looks at; check its code" in answer["notes"]


def test_alpha_and_the_class_follow_the_published_steps():
    assert [alpha_of(n) for n in (0, 1, 29, 30, 49, 50, 99, 100, 5000)] == [0.5, 1, 1, 1.2, 1.2, 1.5, 1.5, 2, 2]
    assert [class_of(r) for r in (9.99, 10, 49.9, 50, 99, 100)] == [
        "class_4",
        "class_3",
        "class_3",
        "class_2",
        "class_2",
        "class_1",
    ]


def test_the_ring_around_a_plant_leaves_the_plant_out_and_reaches_500_m():
    plant = shapely.box(115.0, 25.0, 115.004, 25.002)
    ring, geod = ring_outside(plant), pyproj.Geod(ellps="GRS80")
    assert not shapely.covers(ring, shapely.Point(115.002, 25.001))
    area = abs(geod.geometry_area_perimeter(ring)[0])
    _, _, width = geod.inv(115.0, 25.001, 115.004, 25.001)
    _, _, height = geod.inv(115.0, 25.0, 115.0, 25.002)
    assert area == pytest.approx(2 * 500 * (width + height) + np.pi * 500**2, rel=0.002)


async def test_alpha_comes_from_the_people_around_and_the_class_follows(audit_client, small_city, tmp_path):
    band = np.zeros((200, 200))
    band[:, 100:] = 1.0  # a person in each cell of 101 m × 111 m, east of 115
    grid(small_city, tmp_path, RasterKind.POPULATION, band)
    common = {"grade": "red", "major_hazard_level": "class_3"}
    insert(small_city, "enterprises", "POINT(115.05 25)", "many", hazard_r=30, recorded_alpha=1.0, **common)
    insert(small_city, "enterprises", "POINT(114.95 25)", "none", hazard_r=15, recorded_alpha=1.0, **common)
    insert(small_city, "enterprises", "POINT(115.05 25.05)", "no-record", **common)
    insert(small_city, "enterprises", "POINT(116 25)", "off-grid", hazard_r=30, recorded_alpha=1.0, **common)
    insert(small_city, "enterprises", "POINT(115 25)", "harmless", grade="blue")
    answer = await run(audit_client, "plant-neighbours")
    found = rows(answer)
    assert set(found) == {"many", "none", "no-record", "off-grid"}
    # π · 500² m² in cells of 11,178 m²: 70 people
    assert found["many"]["people"] == pytest.approx(70, abs=1)
    assert (found["many"]["alpha"], found["many"]["class_by_alpha"]) == (1.5, "class_3")
    assert (found["none"]["people"], found["none"]["alpha"], found["none"]["class_by_alpha"]) == (0, 0.5, "class_4")
    assert found["none"]["class_changes"] is True
    assert "应由三级变为四级" in found["none"]["why"]
    assert found["no-record"]["class_by_alpha"] is None
    assert found["off-grid"]["people"] is None
    assert found["off-grid"]["alpha"] is None
    assert answer["notes"]


async def test_without_a_population_grid_people_and_alpha_are_unknown(audit_client, small_city):
    insert(small_city, "enterprises", "POINT(115 25)", "plant", grade="red", major_hazard_level="class_1")
    answer = await run(audit_client, "plant-neighbours")
    assert rows(answer)["plant"]["people"] is None
    assert "没有人口栅格" in answer["notes"][0]


async def test_targets_below_a_pond_are_told_from_those_above_it_where_heights_are_known(
    audit_client, small_city, tmp_path
):
    insert(small_city, "tailings_ponds", "POINT(115 25)", "p", name="一号库", above_homes=False, pond_class="class_4")
    insert(small_city, "schools", "POINT(114.995 25)", "west", name="西小学")
    insert(small_city, "schools", "POINT(115.005 25)", "east", name="东小学")
    insert(small_city, "schools", "POINT(115.011 25)", "far", name="远小学")
    blind = await run(audit_client, "below-tailings-ponds")
    assert (rows(blind)["p"]["near_1km"], rows(blind)["p"]["lower_1km"]) == (2, None)
    assert "直线" in rows(blind)["p"]["why"]
    assert "没有高程栅格" in blind["notes"][0]
    grid(small_city, tmp_path, RasterKind.ELEVATION, np.tile(100.0 + np.arange(200), (200, 1)))
    seeing = await run(audit_client, "below-tailings-ponds")
    assert rows(seeing)["p"]["features"] == ["schools/test/west"]
    assert rows(seeing)["p"]["should_check"] is True
    assert "西小学" in rows(seeing)["p"]["why"]
    assert rows(seeing)["p"]["downstream_1km"] == 1
    assert "D8" in seeing["notes"][0]


async def test_what_is_lower_and_not_along_the_water_is_not_downstream(audit_client, small_city, tmp_path):
    # A valley that falls to the south for 500 m and then turns east; the plain to the west is lower than the pond too.
    insert(small_city, "tailings_ponds", "POINT(115.0005 25.0005)", "p", name="一号库", above_homes=False)
    insert(small_city, "schools", "POINT(115.0005 24.9975)", "south", name="南小学")
    insert(small_city, "schools", "POINT(115.0035 24.9955)", "east", name="东小学")
    insert(small_city, "schools", "POINT(114.9945 24.9995)", "west", name="西小学")
    row, column = np.mgrid[0:200, 0:200]  # the pond is in row 99, column 100; rows run south
    bend = 99 + 5
    south = np.where(column == 100, 200.0 - (row - 99), 260.0)
    east = np.where((row == bend) & (column >= 100), 195.0 - (column - 100), 260.0)
    valley = np.minimum(np.where(row <= bend, south, 260.0), east)
    ground = np.where(column < 97, 150.0, valley)
    grid(small_city, tmp_path, RasterKind.ELEVATION, ground)
    found = rows(await run(audit_client, "below-tailings-ponds"))["p"]
    assert (found["near_1km"], found["lower_1km"]) == (3, 3)
    assert sorted(found["features"]) == ["schools/test/east", "schools/test/south"]
    lons, lats = np.array(found["flow_path"]["coordinates"]).T
    metres = pyproj.Geod(ellps="GRS80").line_length(lons, lats)
    assert 850 < metres <= 1000
    assert lons.max() == pytest.approx(115.0005 + 0.004, abs=0.0011)
    assert lats.min() == pytest.approx(24.9955, abs=1e-9)


async def test_inspections_are_due_by_grade_and_the_sample_is_drawn_by_the_seed(audit_client, small_city):
    def plant(source_id, grade, last):
        insert(small_city, "enterprises", "POINT(115 25)", source_id, grade=grade, last_inspected=last)

    plant("red-late", "red", "2026-05-01")
    plant("red-soon", "red", "2026-06-10")
    plant("red-fresh", "red", "2026-11-01")
    plant("red-never", "red", None)
    plant("orange-late", "orange", "2025-11-21")
    plant("orange-today", "orange", "2025-11-22")
    plant("blue", "blue", "2001-01-01")
    plant("ungraded", None, "2026-11-01")
    for number in range(60):
        plant(f"yellow-{number}", "yellow", "2020-01-01")
    answer = await run(audit_client, "inspections", today="2026-11-22", seed="s", sample_share=0.3)
    found = rows(answer)
    states = {key: row["state"] for key, row in found.items() if not key.startswith("yellow")}
    assert states == {
        "red-late": "overdue",
        "red-never": "overdue",
        "orange-late": "overdue",
        "red-soon": "due",
        "orange-today": "due",
        "ungraded": "ungraded",
    }
    assert found["red-late"]["overdue_days"] == (date(2026, 11, 22) - date(2026, 11, 1)).days
    assert "没有检查记录" in found["red-never"]["why"]
    drawn = {key for key in found if key.startswith("yellow")}
    assert drawn == {f"yellow-{n}" for n in range(60) if is_drawn("s", "test", f"yellow-{n}", 0.3)}
    assert 8 <= len(drawn) <= 30
    other = rows(await run(audit_client, "inspections", today="2026-11-22", seed="t", sample_share=0.3))
    assert {key for key in other if key.startswith("yellow")} != drawn
    none = rows(await run(audit_client, "inspections", today="2026-11-22", sample_share=0))
    assert not [key for key in none if key.startswith("yellow")]


def test_half_a_year_after_the_end_of_august_is_the_end_of_february():
    assert due_on(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert due_on(date(2027, 8, 31), 6) == date(2028, 2, 29)
    assert due_on(date(2025, 11, 22), 12) == date(2026, 11, 22)


async def test_a_readers_scope_hides_what_is_outside_it_and_personal_data_is_masked(small_city):
    common = {"grade": "red", "responsible_person": "张三丰", "responsible_phone": "13812345678"}
    insert(small_city, "enterprises", "POINT(115 25)", "mine", division_code="360721101", **common)
    insert(small_city, "enterprises", "POINT(115 25)", "theirs", division_code="360722101", **common)
    database = Database(small_city, pool_size=1)
    query = AuditQuery(discover(), date(2026, 11, 22), reader=Reader(divisions=("360721",)))
    answer = await AUDITS["inspections"].run(database, query)
    await database.close()
    (only,) = (each.as_feature("zh")["properties"] for each in answer.findings)
    assert only["source_id"] == "mine"
    assert only["responsible_person"] == "张*"
    assert only["responsible_phone"] == "138****78"
    assert answer.audited == 1


async def test_a_hazard_outside_the_readers_scope_is_not_told_of(small_city):
    insert(small_city, "shelters", "POINT(115.0201 25)", "near", division_code="360721101")
    database = Database(small_city, pool_size=1)
    found = {}
    for scope in (None, ("360721",)):
        query = AuditQuery(discover(), date(2026, 11, 22), reader=Reader(divisions=scope))
        answer = await AUDITS["shelters-in-hazards"].run(database, query)
        found[scope] = [each.values["hazard"] for each in answer.findings]
    await database.close()
    assert found == {None: ["hazard_points/test/h-2"], ("360721",): []}


@pytest.mark.parametrize(
    "wrong", [{"reach_m": -1}, {"reach_m": "nan"}, {"sample_share": 1.1}, {"today": "tomorrow"}, {"division": "x"}]
)
async def test_a_wrong_question_is_refused_with_the_field_that_is_wrong(audit_client, wrong):
    response = await audit_client.get("/audits/shelters-in-hazards", params=wrong)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] in wrong


async def test_an_unknown_audit_is_a_404_that_names_the_known_ones(audit_client):
    response = await audit_client.get("/audits/ghosts", params={"lang": "en"})
    assert response.status_code == 404
    assert "inspections" in response.json()["detail"]


async def test_an_audit_can_be_taken_away_as_a_spreadsheet(audit_client, small_city):
    insert(small_city, "enterprises", "POINT(115 25)", "plant", name="=1+1", grade="red")
    response = await audit_client.get("/audits/inspections", params={"format": "csv", "today": "2026-11-22"})
    assert response.headers["content-disposition"] == 'attachment; filename="inspections.csv"'
    (row,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert row["name"] == "'=1+1"
    assert row["state"] == "overdue"


async def test_a_truncated_answer_says_so(audit_client, small_city):
    for number in range(3):
        insert(small_city, "enterprises", "POINT(115 25)", f"plant-{number}", grade="red")
    answer = await run(audit_client, "inspections", limit=2)
    assert (len(answer["features"]["features"]), answer["total"], answer["truncated"]) == (2, 3, True)


def test_the_command_prints_a_table_json_and_a_file(small_city, tmp_path, monkeypatch):
    insert(small_city, "enterprises", "POINT(115 25)", "plant", name="化工厂", grade="red")
    monkeypatch.setenv("ONEMAP_DATABASE_URL", small_city)
    monkeypatch.setenv("ONEMAP_STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("ONEMAP_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "200")
    invoke = CliRunner().invoke
    assert all(name in invoke(build(), ["audit"]).stdout for name in LISTED)
    shown = invoke(build(), ["audit", "inspections", "--today", "2026-11-22"])
    assert shown.exit_code == 0, shown.output
    assert "化工厂" in shown.stdout
    assert "没有检查记录" in shown.stdout
    assert "已逾期" in shown.stdout
    assert "overdue" not in shown.stdout
    told = json.loads(invoke(build(), ["audit", "inspections", "--json"]).stdout)
    assert told["total"] == 1
    path = tmp_path / "due.xlsx"
    assert invoke(build(), ["audit", "inspections", "-o", str(path)]).exit_code == 0
    book = load_workbook(path)
    assert book.sheetnames == ["清单", "onemap", "说明"]
    heads, row = ([cell.value for cell in line] for line in book["清单"].iter_rows(max_row=2))
    told = dict(zip(heads, row, strict=True))
    assert (told["名称"], told["等级"], told["状态"]) == ("化工厂", "红 重大", "已逾期")
    assert (told["上次检查"], told["应检查日期"]) == ("没有记录", "—")
    assert "没有检查记录" in told["为什么"]
    assert book["onemap"]["A2"].value == "enterprises"
    assert any("抽样可复核" in str(line[0]) for line in book["说明"].iter_rows(values_only=True))
    with pytest.raises(InputError):
        invoke(build(), ["audit", "inspections", "-o", "due.doc"], catch_exceptions=False)
