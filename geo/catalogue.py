"""What each layer holds: counts by grade, extent, revision, dates. Counted once per revision, not per request."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from geo.database import Database, Statement, StatementBuilder
from geo.errors import NotFound
from geo.selection import Reader, Selection, quote
from layers.layer import Layer
from layers.text import Text

__all__ = ["Catalogue", "LayerStatistics", "feature_statement", "features_statement", "read_feature"]


@dataclass(frozen=True, slots=True)
class LayerStatistics:
    """Figures of one layer at one revision, as one reader may see it."""

    revision: int
    counts: dict[str, int]
    """By grade, worst first; ``none`` is 未分级. Every grade is there, with 0 where there are none."""
    extent: tuple[float, float, float, float] | None
    newest_data_date: str | None
    oldest_data_date: str | None
    demo: int
    """How many are demonstration data."""

    @property
    def total(self) -> int:
        """All features."""
        return sum(self.counts.values())


def _statistics_statement(layer: Layer, reader: Reader) -> Statement:
    sql = StatementBuilder()
    where = Selection((layer,), reader=reader).where(layer, sql)
    by_grade = ", ".join(
        f"'{grade}', count(*) FILTER (WHERE grade = '{grade}')" for grade in ("red", "orange", "yellow", "blue")
    )
    return sql.build(f"""
SELECT json_build_object(
    'counts', json_build_object({by_grade}, 'none', count(*) FILTER (WHERE grade IS NULL)),
    'extent', (SELECT CASE WHEN e IS NOT NULL THEN json_build_array(ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)) END
               FROM (SELECT ST_Extent(geom)) AS box (e)),
    'newest', max(data_date), 'oldest', min(data_date), 'demo', count(*) FILTER (WHERE demo))::text
FROM {quote(layer.name)} WHERE {where}""")


class Catalogue:
    """The figures of all layers, kept per (layer, revision, reader)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], LayerStatistics] = {}

    async def revisions(self) -> dict[str, int]:
        """The revision of every layer that the database knows."""
        rows = await self._database.fetch(Statement("SELECT layer, revision FROM onemap_revisions ORDER BY layer"))
        return {row["layer"]: row["revision"] for row in rows}

    async def statistics(self, layers: Iterable[Layer], reader: Reader) -> dict[str, LayerStatistics]:
        """The figures by layer name; a layer whose revision did not change is not counted again."""
        revisions = await self.revisions()
        found: dict[str, LayerStatistics] = {}
        for layer in layers:
            key, revision = (layer.name, reader.cache_key()), revisions.get(layer.name, 0)
            known = self._known.get(key)
            if known is None or known.revision != revision:
                read = json.loads(await self._database.fetch_text(_statistics_statement(layer, reader)))
                extent = tuple(read["extent"]) if read["extent"] else None
                known = LayerStatistics(revision, read["counts"], extent, read["newest"], read["oldest"], read["demo"])
                self._known[key] = known
            found[layer.name] = known
        return found


def features_statement(selection: Selection, layer: Layer, limit: int, after: tuple[str, str] | None) -> Statement:
    """A page of a layer's features in the order of their ids: a FeatureCollection with ``truncated`` and ``next``.

    ``next`` is the cursor of the page after: source and id parted by a tab, which neither contains.
    """
    sql = StatementBuilder()
    where = selection.where(layer, sql)
    if after is not None:
        where += f" AND (source, source_id) > ({sql.value(after[0], 'text')}, {sql.value(after[1], 'text')})"
    one_more, most = sql.value(limit + 1, "int"), sql.value(limit, "int")
    return sql.build(f"""
WITH page AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY source, source_id) AS n, t.* FROM {quote(layer.name)} t
    WHERE {where} ORDER BY source, source_id LIMIT {one_more})
SELECT json_build_object('type', 'FeatureCollection',
    'features', coalesce(json_agg({selection.feature(layer, "h")} ORDER BY n) FILTER (WHERE n <= {most}), '[]'::json),
    'truncated', count(*) > {most},
    'next', CASE WHEN count(*) > {most}
        THEN (SELECT source || E'\\t' || source_id FROM page WHERE n = {most}) END
)::text FROM page h""")


def feature_statement(layer: Layer, source: str, source_id: str, reader: Reader) -> Statement:
    """One feature with everything that the reader may know about it, or NULL."""
    sql = StatementBuilder()
    selection = Selection((layer,), reader=reader)
    where = selection.where(layer, sql)
    return sql.build(
        f"SELECT (SELECT {selection.feature(layer, 'h', full=True)}::text FROM {quote(layer.name)} h "
        f"WHERE {where} AND source = {sql.value(source, 'text')} AND source_id = {sql.value(source_id, 'text')})"
    )


async def read_feature(database: Database, layer: Layer, source: str, source_id: str, reader: Reader) -> str:
    """One feature as GeoJSON text.

    Raises:
        NotFound: there is none of that id, or the reader may not see it.
    """
    rows = await database.fetch(feature_statement(layer, source, source_id, reader))
    found = rows[0][0]
    if not isinstance(found, str):
        raise NotFound(
            Text(
                f"图层 {layer.title.zh} 中没有来源为 {source!r}、编号为 {source_id!r} 的要素",
                f"layer {layer.name} has no feature with source {source!r} and id {source_id!r}",
            )
        )
    return found
