"""Over 20,000 dirty rows no coordinate is accepted wrong without a flag, and every refused row has its right reason."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import psycopg
import pyproj
import pytest

from geo.ingest import ImportOptions, Report, import_file, load_rows
from geo.ingest.reasons import REASONS, Effect
from geo.obfuscation import gcj02_to_bd09, wgs84_to_gcj02
from layers.registry import discover
from tests.dirty import ANY, DIRT, Row, divisions, draw, write_workbook

LAYERS = discover()
ROWS = 20_001
GEOD = pyproj.Geod(ellps="GRS80")


def _found(dsn: str) -> dict[str, tuple[float, float, int | None, set[str], set[str]]]:
    """By id: place, people, the flags of the geometry, all flags."""
    query = (
        "SELECT source_id, ST_X(geom), ST_Y(geom), threatened_people, coalesce(extra->'_flags', '{}') "
        "FROM hazard_points"
    )
    answer = {}
    with psycopg.connect(dsn) as connection:
        for source_id, lon, lat, people, flags in connection.execute(query):
            told = {name: {code} if isinstance(code, str) else set(code) for name, code in flags.items()}
            answer[source_id] = (lon, lat, people, told.get("geom", set()), set().union(*told.values()))
    return answer


def _refused(report: Report) -> dict[int, set[str]]:
    refused: dict[int, set[str]] = {}
    for finding in report.findings:
        if REASONS[finding.code].effect is Effect.REJECTED:
            assert finding.count == len(finding.rows)
            for row in finding.rows:
                refused.setdefault(row, set()).add(finding.code)
    return refused


def _keep_truth(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "source_id", "kind", "lon", "lat", "people", "flag", "reason"))
        for row in rows:
            told = (row.number, row.source_id, row.kind, row.lon, row.lat, row.people, row.flag, row.reason)
            writer.writerow(told)


def test_dirty_workbooks_lose_nothing_and_nothing_wrong_goes_in_silently(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(DIRT) >= 40
    load_rows(database_url, LAYERS["divisions"], divisions(), "测试")
    rows = draw(20261122, ROWS)
    path = tmp_path / "隐患点.xlsx"
    write_workbook(path, rows)
    _keep_truth(tmp_path / "truth.csv", rows)
    options = ImportOptions(crs="EPSG:4490", source="各县")
    report = import_file(database_url, path, LAYERS["hazard_points"], options)
    found, refused = _found(database_url), _refused(report)

    wrong_silently, wrong_reason, wrong_flag, wrong_value, lost = [], [], [], [], []
    accepted, resolvable = 0, 0
    for row in rows:
        codes = refused.get(row.number, set())
        if row.reason is not None:
            if codes != {row.reason}:
                wrong_reason.append((row.kind, row.cells, codes))
            continue
        resolvable += 1
        if row.source_id not in found:
            lost.append((row.kind, row.cells, codes))
            continue
        accepted += 1
        lon, lat, people, place_flags, flags = found[row.source_id]
        off = GEOD.inv(row.lon, row.lat, lon, lat)[2]
        if off > row.tolerance_m and not place_flags:
            wrong_silently.append((row.kind, row.cells, off))
        if off > row.tolerance_m and row.flag is None:
            wrong_flag.append((row.kind, row.cells, off))
        if row.flag not in (None, ANY) and row.flag not in flags:
            wrong_flag.append((row.kind, row.cells, flags))
        if people != row.people and "threatened_people" not in str(flags) and row.flag is None:
            wrong_value.append((row.kind, row.cells, people))
    with capsys.disabled():
        share = 100 * accepted / resolvable
        print(
            f"\n{len(rows)} rows, {len(DIRT)} kinds of dirt: {resolvable} resolvable, {accepted} of them accepted "
            f"({share:.2f}%), {len(wrong_silently)} wrong without a flag, {len(refused)} refused, "
            f"{len(wrong_reason)} for a wrong reason, not accepted: {dict(Counter(kind for kind, _, _ in lost))}, "
            f"{len(wrong_flag)} without their flag, {len(wrong_value)} wrong values; {report.seconds:.1f} s"
        )
    assert wrong_silently == []
    assert Counter(kind for kind, _, _ in wrong_reason) == {}
    assert Counter(kind for kind, _, _ in wrong_flag) == {}
    assert Counter(kind for kind, _, _ in wrong_value) == {}
    assert accepted >= 0.98 * resolvable, Counter(kind for kind, _, _ in lost)
    assert report.counts.read == len(rows), "totals, notes and repeated headers are no rows"


SHIFTS = {
    "gcj02": wgs84_to_gcj02,
    "bd09": lambda lon, lat: gcj02_to_bd09(*wgs84_to_gcj02(lon, lat)),
}


def _shifted(path: Path, datum: str, count: int) -> None:
    """A clean workbook whose coordinates are of another department's map."""
    rows = [row for row in draw(7, 3 * count) if row.kind == "plain"]
    lon, lat = SHIFTS[datum](np.array([row.lon for row in rows]), np.array([row.lat for row in rows]))
    for row, each_lon, each_lat in zip(rows, lon, lat, strict=True):
        row.cells["经度"], row.cells["纬度"] = f"{each_lon:.7f}", f"{each_lat:.7f}"
    write_workbook(path, rows)


def _warnings(report: Report) -> str:
    return " ".join(each.en for each in report.warnings)


@pytest.mark.parametrize("datum", SHIFTS)
def test_an_undeclared_datum_is_suspected_by_the_known_features_of_the_same_names(
    database_url: str, tmp_path: Path, datum: str
) -> None:
    layer, path = LAYERS["hazard_points"], tmp_path / "a.xlsx"
    write_workbook(path, [row for row in draw(7, 300) if row.kind == "plain"])
    known = import_file(database_url, path, layer, ImportOptions(crs="CRS84", source="自然资源局"))
    assert "look like" not in _warnings(known)
    _shifted(path, datum, 100)
    options = ImportOptions(crs="CRS84", source="另一部门", dry_run=True)
    assert f"--datum {datum}" in _warnings(import_file(database_url, path, layer, options))
    declared = import_file(database_url, path, layer, replace(options, crs=None, datum=datum))
    assert "look like" not in _warnings(declared)


def test_an_undeclared_datum_is_suspected_by_the_townships_that_rows_name(database_url: str, tmp_path: Path) -> None:
    load_rows(database_url, LAYERS["divisions"], divisions(), "测试")
    layer, path = LAYERS["hazard_points"], tmp_path / "a.xlsx"
    _shifted(path, "bd09", 600)
    options = ImportOptions(crs="CRS84", source="另一部门", dry_run=True)
    report = import_file(database_url, path, layer, options)
    assert "--datum bd09" in _warnings(report)
    assert report.counts.flagged > 0
    declared = import_file(database_url, path, layer, replace(options, crs=None, datum="bd09"))
    assert "look like" not in _warnings(declared)
    assert declared.counts.flagged == 0
