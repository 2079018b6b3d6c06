"""Duplicates and change: a delivery compared with itself, and with what its source delivered before.

All of it is SQL over the staging table, in the import's transaction, before anything is written: a dry run tells the
same as the import does. ``delivered`` holds every id of the file; what the source had and it lacks is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql

from geo.ingest.astray import astray_rows
from geo.ingest.loading import STAGING_ROW, Loader
from geo.ingest.other_sources import warn_of_other_sources
from geo.ingest.repeats import Repeats
from geo.ingest.report import CHANGES_KEPT, Change, Finding, Report
from layers.layer import Layer

__all__ = ["Comparison"]

_MOVED_M = 1.0
"""Below it a coordinate was merely rounded otherwise."""
_MOVED_FAR_M = 1000.0
_VILLAGES = ("村", "行政村", "村(社区)", "村（社区）", "村委会", "所在村", "村名", "village")
_UNCOMPARED = ("geom", "extra", "grade_basis", "source_id", "retired_at")
_MASK = "***"
_FEW = 20_000
"""Rows that are asked for by their numbers."""

_ELSEWHERE = (
    "WITH elsewhere AS (SELECT t.* FROM {table} t WHERE t.source = %(source)s AND t.retired_at IS NULL "
    "AND NOT EXISTS (SELECT FROM staging o WHERE o.source_id = t.source_id)) "
)
"""What the source delivered before under ids that this file lacks."""


class Comparison:
    """What one delivery changes; made when the staging table is full."""

    def __init__(self, loader: Loader, layer: Layer, source: str, report: Report, repeats: Repeats) -> None:
        self._connection: psycopg.Connection = loader.connection
        self._columns = loader.columns
        self._layer = layer
        self._source = source
        self._report = report
        self._repeats = repeats
        self._table = sql.Identifier(layer.name)
        # A table that was filled a moment ago has no statistics: its plan would loop over every pair of rows.
        self._connection.execute("SET LOCAL enable_nestloop = off")
        known = self._rows(sql.SQL("SELECT 1 FROM {table} WHERE source = %(source)s LIMIT 1"))
        self._known_source = bool(known)

    def find(self) -> None:
        """Tell the report of doubles within the file and against the source, and of moves and returns."""
        self._same_place()
        self._same_name()
        self._astray()
        if self._known_source:
            self._moved()
            self._returned()
        else:
            warn_of_other_sources(self._connection, self._layer, self._source, self._report)

    def show(self) -> None:
        """Tell what changes in which features; to be asked when the unchanged rows are out of the staging table."""
        if self._known_source:
            self._count_columns()
            self._show_updates()

    def gone(self) -> None:
        """Tell which features a full delivery lacks."""
        rows = self._rows(
            sql.SQL(
                "SELECT source_id, name FROM {table} t WHERE source = %(source)s AND retired_at IS NULL "
                "AND NOT EXISTS (SELECT FROM delivered d WHERE d.source_id = t.source_id) "
                "ORDER BY source_id LIMIT %(limit)s"
            )
        )
        self._report.changes.extend(Change("retired", str(source_id), _text(name)) for source_id, name in rows)

    def _rows(
        self, statement: sql.SQL, values: Mapping[str, object] | None = None, **parts: sql.Composable
    ) -> list[tuple[object, ...]]:
        composed = statement.format(table=self._table, row=sql.Identifier(STAGING_ROW), **parts)
        values = {"source": self._source, "limit": CHANGES_KEPT, "moved": _MOVED_M, **(values or {})}
        return self._connection.execute(composed, values).fetchall()

    def _flag(self, code: str, field: str, doubles: Sequence[tuple[object, ...]]) -> None:
        """``doubles``: row, the other's row (None: in the database), the other's id."""
        if not doubles:
            return
        finding = self._report.finding(code, field)
        fresh = [row for row, *_ in doubles if row not in self._report.troubled]
        self._report.counts.flagged += len(set(fresh))
        finding.add((int(str(row)) for row, *_ in doubles), (str(each[2]) for each in doubles if each[2] is not None))
        for row, other, _ in doubles:
            if other is not None and other != row:
                finding.first_row(int(str(row)), int(str(other)))

    def _within(self, statement: str, among: list[int] | None, **parts: sql.Composable) -> list[tuple[object, ...]]:
        """Ask about the rows of the file, as ``asked``: those ``among`` which alone anything can be found, if few."""
        if among is not None and not among:
            return []
        few = among is not None and len(among) <= _FEW
        rows = "SELECT * FROM staging WHERE {row} = ANY(%(among)s)" if few else "SELECT * FROM staging"
        return self._rows(
            sql.SQL(f"WITH asked AS NOT MATERIALIZED ({rows}) {statement}"), {"among": among} if few else {}, **parts
        )

    def _same_place(self) -> None:
        """Points on exactly the coordinates of another id, in the file or of the source."""
        within = self._within(
            "SELECT s.{row}, g.first_row, s.source_id FROM asked s JOIN (SELECT geom, min({row}) AS first_row "
            "FROM asked WHERE ST_Dimension(geom) = 0 GROUP BY geom HAVING count(*) > 1) g ON g.geom = s.geom "
            "ORDER BY s.{row}",
            self._repeats.of_places(),
        )
        self._flag("same-place", "geom", within)
        if not self._known_source:
            return
        stored = self._rows(
            sql.SQL(
                _ELSEWHERE
                + "SELECT s.{row}, NULL, t.source_id FROM staging s JOIN (SELECT geom, min(source_id) AS source_id "
                "FROM elsewhere WHERE ST_Dimension(geom) = 0 GROUP BY geom) t ON t.geom = s.geom ORDER BY s.{row}"
            )
        )
        self._flag("same-place", "geom", stored)

    def _same_name(self) -> None:
        """The same name and village under two ids, in the file or of the source."""
        if "name" not in self._columns:
            return
        staged, stored = self._village("s"), self._village("t")
        within = self._within(
            ", named AS MATERIALIZED (SELECT {row} AS r, source_id, name, {village} AS village "
            "FROM asked s WHERE name IS NOT NULL) "
            "SELECT n.r, g.first_row, n.source_id FROM named n JOIN (SELECT name, village, min(r) AS first_row "
            "FROM named WHERE village IS NOT NULL GROUP BY name, village HAVING count(*) > 1) g "
            "USING (name, village) ORDER BY n.r",
            self._repeats.of_names(),
            village=staged,
        )
        self._flag("same-name-place", "name", within)
        if not self._known_source:
            return
        known = self._rows(
            sql.SQL(
                _ELSEWHERE + "SELECT s.r, NULL, t.source_id FROM "
                "(SELECT {row} AS r, name, {staged} AS village FROM staging s WHERE name IS NOT NULL) s "
                "JOIN (SELECT name, {stored} AS village, min(source_id) AS source_id FROM elsewhere t "
                "WHERE name IS NOT NULL GROUP BY 1, 2) t USING (name, village) ORDER BY s.r"
            ),
            staged=staged,
            stored=stored,
        )
        self._flag("same-name-place", "name", known)

    def _village(self, alias: str) -> sql.Composable:
        """SQL for the village, as finely as the row tells it: its own column, the address, or a township's code."""
        columns = {column.name for column in self._layer.table.columns} if alias == "t" else set(self._columns)
        named = [sql.SQL("{}.extra->>{}").format(sql.Identifier(alias), sql.Literal(word)) for word in _VILLAGES]
        if "address" in columns:
            named.append(sql.SQL("{}.address").format(sql.Identifier(alias)))
        if "division_code" in columns:
            code = sql.SQL("CASE WHEN length({0}.division_code) >= 9 THEN {0}.division_code END")
            named.append(code.format(sql.Identifier(alias)))
        county = sql.SQL("coalesce(left({}.division_code, 6), '')").format(sql.Identifier(alias))
        return sql.SQL("{} || '|' || coalesce({})").format(county, sql.SQL(", ").join(named))

    def _astray(self) -> None:
        """Places that may well be typing errors; divisions say themselves where they are."""
        if self._layer.name != "divisions":
            code, rows = astray_rows(self._connection)
            self._flag(code, "geom", [(row, None, None) for row in rows])

    def _moved(self) -> None:
        moved = self._rows(
            sql.SQL(
                "SELECT {row}, source_id, metres FROM (SELECT s.{row}, s.source_id, ST_Distance(ST_Centroid(t.geom)"
                "::geography, ST_Centroid(s.geom)::geography) AS metres FROM staging s JOIN {table} t "
                "ON t.source = %(source)s AND t.source_id = s.source_id WHERE NOT t.geom = s.geom) d "
                "WHERE metres > %(moved)s ORDER BY metres DESC, {row}"
            )
        )
        far = [each for each in moved if float(str(each[2])) > _MOVED_FAR_M]
        self._flag("moved-far", "geom", [(row, None, f"{own}: {_kilometres(metres)}") for row, own, metres in far])
        near = moved[len(far) :]
        if near:
            told = (f"{own}: {float(str(metres)):,.0f} m" for _, own, metres in near)
            self._report.finding("moved", "geom").add((int(str(row)) for row, *_ in near), told)

    def _returned(self) -> None:
        live = sql.SQL("AND s.retired_at IS NULL") if "retired_at" in self._columns else sql.SQL("")
        back = self._rows(
            sql.SQL(
                "SELECT s.{row}, s.source_id FROM staging s JOIN {table} t ON t.source = %(source)s "
                "AND t.source_id = s.source_id WHERE t.retired_at IS NOT NULL {live} ORDER BY 1"
            ),
            live=live,
        )
        if back:
            told: Finding = self._report.finding("returned", "source_id")
            told.add((int(str(row)) for row, _ in back), (str(own) for _, own in back))

    def _compared(self) -> list[str]:
        return [name for name in self._columns if name not in _UNCOMPARED]

    def _count_columns(self) -> None:
        names = [*self._compared(), "geom"]
        counted = sql.SQL(", ").join(
            sql.SQL("count(*) FILTER (WHERE t.{0} IS DISTINCT FROM s.{0})").format(sql.Identifier(name))
            for name in names
        )
        found = self._rows(
            sql.SQL(
                "SELECT {counted} FROM staging s JOIN {table} t ON t.source = %(source)s AND t.source_id = s.source_id"
            ),
            counted=counted,
        )
        counts = {name: int(str(n)) for name, n in zip(names, found[0], strict=True)}
        self._report.changed_columns.update({name: n for name, n in counts.items() if n})

    def _show_updates(self) -> None:
        names = self._compared()
        pairs = {alias: self._as_json(alias, names) for alias in ("t", "s")}
        found = self._rows(
            sql.SQL(
                "SELECT s.{row}, s.source_id, t.name, t.retired_at IS NOT NULL, {before}, {after}, ST_Distance("
                "ST_Centroid(t.geom)::geography, ST_Centroid(s.geom)::geography) FROM staging s JOIN {table} t "
                "ON t.source = %(source)s AND t.source_id = s.source_id ORDER BY s.{row} LIMIT %(limit)s"
            ),
            before=pairs["t"],
            after=pairs["s"],
        )
        for row, own, name, was_retired, before, after, moved_m in found:
            assert isinstance(before, Mapping)
            assert isinstance(after, Mapping)
            self._report.changes.append(
                Change(
                    "restored" if was_retired else "updated",
                    str(own),
                    _text(name),
                    int(str(row)),
                    self._differences(before, after),
                    round(float(str(moved_m)), 1),
                )
            )

    def _as_json(self, alias: str, names: Sequence[str]) -> sql.Composable:
        columns = sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(n)) for n in names)
        return sql.SQL("(SELECT to_jsonb(x) FROM (SELECT {}) x)").format(columns)

    def _differences(
        self, before: Mapping[str, object], after: Mapping[str, object]
    ) -> dict[str, tuple[object, object]]:
        """Columns that differ, personal ones masked."""
        found = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
        hidden = self._layer.sensitive_columns
        return {name: (_MASK, _MASK) if name in hidden else values for name, values in found.items()}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _kilometres(metres: object) -> str:
    return f"{float(str(metres)) / 1000:,.1f} km"
