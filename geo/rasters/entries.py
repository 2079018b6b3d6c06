"""The table of loaded grids: which there are, in the order in which they are asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import psycopg
from psycopg import sql

from geo.database import Statement
from geo.errors import DatabaseUnreachable, NotFound
from geo.rasters.colours import ColourTable, read_colours
from layers.text import Text

__all__ = [
    "RasterEntry",
    "RasterKind",
    "entries_statement",
    "list_rasters",
    "read_entries",
    "register_raster",
    "remove_raster",
]


class RasterKind(StrEnum):
    """What a grid's cells hold."""

    ELEVATION = "elevation"
    """Metres above the grid's own height datum."""
    POPULATION = "population"
    """People in each cell (not per square kilometre)."""
    THEMATIC = "thematic"
    """Classes or figures that its own colour table explains: shown on maps, never computed with."""

    @property
    def label(self) -> Text:
        """高程, 人口, 专题."""
        return _LABELS[self]


_LABELS = {
    RasterKind.ELEVATION: Text("高程", "elevation"),
    RasterKind.POPULATION: Text("人口", "population"),
    RasterKind.THEMATIC: Text("专题", "thematic"),
}


@dataclass(frozen=True, slots=True)
class RasterEntry:
    """One loaded grid. Its extent is in CGCS2000 degrees, its values and ``nodata`` are the file's own."""

    name: str
    kind: RasterKind
    file: str
    """Name of the GeoTIFF in the rasters' directory; it begins with a digest of what is in it."""
    crs: str
    nodata: float | None
    west: float
    south: float
    east: float
    north: float
    resolution_m: float
    minimum: float
    maximum: float
    total: float | None
    """Of a population grid: all its people."""
    known_share: float
    """Share of the cells that hold a value."""
    data_date: date | None = None
    demo: bool = False
    colours: str | None = None
    """Its own colour table as JSON; grids of elevation and population have one even when they bring none."""

    @property
    def table(self) -> ColourTable:
        """How its values look and what they mean."""
        if self.colours is not None:
            return ColourTable.model_validate_json(self.colours)
        return _built_in(self.kind)

    def as_dict(self) -> dict[str, object]:
        """For ``--json`` and answers."""
        told = {**asdict(self), "kind": self.kind.value, "data_date": self.data_date and self.data_date.isoformat()}
        return {**told, "colours": json.loads(self.colours) if self.colours else None}


@lru_cache(maxsize=4)
def _built_in(kind: RasterKind) -> ColourTable:
    return read_colours(Path(__file__).parent / f"{kind.value}.colours.toml")


_COLUMNS = tuple(each.name for each in fields(RasterEntry))
# A bureau's own grid before the demo's, the newer before the older, the finer before the coarser.
_ORDER = "demo, data_date DESC NULLS LAST, resolution_m, name"


def entries_statement() -> Statement:
    """All grids as one JSON list, for the serving side; see ``read_entries``."""
    columns = ", ".join(f"'{name}', {name}" for name in _COLUMNS)
    return Statement(
        f"SELECT coalesce(json_agg(json_build_object({columns}) ORDER BY {_ORDER}), '[]'::json)::text "
        "FROM onemap_rasters"
    )


def read_entries(text: str) -> tuple[RasterEntry, ...]:
    """The grids from what ``entries_statement`` gave, best first."""
    return tuple(_entry(each) for each in json.loads(text))


def _entry(row: dict[str, object]) -> RasterEntry:
    day = row["data_date"]
    found = {**row, "kind": RasterKind(str(row["kind"]))}
    found["data_date"] = date.fromisoformat(day) if isinstance(day, str) else day
    return RasterEntry(**found)  # type: ignore[arg-type]  # the columns are the dataclass's own fields


@contextmanager
def _connection(dsn: str) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(dsn) as connection:
            yield connection
    except (psycopg.OperationalError, psycopg.errors.UndefinedTable) as error:
        raise DatabaseUnreachable(
            Text(
                f"连不上数据库或尚未迁移:{error};请运行 onemap up",
                f"the database cannot be reached or is not migrated: {error}; run onemap up",
            )
        ) from error


def list_rasters(dsn: str) -> tuple[RasterEntry, ...]:
    """All loaded grids, best first.

    Raises:
        DatabaseUnreachable: PostGIS does not answer or is not migrated.
    """
    with _connection(dsn) as connection:
        row = connection.execute(entries_statement().sql).fetchone()
    return read_entries(str(row[0])) if row else ()


def register_raster(dsn: str, entry: RasterEntry) -> None:
    """Add or replace the grid of that name.

    Raises:
        DatabaseUnreachable: PostGIS does not answer or is not migrated.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, _COLUMNS))
    values = sql.SQL(", ").join(map(sql.Placeholder, _COLUMNS))
    again = sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in _COLUMNS if name != "name"
    )
    statement = sql.SQL(
        "INSERT INTO onemap_rasters ({}) VALUES ({}) ON CONFLICT (name) DO UPDATE SET {}, added_at = now()"
    )
    with _connection(dsn) as connection:
        connection.execute(statement.format(names, values, again), {**asdict(entry), "kind": entry.kind.value})


def remove_raster(dsn: str, name: str, directory: Path) -> RasterEntry:
    """Take a grid out of the table, and its file away when no other grid is in it.

    Raises:
        NotFound: there is none of that name; the message lists those that are.
        DatabaseUnreachable: PostGIS does not answer or is not migrated.
    """
    known = {each.name: each for each in list_rasters(dsn)}
    if name not in known:
        listed = "、".join(known) or "—"
        raise NotFound(
            Text(f"没有名为 {name!r} 的栅格;已载入:{listed}", f"there is no raster {name!r}; loaded: {listed}")
        )
    entry = known[name]
    with _connection(dsn) as connection:
        connection.execute("DELETE FROM onemap_rasters WHERE name = %s", (name,))
    if all(other.file != entry.file for other in known.values() if other.name != name):
        (directory / entry.file).unlink(missing_ok=True)
    return entry
