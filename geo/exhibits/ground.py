"""The ground of an exhibit: divisions in the frame with their names, and the locator's outline."""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.database import Database, StatementBuilder
from geo.exhibits.sheet import Sheet
from geo.selection import Box, Reader, Selection
from layers.layer import Layer

__all__ = ["Division", "fetch_divisions", "fetch_locator", "read_divisions"]


@dataclass(frozen=True)
class Division:
    """One division, simplified to what is seen on paper."""

    level: str
    code: str
    name: str
    shape: BaseGeometry
    demo: bool


def _statement(
    layer: Layer, selection: Selection, levels: tuple[str, ...], simplify_deg: float, clip: Box | None = None
) -> tuple[StatementBuilder, str]:
    sql = StatementBuilder()
    where = selection.where(layer, sql)
    tolerance = sql.value(simplify_deg, "float8")
    shape = "geom"
    if clip is not None:
        edges = ", ".join(sql.value(edge, "float8") for edge in (clip.west, clip.south, clip.east, clip.north))
        shape = f"ST_CollectionExtract(ST_ClipByBox2D(geom, ST_MakeEnvelope({edges}, 4490)), 3)"
    text = (
        f"SELECT level, source_id, coalesce(name, '') AS name, demo, "
        f"ST_AsBinary(ST_SimplifyPreserveTopology({shape}, {tolerance})) AS shape FROM divisions t "
        f"WHERE {where} AND level = ANY ({sql.value(list(levels), 'text[]')}) ORDER BY level, source_id, source"
    )
    return sql, text


async def fetch_divisions(
    database: Database, layer: Layer, sheet: Sheet, levels: tuple[str, ...], reader: Reader
) -> list[Division]:
    """The divisions of these levels that touch the frame, cut half a frame beyond it: a cut is never seen.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    west, south, east, north = sheet.outline.bounds
    selection = Selection((layer,), Box(west, south, east, north), reader=reader)
    wide, high = (east - west) / 2, (north - south) / 2
    clip = Box(west - wide, south - high, east + wide, north + high)
    sql, text = _statement(layer, selection, levels, sheet.simplify_deg, clip)
    return await _read(database, sql, text)


async def fetch_locator(
    database: Database, layer: Layer, centre: tuple[float, float], reader: Reader
) -> tuple[Division, list[Division]] | None:
    """The city around a place (else its county) and the counties in it; None where no division is known."""
    lon, lat = centre
    selection = Selection((layer,), Box(lon, lat, lon, lat), reader=reader)
    sql, text = _statement(layer, selection, ("city", "county"), 0.002)
    point = shapely.Point(lon, lat)
    around = {each.level: each for each in await _read(database, sql, text) if each.shape.covers(point)}
    whole = around.get("city") or around.get("county")
    if whole is None:
        return None
    selection = Selection((layer,), None, division=whole.code, reader=reader)
    sql, text = _statement(layer, selection, ("county",), 0.002)
    # A division's own code is its source_id; division_code may be its parent's.
    counties = [each for each in await _read(database, sql, text) if each.code != whole.code]
    return whole, counties


async def _read(database: Database, sql: StatementBuilder, text: str) -> list[Division]:
    rows = await database.fetch(sql.build(text))
    return [
        Division(row["level"], row["source_id"], row["name"], shapely.from_wkb(row["shape"]), row["demo"])
        for row in rows
    ]


async def read_divisions(
    database: Database, sql: StatementBuilder, condition: str, simplify_deg: float, order: str, most: int = 5000
) -> list[Division]:
    """The divisions that meet a condition of ``sql``'s own making, simplified.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    tolerance = sql.value(simplify_deg, "float8")
    text = (
        f"SELECT level, source_id, coalesce(name, '') AS name, demo, "
        f"ST_AsBinary(ST_SimplifyPreserveTopology(geom, {tolerance})) AS shape FROM divisions t "
        f"WHERE {condition} ORDER BY {order} LIMIT {sql.value(most, 'int')}"
    )
    return await _read(database, sql, text)
