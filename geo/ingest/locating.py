"""Where the rows of one file are: its geometries or its coordinate columns, held against the divisions it names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import psycopg
import shapely

from geo.crs import Crs
from geo.ingest.columns import ColumnMap
from geo.ingest.coordinates import read_points
from geo.ingest.geometry import Judged, judge_geometries
from geo.ingest.habits import habits_of
from geo.ingest.named import TOLERANCE_DEG, Area, NamedAreas, load_divisions
from geo.ingest.options import ImportOptions
from geo.ingest.place_cells import place_cells
from geo.ingest.placing import Habits
from geo.ingest.reading import Batch, Table
from geo.ingest.report import Report
from geo.ingest.suspicion import Suspicion
from layers.divisions import LAYER as DIVISIONS
from layers.layer import Layer

__all__ = ["Locator"]


class Locator:
    """Judges the places of a file's batches one after the other."""

    def __init__(self, layer: Layer, table: Table, columns: ColumnMap, crs: Crs, options: ImportOptions) -> None:
        self._layer, self._table, self._columns, self._crs, self._options = layer, table, columns, crs, options
        self._habits = Habits(columns.places.either_order, options.notation == "dms")
        self._known = NamedAreas(())
        names = columns.fields.get("name")
        self._suspicion = Suspicion(layer, crs, names[0].header if names else None)
        codes = columns.fields.get("division_code")
        self._named_by = (*((codes[0].header,) if codes else ()), *columns.places.divisions)
        self.plain_note: Mapping[str, object] = {"crs": crs.code}

    def begin(self, connection: psycopg.Connection) -> None:
        """Learn the divisions that are loaded, and the file's habits."""
        if self._layer is not DIVISIONS:
            self._known = load_divisions(connection)
        if not self._table.has_geometry:
            self._habits = habits_of(self._table, self._columns, self._options)

    def conclude(self, connection: psycopg.Connection, report: Report) -> None:
        """Say whether the file's coordinates look like GCJ-02 or BD-09 that nobody declared."""
        self._suspicion.tell(connection, report)

    def judge(self, batch: Batch) -> Judged:
        """The batch's geometries in EPSG:4490, or why there is none."""
        areas = self._areas(batch)
        if batch.geometry is not None:
            judged = _held_against(judge_geometries(batch.geometry, self._layer.geometry, self._crs), areas)
        else:
            x, y = place_cells(self._columns.places, batch)
            judged = read_points(x, y, self._crs, self._habits, areas, self._known)
        self._suspicion.see(batch, judged, areas)
        return judged

    def _areas(self, batch: Batch) -> Sequence[Area | None]:
        """The area that each row names; empty where no row can name any."""
        if not self._known or not self._named_by:
            return ()
        cells = zip(*(batch.cells[header] for header in self._named_by), strict=True)
        return [self._known.find([None if isinstance(each, list) else each for each in row]) for row in cells]


def _held_against(judged: Judged, areas: Sequence[Area | None]) -> Judged:
    """Flag shapes that lie wholly outside the area that their row names."""
    flags: dict[int, tuple[str, ...]] = {}
    rows_of: dict[Area, list[int]] = defaultdict(list)
    for at, area in enumerate(areas):
        if area is not None and judged.geometry[at] is not None:
            rows_of[area].append(at)
    for area, rows in rows_of.items():
        shapely.prepare(area.geometry)
        near = np.asarray(shapely.dwithin(area.geometry, judged.geometry[rows], TOLERANCE_DEG), dtype=bool)
        flags.update(
            {at: ("coordinate-outside-division",) for at, is_near in zip(rows, near, strict=True) if not is_near}
        )
    return replace(judged, flags=flags) if flags else judged
