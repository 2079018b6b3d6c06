"""Duplicates and change: what a delivery repeats, moves, closes and lacks, told before and after it is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import shapely

from geo.errors import InputError
from geo.ingest import ImportOptions, Report, import_file, load_rows
from layers.registry import discover

LAYERS = discover()
OPTIONS = ImportOptions(crs="CRS84", source="某局")
FULL = replace(OPTIONS, full=True)
HEAD = "编号,名称,经度,纬度,村,威胁人口,监测人电话\n"
FIRST = HEAD + (
    "A1,王家屋后滑坡,114.93512,25.83117,黄沙村,120,13800000001\n"
    "A2,李屋崩塌,114.93622,25.83227,黄沙村,3,13800000002\n"
    "A3,张屋泥石流,114.93732,25.83337,黄沙村,30,13800000003\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "隐患点.csv"


def _import(dsn: str, path: Path, content: str, options: ImportOptions = OPTIONS) -> Report:
    path.write_text(content, encoding="utf-8")
    return import_file(dsn, path, LAYERS["hazard_points"], options)


def _rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        return [tuple(row) for row in connection.execute(query.encode()).fetchall()]


def _live(dsn: str) -> list[object]:
    return [
        row[0] for row in _rows(dsn, "SELECT source_id FROM hazard_points WHERE retired_at IS NULL ORDER BY source_id")
    ]


def _told(report: Report, code: str) -> list[int]:
    return [row for each in report.findings if each.code == code for row in each.rows]


def test_a_full_delivery_retires_what_it_lacks_and_deletes_nothing(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST)
    report = _import(database_url, path, "".join(FIRST.splitlines(keepends=True)[:-1]), FULL)
    assert report.counts.retired == 1
    assert [(each.kind, each.source_id, each.name) for each in report.changes] == [("retired", "A3", "张屋泥石流")]
    assert _live(database_url) == ["A1", "A2"]
    assert _rows(database_url, "SELECT count(*) FROM hazard_points") == [(3,)]


def test_without_full_nothing_is_retired(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST)
    assert _import(database_url, path, FIRST.split("A2")[0]).counts.retired == 0
    assert _live(database_url) == ["A1", "A2", "A3"]


def test_a_full_delivery_leaves_other_sources_alone(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST, replace(OPTIONS, source="另一局"))
    _import(database_url, path, FIRST)
    _import(database_url, path, FIRST.split("A2")[0], FULL)
    assert _live(database_url) == ["A1", "A1", "A2", "A3"]


def test_a_feature_whose_row_is_refused_is_not_gone(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST)
    report = _import(database_url, path, FIRST.replace("114.93732,25.83337", "暂无,"), FULL)
    assert (report.counts.rejected, report.counts.retired) == (1, 0)
    assert _live(database_url) == ["A1", "A2", "A3"]


@pytest.mark.parametrize(
    ("first", "spoilt"),
    [
        (FIRST.replace("A3", "360121010003"), ("360121010003", "3.60121E+11")),
        ("\n".join(",".join(line.split(",")[1:]) for line in FIRST.splitlines()) + "\n", ("114.93732", "11x.93732")),
    ],
    ids=["an id that a spreadsheet has mangled", "a place without an id that is misspelt"],
)
def test_nothing_is_gone_while_a_refused_row_may_be_any_feature(
    database_url: str, path: Path, first: str, spoilt: tuple[str, str]
) -> None:
    _import(database_url, path, first)
    report = _import(database_url, path, first.replace(*spoilt), FULL)
    assert (report.counts.rejected, report.counts.retired) == (1, 0)
    assert any("没有停用" in warning.zh for warning in report.warnings)
    assert len(_live(database_url)) == 3


def test_a_full_delivery_of_which_nothing_can_be_loaded_is_refused(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST)
    with pytest.raises(InputError, match="--full"):
        _import(database_url, path, HEAD + "A1,甲,,,,,\n", FULL)
    assert _live(database_url) == ["A1", "A2", "A3"]


def test_what_comes_back_is_restored_and_said_to_be(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST)
    _import(database_url, path, FIRST.split("A2")[0], FULL)
    report = _import(database_url, path, FIRST, FULL)
    assert _told(report, "returned") == [3, 4]
    assert [each.kind for each in report.changes] == ["restored", "restored"]
    assert _live(database_url) == ["A1", "A2", "A3"]


def test_a_dry_run_shows_the_same_changes_and_makes_none(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST)
    second = (
        FIRST.replace("A1,王家屋后滑坡,114.93512", "A1,王家屋后滑坡,114.93552").replace(",3,", ",5,").split("A3")[0]
    )
    dry = _import(database_url, path, second, replace(FULL, dry_run=True))
    assert _live(database_url) == ["A1", "A2", "A3"]
    assert _rows(database_url, "SELECT threatened_people FROM hazard_points WHERE source_id = 'A2'") == [(3,)]
    wet = _import(database_url, path, second, FULL)
    assert [each.as_dict() for each in dry.changes] == [each.as_dict() for each in wet.changes]
    assert dry.counts == wet.counts
    assert dry.changed_columns == wet.changed_columns == {"threatened_people": 1, "geom": 1}
    assert wet.changes[1].columns == {"threatened_people": (3, 5)}
    assert wet.changes[0].moved_m == pytest.approx(40.1, abs=0.5)


def test_personal_columns_are_said_to_change_but_not_shown(database_url: str, path: Path) -> None:
    content = "编号,名称,经度,纬度,责任人\nA1,甲,114.93512,25.83117,张三\n"
    _import(database_url, path, content)
    report = _import(database_url, path, content.replace("张三", "李四"))
    assert report.changes[0].columns == {"responsible_person": ("***", "***")}


def test_the_same_id_elsewhere_is_told_and_far_away_is_flagged(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST)
    moved = FIRST.replace("114.93512", "114.93612").replace("114.93622", "115.93622")
    report = _import(database_url, path, moved)
    assert (_told(report, "moved"), _told(report, "moved-far")) == ([2], [3])
    assert report.counts.flagged == 1


def test_points_on_the_same_coordinates_are_flagged_with_the_first_of_them(database_url: str, path: Path) -> None:
    report = _import(database_url, path, FIRST.replace("114.93732,25.83337", "114.93512,25.83117"))
    (finding,) = [each for each in report.findings if each.code == "same-place"]
    assert (finding.rows, finding.first_rows, report.counts.flagged) == ([2, 4], {4: 2}, 2)
    later = _import(database_url, path, HEAD + "B9,新报滑坡,114.93622,25.83227,红星村,1,\n")
    assert _told(later, "same-place") == [2]


def test_the_same_name_and_village_under_another_id_is_flagged(database_url: str, path: Path) -> None:
    doubled = FIRST + "A4,王家屋后滑坡,114.93519,25.83119,黄沙村,1,\nA5,王家屋后滑坡,115.2001,25.6001,红星村,1,\n"
    report = _import(database_url, path, doubled)
    assert _told(report, "same-name-place") == [2, 5]
    renumbered = HEAD + "Z1,李屋崩塌,114.93641,25.83241,黄沙村,3,\n"
    report = _import(database_url, path, renumbered)
    (finding,) = [each for each in report.findings if each.code == "same-name-place"]
    assert (finding.rows, finding.samples) == ([2], ["A2"])


def test_many_rows_on_one_spot_cost_no_more_than_others(database_url: str, path: Path) -> None:
    content = HEAD + "".join(f"A{n},同名,114.93512,25.83117,黄沙村,1,\n" for n in range(12_000))
    _import(database_url, path, content)
    report = _import(database_url, path, content.replace("\nA", "\nB"))
    assert report.seconds < 30
    assert len(_told(report, "same-place")) == 10_000


@pytest.mark.parametrize(
    ("header", "cell", "closed"),
    [
        ("是否销号", "是", True),
        ("是否销号", "否", False),
        ("销号状态", "已销号", True),
        ("销号状态", "未销号", False),
        ("销号状态", "拟销号", False),
        ("销号时间", "2026-05-01", True),
        ("销号时间", "/", False),
        ("状态", "已核销", True),
        ("状态", "在册", False),
    ],
)
def test_a_row_that_its_source_closed_is_kept_and_retired(
    database_url: str, path: Path, header: str, cell: str, closed: bool
) -> None:
    content = f"编号,名称,经度,纬度,{header}\nA1,甲,114.93512,25.83117,{cell}\nA2,乙,114.93622,25.83227,\n"
    report = _import(database_url, path, content)
    assert _live(database_url) == (["A2"] if closed else ["A1", "A2"])
    assert _told(report, "closed-by-source") == ([2] if closed else [])
    again = _import(database_url, path, content)
    assert again.counts.unchanged == 2


def test_the_same_register_under_another_name_is_said_to_be_on_the_map_twice(database_url: str, path: Path) -> None:
    _import(database_url, path, FIRST)
    again = _import(database_url, path, FIRST, replace(OPTIONS, source="某局2024年6月"))
    assert any("--source 某局 " in warning.zh for warning in again.warnings)
    elsewhere = FIRST.replace("114.9", "115.9").replace("A", "B")
    assert not _import(database_url, path, elsewhere, replace(OPTIONS, source="邻县")).warnings


@pytest.mark.parametrize(
    ("head", "cells", "is_live"),
    [
        ("销号时间", "0", True),
        ("销号时间", "1900-01-00", True),
        ("销号时间", "2024-02-02", False),
        ("是否销号,销号时间", "否,2024-02-02", True),
        ("拟销号时间", "2027-01-01", True),
        ("是否建议销号", "是", True),
        ("是否销号", "是", False),
    ],
)
def test_only_what_is_closed_is_closed(database_url: str, path: Path, head: str, cells: str, is_live: bool) -> None:
    _import(database_url, path, f"编号,经度,纬度,{head}\nA1,114.93512,25.83117,{cells}\n")
    assert _live(database_url) == (["A1"] if is_live else [])


def test_a_place_beyond_all_divisions_is_flagged_where_the_file_lies_within_them(database_url: str, path: Path) -> None:
    county = {"source_id": "360702", "name": "章贡区", "level": "county", "geom": shapely.box(114.5, 25.5, 115.5, 26.5)}
    load_rows(database_url, LAYERS["divisions"], [county], "民政")
    report = _import(database_url, path, FIRST.replace("114.93732", "141.93732"))
    assert _told(report, "coordinate-outside-divisions") == [4]
    assert report.counts.flagged == 1


@pytest.mark.parametrize("source", ["赣州市/应急局", "长" * 201, "零\u200b宽"])
def test_a_source_that_no_address_can_hold_is_refused(database_url: str, path: Path, source: str) -> None:
    with pytest.raises(InputError, match="--source"):
        _import(database_url, path, FIRST, replace(OPTIONS, source=source))


def test_a_file_s_name_is_its_source_without_what_cannot_be_seen(database_url: str, tmp_path: Path) -> None:
    _import(database_url, tmp_path / "隐患点\u200b 六月.csv", FIRST, replace(OPTIONS, source=None))
    assert _rows(database_url, "SELECT DISTINCT source FROM hazard_points") == [("隐患点 六月",)]


def test_a_place_far_from_the_rest_is_flagged_where_no_division_is_known(database_url: str, path: Path) -> None:
    rows = [f"B{n},点{n},115.{n}1234,25.{n}5678\n" for n in range(1, 10)]
    content = "编号,名称,经度,纬度\n" + "".join(rows) + "C1,东,151.11234,25.15678\nC2,南,115.11234,2.515678\n"
    report = _import(database_url, path, content)
    assert _told(report, "coordinate-far-away") == [11, 12]
    spread = "编号,名称,经度,纬度\n" + "".join(f"D{n},点{n},{80 + 4 * n}.1234,{25 + n}.5678\n" for n in range(12))
    assert not _told(_import(database_url, path, spread, replace(OPTIONS, source="全国")), "coordinate-far-away")
