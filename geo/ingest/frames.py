"""Rows that are made in memory rather than read from a file: demonstrations, notebooks, other services' answers."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import numpy as np
import shapely

from geo.crs import CRS84
from geo.errors import InputError
from geo.ingest.extra import encode
from geo.ingest.geometry import judge_geometries
from geo.ingest.grading import grade_rows
from geo.ingest.identity import FirstRows
from geo.ingest.loading import open_loader
from geo.ingest.progress import Progress, ProgressCallback, Stage
from geo.ingest.reading.table import BATCH_ROWS, Geometries
from geo.ingest.report import Report
from geo.ingest.staged import Staged
from layers.divisions import LAYER as DIVISIONS
from layers.layer import Layer
from layers.text import Text

__all__ = ["FeatureRow", "load_rows"]

FeatureRow = Mapping[str, object]
"""One feature: ``source_id`` (str), ``geom`` (a shapely geometry, EPSG:4490 longitude and latitude) and the layer's
columns by name, already typed and in the stored unit; ``extra`` (a mapping) takes anything else."""


_GIVEN = ("source", "demo", "imported_at", "retired_at")
"""Columns that no row brings: they are the load's own."""


def _wrong(row: int, zh: str, en: str) -> InputError:
    return InputError(Text(f"第 {row} 条:{zh}", f"row {row}: {en}"))


class _Maker:
    """Staged batches of feature rows."""

    def __init__(self, layer: Layer, report: Report) -> None:
        self._layer = layer
        self._report = report
        self.columns = tuple(c.name for c in layer.table.columns if c.name not in _GIVEN)
        self._own = [each.name for each in layer.fields]
        self._first_rows = FirstRows()

    def make(self, rows: list[FeatureRow], first: int) -> Staged:
        """The accepted ones of ``rows``, which are numbered from ``first``."""
        for number, row in enumerate(rows, start=first):
            self._check(row, number)
        judged = judge_geometries(self._geometries(rows, first), self._layer.geometry, CRS84)
        problem = judged.problem
        for at, row in enumerate(rows):
            earlier = self._first_rows.claim(str(row["source_id"]), first + at) if problem[at] is None else None
            if earlier is not None:
                problem[at] = "duplicate-id"
                self._report.finding("duplicate-id", "source_id").first_row(first + at, earlier)
        accepted = [at for at, code in enumerate(problem) if code is None]
        self._tell(problem, [at for at in np.flatnonzero(judged.repaired).tolist() if problem[at] is None], first)
        kept = [rows[at] for at in accepted]
        columns = {name: [row.get(name) for row in kept] for name in self.columns if name != "geom"}
        self._complete(columns, len(kept))
        return Staged([first + at for at in accepted], judged.geometry[accepted], columns)

    def _check(self, row: FeatureRow, number: int) -> None:
        unknown = sorted(set(row) - set(self.columns))
        if unknown:
            raise _wrong(
                number, f"图层 {self._layer.name} 没有列 {unknown}", f"layer {self._layer.name} has no {unknown}"
            )
        if not isinstance(row.get("source_id"), str) or not row["source_id"]:
            raise _wrong(number, "缺少 source_id(文字)", "source_id (a text) is missing")

    def _geometries(self, rows: list[FeatureRow], first: int) -> Geometries:
        geometry = np.full(len(rows), None, dtype=object)
        for at, row in enumerate(rows):
            shape = row.get("geom")
            if not isinstance(shape, shapely.Geometry):
                raise _wrong(first + at, "缺少 geom(shapely 几何)", "geom (a shapely geometry) is missing")
            geometry[at] = shape
        return geometry

    def _complete(self, columns: dict[str, list[object]], count: int) -> None:
        """Grades by the layer's rule, division codes of divisions, JSON of the two JSON columns."""
        bases = columns["grade_basis"]
        own = {name: columns[name] for name in self._own}
        columns["grade"], computed = grade_rows(self._layer, columns["grade"], own, count)
        columns["grade_basis"] = [
            other if given is None else json.dumps(given, ensure_ascii=False)
            for given, other in zip(bases, computed, strict=True)
        ]
        columns["extra"] = [encode(each) if isinstance(each, Mapping) else "{}" for each in columns["extra"]]
        if self._layer is DIVISIONS:
            pairs = zip(columns["division_code"], columns["source_id"], strict=True)
            columns["division_code"] = [code or (own_id if str(own_id).isdigit() else None) for code, own_id in pairs]

    def _tell(self, problem: Iterable[str | None], repaired: list[int], first: int) -> None:
        found: dict[str, list[int]] = defaultdict(list)
        for at, code in enumerate(problem):
            self._report.counts.read += 1
            if code is not None:
                found[code].append(first + at)
        for code, numbers in found.items():
            self._report.counts.rejected += len(numbers)
            self._report.finding(code, "source_id" if code == "duplicate-id" else "geom").add(numbers)
        if repaired:
            self._report.counts.flagged += len(repaired)
            self._report.finding("geometry-repaired", "geom").add(first + at for at in repaired)


def _staged(maker: _Maker, rows: Iterable[FeatureRow], progress: ProgressCallback | None) -> Iterator[Staged]:
    remaining, first = iter(rows), 1
    while chunk := list(islice(remaining, BATCH_ROWS)):
        yield maker.make(chunk, first)
        first += len(chunk)
        if progress is not None:
            progress(Progress(Stage.READING, first - 1, 1.0))


def load_rows(
    dsn: str,
    layer: Layer,
    rows: Iterable[FeatureRow],
    source: str,
    *,
    demo: bool = False,
    dry_run: bool = False,
    progress: ProgressCallback | None = None,
) -> Report:
    """Upsert ``rows`` into ``layer`` by ``(source, source_id)``, in one transaction.

    Columns that a row does not name are NULL. A ``grade`` (``red`` … ``blue``) is stored as supplied, else the layer's
    rule computes it; ``grade_basis`` may be given. ``division_code`` is found by place where it is not given. The
    geometry goes through the same checks as a file's (kind, validity, bounds). ``demo`` marks every row.

    Raises:
        InputError: a row without ``source_id`` or ``geom``, or with a key that is no column of the layer.
        DatabaseUnreachable: PostGIS does not answer or is not migrated.
    """
    started = time.monotonic()
    report = Report(file="", layer=layer.name, source=source, dry_run=dry_run, format="rows", crs=CRS84.code)
    maker = _Maker(layer, report)
    with open_loader(dsn, layer, source, maker.columns, demo=demo, dry_run=dry_run) as loader:
        staged = loader.stage(_staged(maker, rows, progress))
        loader.upsert(report.counts, staged, ())
    report.seconds = time.monotonic() - started
    return report
