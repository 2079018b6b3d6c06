"""A new source that brings what another has brought: the same file by another name, and all of it twice on the map.

Where no source is named it is the file's name, and the register of May has another than that of June.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from geo.ingest.report import Report
from layers.layer import Layer

__all__ = ["warn_of_other_sources"]

_SAMPLE = 500
_LEAST, _SHARE = 3, 0.3
_NEAR_DEG = 0.02
"""About 2 km: another office's 1, 2, 3 are elsewhere."""

_KNOWN = """
WITH RECURSIVE sources AS (
    (SELECT source FROM {table} ORDER BY source LIMIT 1)
    UNION ALL
    SELECT (SELECT t.source FROM {table} t WHERE t.source > s.source ORDER BY t.source LIMIT 1)
    FROM sources s WHERE s.source IS NOT NULL
), asked AS MATERIALIZED (SELECT source_id, geom FROM staging ORDER BY staging_row LIMIT %(sample)s)
SELECT source, (SELECT count(*) FROM asked a WHERE EXISTS (
           SELECT FROM {table} t WHERE t.source = s.source AND t.source_id = a.source_id AND t.retired_at IS NULL
           AND ST_DWithin(t.geom, a.geom, %(near)s))),
       (SELECT count(*) FROM asked)
FROM sources s WHERE source IS NOT NULL AND source <> %(source)s ORDER BY source
"""
"""Each other source, found one after the other by the key's index, with how many of the file's first rows it has."""


def warn_of_other_sources(connection: psycopg.Connection, layer: Layer, source: str, report: Report) -> None:
    """Say in ``report`` which sources already have the features of a new one, by id and place."""
    statement = sql.SQL(_KNOWN).format(table=sql.Identifier(layer.name))
    values = {"source": source, "sample": _SAMPLE, "near": _NEAR_DEG}
    for other, known, asked in connection.execute(statement, values).fetchall():
        if known < max(_LEAST, _SHARE * asked):
            continue
        share = f"{known / asked:.0%}"
        report.warn(
            f"来源 {source!r} 是新的,但其 {share} 的要素(编号、位置)来源 {other!r} 已有,会在图上出现两次;"
            f"若是新一期数据,请用 --source {other} 重新导入",
            f"source {source!r} is new, yet source {other!r} has {share} of its features, by id and place: they would "
            f"be on the map twice; if this is its next delivery, import it with --source {other}",
        )
