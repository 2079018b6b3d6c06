"""Loading stock: COPY into a staging table, what changes is told, then one upsert of the rows that differ."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from geo.ingest.copytext import copy_column, copy_rows
from geo.ingest.report import CHANGES_KEPT, Change, Counts, Report
from geo.ingest.stock.rows import STAGED, StockRows

__all__ = ["StockLoader"]

_STAGING = """
CREATE TEMP TABLE staging (source_id text, item_code text, item_name text, quantity numeric, unit text,
    counted_on date, extra jsonb, geom geometry, staging_row bigint) ON COMMIT DROP
"""
_JOINED = """
FROM staging s JOIN supply_stock t
ON t.source = %(source)s AND t.source_id = s.source_id AND t.item_name = s.item_name AND t.unit = s.unit
"""
_SAME = """
DELETE FROM staging s USING supply_stock t
WHERE t.source = %(source)s AND t.source_id = s.source_id AND t.item_name = s.item_name AND t.unit = s.unit
AND t.item_code IS NOT DISTINCT FROM s.item_code AND t.quantity IS NOT DISTINCT FROM s.quantity
AND t.counted_on IS NOT DISTINCT FROM s.counted_on
AND t.extra - %(ordinals)s::text[] = s.extra - %(ordinals)s::text[]
"""
_UPSERT = """
WITH written AS (
    INSERT INTO supply_stock AS t (source, source_id, item_code, item_name, quantity, unit, counted_on, extra,
        imported_at)
    SELECT %(source)s, source_id, item_code, item_name, quantity, unit, counted_on, extra, now() FROM staging
    ON CONFLICT (source, source_id, item_name, unit) DO UPDATE SET item_code = EXCLUDED.item_code,
        quantity = EXCLUDED.quantity, counted_on = EXCLUDED.counted_on, extra = EXCLUDED.extra,
        imported_at = EXCLUDED.imported_at
    RETURNING xmax = 0 AS inserted)
SELECT count(*) FILTER (WHERE inserted), count(*) FILTER (WHERE NOT inserted) FROM written
"""
_UPDATES = (
    "SELECT s.staging_row, s.source_id, s.item_name, s.unit, t.quantity::text, s.quantity::text, t.item_code, "
    "s.item_code, t.counted_on::text, s.counted_on::text " + _JOINED + " ORDER BY s.staging_row LIMIT %(limit)s"
)
_COUNTED = (
    "SELECT count(*) FILTER (WHERE t.quantity IS DISTINCT FROM s.quantity), "
    "count(*) FILTER (WHERE t.item_code IS DISTINCT FROM s.item_code), "
    "count(*) FILTER (WHERE t.counted_on IS DISTINCT FROM s.counted_on) " + _JOINED
)
_GONE = """
DELETE FROM supply_stock t WHERE t.source = %(source)s AND NOT EXISTS (
    SELECT FROM delivered d WHERE d.source_id = t.source_id AND d.item_name = t.item_name AND d.unit = t.unit)
RETURNING source_id, item_name, unit, quantity::text
"""
_COMPARED = ("quantity", "item_code", "counted_on")


class StockLoader:
    """Stages and upserts the stock of one source, within an open transaction."""

    def __init__(self, connection: psycopg.Connection, source: str) -> None:
        self._connection = connection
        self._values: dict[str, object] = {"source": source, "limit": CHANGES_KEPT}

    def stage(self, batches: Iterable[StockRows]) -> int:
        """COPY every batch into the staging table; the number of rows."""
        self._connection.execute(_STAGING)
        staged = 0
        names = ", ".join((*STAGED, "staging_row"))
        with self._connection.cursor().copy(f"COPY staging ({names}) FROM STDIN".encode()) as copy:
            for batch in batches:
                columns = [copy_column(batch.columns[name]) for name in STAGED]
                copy.write(copy_rows([*columns, [str(row) for row in batch.rows]]))
                staged += len(batch.rows)
        self._connection.execute("ANALYZE staging")
        return staged

    def compare(self, report: Report, ordinals: tuple[str, ...]) -> None:
        """Take the unchanged rows out of the staging table, and tell what changes in the others."""
        self._connection.execute(
            "CREATE TEMP TABLE delivered ON COMMIT DROP AS SELECT source_id, item_name, unit FROM staging"
        )
        values = {**self._values, "ordinals": list(ordinals)}
        report.counts.unchanged = self._connection.execute(_SAME, values).rowcount
        counted = self._connection.execute(_COUNTED, self._values).fetchone()
        assert counted is not None
        report.changed_columns.update({name: n for name, n in zip(_COMPARED, counted, strict=True) if n})
        for row, own, item, unit, *sides in self._connection.execute(_UPDATES, self._values):
            pairs = dict(zip(_COMPARED, zip(sides[::2], sides[1::2], strict=True), strict=True))
            columns = {name: (old, new) for name, (old, new) in pairs.items() if old != new}
            report.changes.append(Change("updated", str(own), f"{item} ({unit})", int(row), columns))

    def write(self, counts: Counts) -> None:
        """Insert and update what is staged still."""
        row = self._connection.execute(_UPSERT, self._values).fetchone()
        assert row is not None
        counts.inserted, counts.updated = int(row[0]), int(row[1])

    def remove_gone(self, report: Report) -> None:
        """Remove what a full delivery lacks: a row of stock is what lies there now, and has no history of its own."""
        gone = self._connection.execute(_GONE, self._values).fetchall()
        report.counts.retired += len(gone)
        for own, item, unit, quantity in sorted(gone)[:CHANGES_KEPT]:
            report.changes.append(
                Change("removed", str(own), f"{item} ({unit})", columns={"quantity": (quantity, None)})
            )
