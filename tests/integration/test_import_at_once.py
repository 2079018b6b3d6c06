"""An import that reads plain columns at once ends as one that looks at every cell: rows, flags, reasons, quarantine."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest

from geo.ingest import ImportOptions, coordinates, fields, import_file, indexes, load_rows, loading
from geo.ingest.copytext import _cell
from geo.ingest.identity import FirstRows
from geo.ingest.repeats import Repeats
from geo.ingest.values import ColumnReading, Reading
from layers.registry import discover
from tests import throwaway
from tests.dirty import HEADERS, Row, divisions, draw, write_workbook

LAYERS = discover()
SEED, ROWS, BATCH = 20261123, 3000, 150
TOLD_BY_THE_RUN = ("run", "seconds")


def _clean_first() -> list[Row]:
    """Whole batches without dirt, batches of one kind of it each, and ids that come again."""
    rows = sorted(draw(SEED, ROWS), key=lambda row: (row.kind != "plain", row.kind))
    for at in (7, 500, 1700):
        rows[at + 60].cells["统一编号"] = rows[at].cells["统一编号"]
        rows[at + 70].cells["隐患点名称 "] = rows[at].cells["隐患点名称 "]
        for name in ("县（市、区）", "乡镇(街道)", "隐患点名称 ", "经度", "纬度"):
            rows[at + 80].cells[name] = rows[at].cells[name]
    return rows


def _write_csv(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*HEADERS, "备注"))
        for at, row in enumerate(rows):
            writer.writerow([*(row.cells.get(name) for name in HEADERS), f"第{at}条\t备注" if at % 3 else None])
            if at % 400 == 399:
                writer.writerow([])
                writer.writerow(["小计", None, None, 400])
        writer.writerow(["合计", None, None, len(rows)])


def _look_at_every_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_each(cells, reader):
        readings = [Reading(None) if cell is None else reader(cell) for cell in cells]
        troubled = {at: each for at, each in enumerate(readings) if each.problem is not None or each.keep}
        return ColumnReading([each.value for each in readings], troubled)

    def claim_each(self, ids, rows):
        found = ((at, self.claim(own, int(rows[at]))) for at, own in ids.items())
        return {at: first for at, first in found if first is not None}

    monkeypatch.setattr(fields, "read_column", read_each)
    monkeypatch.setattr(coordinates, "plain_decimals", lambda cells: None)
    monkeypatch.setattr(FirstRows, "claim_all", claim_each)
    monkeypatch.setattr(loading, "copy_column", lambda values: [_cell(value) for value in values])
    monkeypatch.setattr(loading, "is_constant", lambda values: False)
    monkeypatch.setattr(Repeats, "of_places", lambda self: None)
    monkeypatch.setattr(Repeats, "of_names", lambda self: None)
    monkeypatch.setattr(indexes, "LEAST_ROWS", 10**9)


def _outcome(dsn: str, path: Path) -> dict[str, object]:
    """Everything that is left of an import, its run's own id and times aside."""
    load_rows(dsn, LAYERS["divisions"], divisions(), "测试")
    report = import_file(dsn, path, LAYERS["hazard_points"], ImportOptions(crs="EPSG:4490", source="各县"))
    told = {name: value for name, value in report.as_dict().items() if name not in TOLD_BY_THE_RUN}
    with psycopg.connect(dsn) as connection:
        features = connection.execute(
            "SELECT to_jsonb(h) - 'imported_at' - 'geom', ST_AsEWKT(geom) FROM hazard_points h ORDER BY source_id"
        ).fetchall()
        kept = connection.execute("SELECT to_jsonb(r) - 'run' FROM import_rows r ORDER BY \"row\"").fetchall()
        cells = connection.execute("SELECT to_jsonb(c) FROM onemap_cells c ORDER BY layer, x, y, grade").fetchall()
    return {"report": json.loads(json.dumps(told, default=str)), "features": features, "kept": kept, "cells": cells}


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_the_fast_way_and_the_careful_way_end_alike(
    cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    path = tmp_path / f"隐患点{ending}"
    rows = _clean_first()
    _write_csv(path, rows) if ending == ".csv" else write_workbook(path, rows, per_sheet=1000)
    for module in ("text", "workbook"):
        monkeypatch.setattr(f"geo.ingest.reading.{module}.BATCH_ROWS", BATCH)
    monkeypatch.setattr(indexes, "LEAST_ROWS", 10)
    with throwaway.database_of_its_own(cluster) as dsn:
        at_once = _outcome(dsn, path)
    _look_at_every_cell(monkeypatch)
    with throwaway.database_of_its_own(cluster) as dsn:
        carefully = _outcome(dsn, path)
    features, kept = at_once["features"], at_once["kept"]
    assert isinstance(features, list)
    assert isinstance(kept, list)
    assert len(features) > ROWS / 2
    assert len(kept) > ROWS / 4
    found = {each["code"] for each in at_once["report"]["findings"]}
    assert {"same-place", "same-name-place", "duplicate-id"} <= found
    assert at_once == carefully
