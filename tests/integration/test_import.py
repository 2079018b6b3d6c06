"""What an import does to a layer: upsert, report, identity, grades, divisions, cancelling, queueing."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import shapely

from geo.errors import CrsUnknown, DatabaseUnreachable, FileUnreadable, InputError
from geo.ingest import ImportOptions, Report, import_file, load_rows
from layers.registry import discover

LAYERS = discover()
CRS84 = ImportOptions(crs="CRS84", source="某局")

HAZARDS = """序号,统一编号,灾害名称,经度,纬度,灾害类型 ,威胁人口（人）,威胁财产（万元）,风险等级,备注,监测人电话
1,360721001,王家屋后滑坡,114.9350,25.8310,滑坡,120,800,,汛期巡查,13800000000
2,360721002,李屋崩塌,114.9360,25.8320,崩塌,3,20,重大,,
3,360721003,张屋泥石流,114.9370,25.8330,泥石流,不详,约300,,"两行
备注",
"""


def _import(dsn: str, path: Path, content: str, layer: str = "hazard_points", options: ImportOptions = CRS84) -> Report:
    path.write_text(content, encoding="utf-8")
    return import_file(dsn, path, LAYERS[layer], options)


def _rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return [tuple(row) for row in connection.execute(query.encode()).fetchall()]


def _counts(report: Report) -> tuple[int, int, int, int, int]:
    counts = report.counts
    return counts.read, counts.inserted, counts.updated, counts.unchanged, counts.rejected


def _reasons(report: Report) -> dict[str, list[int]]:
    return {each.code: each.rows for each in report.findings}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "隐患点.csv"


def test_rows_become_features_with_typed_values_and_their_origin(database_url: str, path: Path) -> None:
    options = replace(CRS84, data_date=datetime.date(2026, 6, 1))
    report = _import(database_url, path, HAZARDS, options=options)
    assert _counts(report) == (3, 3, 0, 0, 0)
    found = _rows(
        database_url,
        "SELECT source, source_id, name, hazard_type, threatened_people, threatened_property_cny, data_date, "
        "round(ST_X(geom)::numeric, 4)::text, round(ST_Y(geom)::numeric, 4)::text "
        "FROM hazard_points ORDER BY source_id",
    )
    day = datetime.date(2026, 6, 1)
    assert found == [
        ("某局", "360721001", "王家屋后滑坡", "landslide", 120, 8e6, day, "114.9350", "25.8310"),
        ("某局", "360721002", "李屋崩塌", "rockfall", 3, 2e5, day, "114.9360", "25.8320"),
        ("某局", "360721003", "张屋泥石流", "debris_flow", None, 3e6, day, "114.9370", "25.8330"),
    ]


def test_every_feature_says_why_it_has_its_grade(database_url: str, path: Path) -> None:
    _import(database_url, path, HAZARDS)
    found = _rows(
        database_url,
        "SELECT grade, grade_basis->>'kind', grade_basis->>'zh', grade_basis->>'en' "
        "FROM hazard_points ORDER BY source_id",
    )
    assert found[0][:2] == ("yellow", "computed")
    assert "威胁 120 人" in str(found[0][2])
    assert found[1][:2] == ("red", "supplied")
    assert found[2][:2] == (None, "none")
    assert all(row[2] and row[3] for row in found)


def test_what_cannot_be_read_is_unknown_flagged_and_kept(database_url: str, path: Path) -> None:
    report = _import(database_url, path, HAZARDS)
    ((extra,),) = _rows(database_url, "SELECT extra FROM hazard_points WHERE source_id = '360721003'")
    assert isinstance(extra, dict)
    assert extra["威胁财产（万元）"] == "约300"
    assert extra["威胁人口（人）"] == "不详"
    assert extra["备注"] == "两行\n备注"
    assert extra["_flags"] == {"threatened_property_cny": "number-approximate"}
    assert _reasons(report) == {"number-approximate": [4], "missing-mark": [4]}
    assert report.counts.flagged == 1


def test_personal_originals_are_kept_apart(database_url: str, path: Path) -> None:
    _import(database_url, path, HAZARDS)
    ((extra,),) = _rows(database_url, "SELECT extra FROM hazard_points WHERE source_id = '360721001'")
    assert isinstance(extra, dict)
    assert extra["_sensitive"] == {"监测人电话": "13800000000"}
    assert "监测人电话" not in extra


def test_importing_again_changes_nothing_and_an_edit_changes_its_row_only(database_url: str, path: Path) -> None:
    _import(database_url, path, HAZARDS)
    assert _counts(_import(database_url, path, HAZARDS)) == (3, 0, 0, 3, 0)
    assert _counts(_import(database_url, path, HAZARDS.replace("120,800", "121,800"))) == (3, 0, 1, 2, 0)
    assert _counts(_import(database_url, path, HAZARDS.replace("25.8320", "25.83200001"))) == (3, 0, 2, 1, 0)
    assert _rows(database_url, "SELECT revision FROM onemap_revisions WHERE layer = 'hazard_points'") == [(3,)]


def test_a_row_that_only_moves_in_the_sheet_is_unchanged(database_url: str, path: Path) -> None:
    _import(database_url, path, HAZARDS)
    shuffled = HAZARDS.replace("\n1,", "\n9,").replace("\n2,", "\n8,")
    assert _counts(_import(database_url, path, shuffled)) == (3, 0, 0, 3, 0)


def test_two_sources_may_use_the_same_id(database_url: str, path: Path) -> None:
    _import(database_url, path, HAZARDS)
    report = _import(database_url, path, HAZARDS, options=replace(CRS84, source="另一局"))
    assert _counts(report) == (3, 3, 0, 0, 0)


def test_the_source_is_the_files_name_when_none_is_given(database_url: str, path: Path) -> None:
    _import(database_url, path, HAZARDS, options=ImportOptions(crs="CRS84"))
    assert _rows(database_url, "SELECT DISTINCT source FROM hazard_points") == [("隐患点",)]


def test_a_dry_run_reports_the_same_and_writes_nothing(database_url: str, path: Path) -> None:
    dry = _import(database_url, path, HAZARDS, options=replace(CRS84, dry_run=True))
    assert _rows(database_url, "SELECT count(*) FROM hazard_points") == [(0,)]
    assert _rows(database_url, "SELECT revision FROM onemap_revisions WHERE layer = 'hazard_points'") == [(0,)]
    wet = _import(database_url, path, HAZARDS)
    ours, theirs = dry.as_dict(), wet.as_dict()
    for answer in (ours, theirs):
        for own in ("seconds", "dry_run", "run"):
            answer.pop(own)
    assert ours == theirs


WRONG_PLACES = """编号,名称,经度,纬度
A,没有坐标,,
B,零,0,0
C,写反,25.83,114.93
D,范围外,214.93,25.83
E,读不懂,东边,25.83
F,好的,１１４．９３,25.83°
G,缺纬度,114.93,无
"""


def test_rows_without_a_place_are_rejected_each_with_its_reason(database_url: str, path: Path) -> None:
    report = _import(database_url, path, WRONG_PLACES)
    assert _counts(report) == (7, 2, 0, 0, 5)
    assert _reasons(report) == {
        "coordinate-missing": [2, 8],
        "coordinate-zero": [3],
        "coordinate-exchanged": [4],
        "coordinate-coarse": [4, 7],
        "same-place": [4, 7],
        "coordinate-out-of-range": [5],
        "coordinate-unreadable": [6],
    }
    placed = "SELECT source_id, ST_X(geom), ST_Y(geom), extra->'_flags'->'geom' FROM hazard_points ORDER BY 1"
    assert _rows(database_url, placed) == [
        ("C", 114.93, 25.83, ["coordinate-coarse", "coordinate-exchanged"]),
        ("F", 114.93, 25.83, "coordinate-coarse"),
    ]


def test_a_repeated_id_keeps_its_first_row_and_names_it(database_url: str, path: Path) -> None:
    content = "编号,名称,经度,纬度\nA,一,,\nA,二,115,26\nB,三,115,26\nA,四,115.1,26\nA,五,115.2,26\n"
    report = _import(database_url, path, content)
    assert _counts(report) == (5, 2, 0, 0, 3)
    (repeated,) = [each for each in report.findings if each.code == "duplicate-id"]
    assert repeated.first_rows == {5: 3, 6: 3}  # row 2 has no place, so row 3 is the first that counts
    assert _rows(database_url, "SELECT name FROM hazard_points ORDER BY 1") == [("三",), ("二",)]


def test_an_id_that_a_spreadsheet_mangled_is_rejected_never_guessed(database_url: str, path: Path) -> None:
    report = _import(database_url, path, "编号,经度,纬度\n3.60121E+11,115,26\n,115,26\n360121000001.0,115,26\n")
    assert {code: _reasons(report)[code] for code in ("id-unreadable", "id-missing")} == {
        "id-unreadable": [2],
        "id-missing": [3],
    }
    assert _rows(database_url, "SELECT source_id FROM hazard_points") == [("360121000001",)]


def test_without_an_id_column_equal_rows_are_one_and_the_ordinal_is_no_id(database_url: str, path: Path) -> None:
    content = "序号,名称,经度,纬度\n1,甲,115,26\n2,乙,115,26\n3,甲,115,26\n"
    report = _import(database_url, path, content)
    assert _reasons(report)["duplicate-row"] == [4]
    assert any("编号" in warning.zh for warning in report.warnings)
    assert _counts(_import(database_url, path, content.replace("2,乙", "7,乙"))) == (3, 0, 0, 2, 1)


def test_a_file_without_a_crs_is_refused_and_told_what_to_say(database_url: str, path: Path) -> None:
    with pytest.raises(CrsUnknown, match="--crs CRS84"):
        _import(database_url, path, HAZARDS, options=ImportOptions())


def test_a_declared_gcj02_is_taken_back(database_url: str, path: Path) -> None:
    content = "编号,经度,纬度\nA,115.9488547,28.5416024\n"
    report = _import(database_url, path, content, options=ImportOptions(datum="gcj02"))
    assert report.crs == "GCJ02"
    ((lon, lat),) = _rows(database_url, "SELECT ST_X(geom), ST_Y(geom) FROM hazard_points")
    assert (lon, lat) == (pytest.approx(115.944, abs=1e-6), pytest.approx(28.545, abs=1e-6))


def test_a_datum_does_not_go_with_a_projected_crs(database_url: str, path: Path) -> None:
    with pytest.raises(InputError, match="--datum"):
        _import(database_url, path, HAZARDS, options=ImportOptions(crs="EPSG:4527", datum="gcj02"))


def test_columns_can_be_mapped_and_unmapped_by_the_user(database_url: str, path: Path) -> None:
    content = "点号,叫什么,东,北,名称\nP1,甲,115,26,旧名\n"
    mapping = {"点号": "source_id", "叫什么": "name", "东": "longitude", "北": "latitude", "名称": "-"}
    _import(database_url, path, content, options=replace(CRS84, mapping=mapping))
    assert _rows(database_url, "SELECT source_id, name, extra->>'名称' FROM hazard_points") == [("P1", "甲", "旧名")]


@pytest.mark.parametrize("mapping", [{"没有": "name"}, {"名称": "nothing"}])
def test_a_mapping_to_nothing_is_refused(database_url: str, path: Path, mapping: dict[str, str]) -> None:
    with pytest.raises(InputError, match="--map"):
        _import(database_url, path, "编号,名称,经度,纬度\n", options=replace(CRS84, mapping=mapping))


def _square(size: float, west: float = 115.0) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([shapely.box(west, 26.0, west + size, 26.0 + size)])


def test_the_division_is_the_deepest_that_covers_the_place(database_url: str, path: Path) -> None:
    divisions = [
        {"source_id": "3607", "name": "市", "level": "city", "geom": _square(1.0)},
        {"source_id": "360721", "name": "县", "level": "county", "geom": _square(0.5)},
        {"source_id": "999999999", "name": "开发区", "level": "zone", "geom": _square(0.2)},
    ]
    load_rows(database_url, LAYERS["divisions"], divisions, "民政")
    content = (
        "编号,经度,纬度,行政区划代码\nA,115.1,26.1,\nB,115.8,26.8,\nC,120,26,\nD,115.1,26.1,360781\nE,115.1,26.1,赣州\n"
    )
    report = _import(database_url, path, content)
    found = _rows(database_url, "SELECT source_id, division_code FROM hazard_points ORDER BY 1")
    assert found == [("A", "360721"), ("B", "3607"), ("C", None), ("D", "360721"), ("E", "360721")]
    assert _reasons(report)["division-code-unreadable"] == [6]
    assert _reasons(report)["division-code-unknown"] == [5]
    assert _rows(database_url, "SELECT extra->>'_division_code' FROM hazard_points WHERE source_id = 'D'") == [
        ("360781",)
    ]
    assert _rows(database_url, "SELECT division_code FROM divisions ORDER BY 1") == [
        ("3607",),
        ("360721",),
        ("999999999",),
    ]


def test_a_code_is_held_against_the_place_as_a_name_is(database_url: str, path: Path) -> None:
    divisions = [
        {"source_id": "360721", "name": "甲县", "level": "county", "geom": _square(0.5)},
        {"source_id": "360722", "name": "乙县", "level": "county", "geom": _square(0.5, west=116.0)},
    ]
    load_rows(database_url, LAYERS["divisions"], divisions, "民政")
    report = _import(
        database_url,
        path,
        "编号,经度,纬度,行政区划代码\nA,115.1234,26.1234,360722\nB,115.1235,26.1234,360721104005\nC,116.1234,26.1234,360722.0\n",
    )
    assert _reasons(report)["coordinate-outside-division"] == [2]
    assert "division-code-unknown" not in _reasons(report)


def test_a_point_that_names_its_county_is_found_by_its_township_too(database_url: str, path: Path) -> None:
    divisions = [
        {"source_id": "360721", "name": "县", "level": "county", "geom": _square(0.5)},
        {"source_id": "360721101", "name": "镇", "level": "township", "geom": _square(0.2)},
    ]
    load_rows(database_url, LAYERS["divisions"], divisions, "民政")
    content = "编号,经度,纬度,行政区划代码\nA,115.1234,26.1234,360721\nB,115.1235,26.1234,360721000000\n"
    content += "C,115.4234,26.1234,360721\nD,115.1236,26.1234,360700\nE,115.1237,26.1234,360721104\n"
    _import(database_url, path, content)
    assert _rows(database_url, "SELECT source_id, division_code FROM hazard_points ORDER BY 1") == [
        *(("A", "360721101"), ("B", "360721101"), ("C", "360721"), ("D", "360721101"), ("E", "360721101"))
    ]
    assert _counts(_import(database_url, path, content)) == (5, 0, 0, 5, 0)


def _county(dsn: str, tmp_path: Path, code: str, *, dry_run: bool = False) -> Report:
    outline = {"type": "Feature", "properties": {"code": code, "name": "县", "level": "county"}}
    feature = outline | {"geometry": shapely.geometry.mapping(_square(0.5))}
    options = replace(CRS84, mapping={"code": "source_id"}, source="民政", full=True, dry_run=dry_run)
    content = json.dumps({"type": "FeatureCollection", "features": [feature]})
    return _import(dsn, tmp_path / "县.geojson", content, "divisions", options)


def test_divisions_that_come_after_their_features_find_them(database_url: str, path: Path, tmp_path: Path) -> None:
    _import(database_url, path, "编号,经度,纬度\nA,115.1234,26.1234\nB,118.1234,26.1234\n")
    for dry_run in (True, False):
        report = _county(database_url, tmp_path, "360721", dry_run=dry_run)
        assert any("1 个要素" in warning.zh for warning in report.warnings)
        found = _rows(database_url, "SELECT source_id, division_code FROM hazard_points ORDER BY 1")
        assert found == [("A", None if dry_run else "360721"), ("B", None)]


def test_features_follow_a_county_to_its_new_code(database_url: str, path: Path, tmp_path: Path) -> None:
    _county(database_url, tmp_path, "360721")
    content = (
        "编号,经度,纬度,行政区划代码\nA,115.1234,26.1234,360721\nB,115.1235,26.1234,360721104\nC,118.1,26.1234,360721\n"
    )
    _import(database_url, path, content)
    _county(database_url, tmp_path, "360704")
    found = _rows(database_url, "SELECT source_id, division_code FROM hazard_points ORDER BY 1")
    assert found == [("A", "360704"), ("B", "360704"), ("C", "360721")]


def test_a_storage_that_is_none_of_the_scale_is_flagged(database_url: str, path: Path) -> None:
    content = "编号,经度,纬度,总库容,工程规模\nA,115.1234,26.1234,1200,小(1)型\nB,115.1234,26.1235,120万,小(1)型\n"
    report = _import(database_url, path, content + "C,115.1234,26.1236,1000万m³,中型\n", "reservoirs")
    assert _reasons(report) == {"storage-differs": [2]}


def test_rows_of_memory_are_checked_graded_and_marked_as_demonstration(database_url: str) -> None:
    rows = [
        {"source_id": "a", "geom": shapely.Point(115, 26), "threatened_people": 1200, "extra": {"说明": "例"}},
        {"source_id": "b", "geom": shapely.LineString([(115, 26), (115.1, 26)]), "grade": "blue"},
        {"source_id": "a", "geom": shapely.Point(115, 27)},
        {"source_id": "c", "geom": shapely.Point(215, 26)},
    ]
    report = load_rows(database_url, LAYERS["hazard_points"], rows, "演示", demo=True)
    assert _counts(report) == (4, 2, 0, 0, 2)
    assert _reasons(report) == {"duplicate-id": [3], "coordinate-out-of-range": [4]}
    found = _rows(
        database_url,
        "SELECT source_id, grade, grade_basis->>'kind', demo, GeometryType(geom), extra FROM hazard_points ORDER BY 1",
    )
    assert found == [
        ("a", "red", "computed", True, "POINT", {"说明": "例"}),
        ("b", "blue", "supplied", True, "MULTILINESTRING", {}),
    ]
    assert _counts(load_rows(database_url, LAYERS["hazard_points"], rows, "演示", demo=True)) == (4, 0, 0, 2, 2)


@pytest.mark.parametrize(
    "row",
    [{"geom": shapely.Point(1, 1)}, {"source_id": "a"}, {"source_id": "a", "geom": shapely.Point(1, 1), "nonsense": 1}],
)
def test_a_row_of_memory_that_is_no_feature_is_refused(database_url: str, row: dict[str, object]) -> None:
    with pytest.raises(InputError):
        load_rows(database_url, LAYERS["hazard_points"], [row], "演示")
    assert _rows(database_url, "SELECT count(*) FROM hazard_points") == [(0,)]


POLYGONS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"林班号": name, "面积(亩)": "15"},
            "geometry": geometry,
        }
        for name, geometry in {
            "bow-tie": {"type": "Polygon", "coordinates": [[[115, 26], [116, 27], [116, 26], [115, 27], [115, 26]]]},
            "with heights": {
                "type": "Polygon",
                "coordinates": [[[115, 26, 9], [116, 26, 9], [116, 27, 9], [115, 26, 9]]],
            },
            "point": {"type": "Point", "coordinates": [115, 26]},
            "nothing": None,
            "spike": {"type": "Polygon", "coordinates": [[[115, 26], [116, 26], [115, 26], [115, 26]]]},
            "swapped": {"type": "Polygon", "coordinates": [[[26, 115], [26, 116], [27, 115], [26, 115]]]},
        }.items()
    ],
}


def test_geometries_are_flat_valid_multiple_and_of_the_layers_kind(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "forest.geojson"
    report = _import(database_url, path, json.dumps(POLYGONS), "forest_zones", ImportOptions())
    assert report.crs == "CRS84"
    assert _reasons(report) == {
        "geometry-kind": [3],
        "geometry-missing": [4],
        "geometry-invalid": [5],
        "coordinate-swapped": [6],
        "geometry-repaired": [1],
    }
    found = _rows(
        database_url,
        "SELECT source_id, ST_IsValid(geom), ST_NDims(geom), GeometryType(geom), recorded_area_m2, extra->'_flags' "
        "FROM forest_zones ORDER BY 1",
    )
    assert found == [
        ("bow-tie", True, 2, "MULTIPOLYGON", 10000.0, {"geom": "geometry-repaired"}),
        ("with heights", True, 2, "MULTIPOLYGON", 10000.0, None),
    ]


def test_a_broken_file_leaves_nothing_behind(database_url: str, path: Path) -> None:
    head = "编号,名称,经度,纬度\n" + "".join(f"A{n},点,115,26\n" for n in range(30_000))
    path.write_bytes(head.encode("utf-8") + b"B," + b"\xff\xfe\xfd,115,26\n")
    with pytest.raises(FileUnreadable, match="encoding"):
        import_file(database_url, path, LAYERS["hazard_points"], replace(CRS84, encoding="utf-8"))
    assert _rows(database_url, "SELECT count(*) FROM hazard_points") == [(0,)]


def test_two_imports_of_one_layer_wait_for_each_other(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号,经度,纬度\n" + "".join(f"A{n},115,26\n" for n in range(3000)), encoding="utf-8")
    reports: list[Report] = []

    def run() -> None:
        reports.append(import_file(database_url, path, LAYERS["hazard_points"], CRS84))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((each.counts.inserted, each.counts.unchanged) for each in reports) == [(0, 3000)] * 3 + [(3000, 0)]


def test_a_database_that_does_not_answer_is_said_to(path: Path) -> None:
    path.write_text(HAZARDS, encoding="utf-8")
    with pytest.raises(DatabaseUnreachable):
        import_file("postgresql:///nothing?host=/nonexistent", path, LAYERS["hazard_points"], CRS84)


def test_progress_is_told_batch_by_batch(database_url: str, path: Path) -> None:
    path.write_text("编号,经度,纬度\n" + "".join(f"A{n},115,26\n" for n in range(45_000)), encoding="utf-8")
    told: list[tuple[str, int]] = []
    import_file(database_url, path, LAYERS["hazard_points"], CRS84, lambda each: told.append((each.stage, each.rows)))
    assert told == [
        ("reading", 20_000),
        ("reading", 40_000),
        ("reading", 45_000),
        ("loading", 45_000),
        ("done", 45_000),
    ]
