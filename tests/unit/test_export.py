"""An answer as a file is the same answer, and no cell of it is a formula."""

from __future__ import annotations

import csv
import io
import json

import geopandas as gpd
import openpyxl
import pytest

from geo.export import ExportFormat, export_features, safe_cell
from geo.risk.list_sheet import list_sheet
from layers.registry import discover

HOSTILE = '=HYPERLINK("http://evil","x")'
FEATURES = [
    {
        "type": "Feature",
        "id": "shelters/test/1",
        "geometry": {"type": "Point", "coordinates": [115.944, 28.545]},
        "properties": {
            "name": HOSTILE,
            "grade": None,
            "distance_m": 12.5,
            "grade_basis": {"kind": "none"},
            "demo": True,
        },
    },
    {
        "type": "Feature",
        "id": "forest_zones/test/2",
        "geometry": {"type": "Polygon", "coordinates": [[[115, 28], [115.1, 28], [115.1, 28.1], [115, 28]]]},
        "properties": {"name": "林班 𬇙\u0007", "grade": "red", "distance_m": -1, "storage_m3": 3.5},
    },
]


def test_csv_opens_in_excel_as_text():
    content = export_features(FEATURES, ExportFormat.CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0]["name"] == f"'{HOSTILE}"
    assert rows[0]["grade"] == ""
    assert (rows[0]["lon"], rows[0]["lat"]) == ("115.944", "28.545")
    assert rows[1]["storage_m3"] == "3.5"


def test_xlsx_holds_no_formula_and_keeps_numbers_numbers():
    sheet = openpyxl.load_workbook(io.BytesIO(export_features(FEATURES, ExportFormat.XLSX))).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    heads = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, heads.index("distance_m") + 1).value == 12.5
    assert sheet.cell(3, heads.index("name") + 1).value == "林班 𬇙"


@pytest.mark.parametrize("kind", [ExportFormat.GPKG, ExportFormat.PARQUET])
def test_geographic_files_keep_shapes_and_their_crs(kind, tmp_path):
    path = tmp_path / f"answer.{kind}"
    path.write_bytes(export_features(FEATURES, kind))
    frame = gpd.read_file(path) if kind is ExportFormat.GPKG else gpd.read_parquet(path)
    assert frame.crs.to_epsg() == 4490
    assert list(frame.geometry.geom_type) == ["Point", "Polygon"]
    assert frame["name"][0] == HOSTILE


def test_geojson_is_the_answer_itself():
    assert json.loads(export_features(FEATURES, ExportFormat.GEOJSON))["features"] == FEATURES


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_an_empty_answer_is_an_empty_file_not_an_error(kind):
    assert export_features([], kind)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_made_text(text):
    assert str(safe_cell(text)).startswith("'")


def test_the_first_sheet_of_a_workbook_says_in_words_what_was_found():
    common = {"source": "t", "demo": False, "distance_m": 418.713, "bearing_deg": 15.36, "ring_m": 500}
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [115.6, 24.9]},
            "properties": common | {"layer": layer, "source_id": str(n), "name": name, "grade": grade} | more,
        }
        for n, (layer, name, grade, more) in enumerate(
            [
                ("hazard_points", HOSTILE, "red", {"grade_basis": {"zh": "威胁 120 人", "en": "threatens 120"}}),
                ("hazard_points", None, None, {}),
                ("shelters", "某小学", None, {"demo": True}),
            ]
        )
    ]
    book = openpyxl.load_workbook(
        io.BytesIO(export_features(features, ExportFormat.XLSX, None, list_sheet(features, discover(), "zh")))
    )
    assert book.sheetnames == ["清单", "onemap"]
    heads, *rows = book["清单"].iter_rows(values_only=True)
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    assert [row["等级"] for row in told] == ["红 重大", "未分级", "—"], "a shelter has no grade to lack"
    assert [row["为什么"] for row in told] == ["威胁 120 人", None, None]
    assert [row["图层"] for row in told] == ["地质灾害隐患点", "地质灾害隐患点", "避难场所"]
    assert [row["距离(米)"] for row in told] == [418.7] * 3
    assert told[0]["名称"] == f"'{HOSTILE}"
    assert [row["演示数据"] for row in told] == [None, None, "是"]
