"""The features of a Selection for an exhibit: those that are listed, and the counts of all of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from geo.cartography.tiles import rank_sql
from geo.database import Database, Statement, StatementBuilder
from geo.exhibits.kind import Order
from geo.exhibits.marks import Item, item_of
from geo.exhibits.wording import count_text, number_list
from geo.json_sql import json_value
from geo.selection import Selection, division_prefix, quote
from layers.feature import SRID
from layers.field import FieldKind
from layers.layer import Layer
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["Counts", "Found", "fetch_counts", "fetch_found", "size_text", "unplaced_text"]

Cell = tuple[str, RiskGrade | None, str]
"""Layer, grade, division code as the feature has it."""


@dataclass(frozen=True)
class Counts:
    """How many features of each layer and grade lie in each division; every feature is counted once."""

    cells: Mapping[Cell, int]

    def of(
        self,
        *,
        layer: str | None = None,
        grade: RiskGrade | str | None = "any",
        division: str | None = None,
    ) -> int:
        """How many of a layer, of a grade (None: 未分级), in a division and all below it."""
        prefix = division_prefix(division) if division is not None else ""
        return sum(
            n
            for (name, own, code), n in self.cells.items()
            if (layer is None or name == layer) and grade in ("any", own) and code.startswith(prefix)
        )

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.cells.values())

    @property
    def is_ungraded(self) -> bool:
        """Whether there are some and none has a grade: how many of them are 重大 is then unknown, not 0."""
        return self.total > 0 and self.total == self.of(grade=None)


@dataclass(frozen=True)
class Found:
    """The worst first, at most as many as were asked for; ``counts`` are of all."""

    items: tuple[Item, ...]
    counts: Counts

    @property
    def total(self) -> int:
        """How many there are."""
        return self.counts.total


def _inside(within: BaseGeometry | None, sql: StatementBuilder) -> str:
    if within is None:
        return "true"
    return f"ST_Intersects(t.geom, ST_GeomFromText({sql.value(within.wkt, 'text')}, {SRID}))"


def _listing(
    selection: Selection, layers: Sequence[Layer], within: BaseGeometry | None, most: int, further: str
) -> Statement:
    sql = StatementBuilder()
    times = [(name, json_value(f"t.{name}")) for name in ("imported_at", "retired_at")]
    parts = [
        f"SELECT {place} AS place, {rank_sql('t.grade')} AS rank, t.division_code, t.name, t.source, t.source_id, "
        f"{selection.properties_text(layer, 't', times)} AS properties, ST_AsBinary(t.geom) AS shape "
        f"FROM {quote(layer.name)} t WHERE {selection.where(layer, sql)} AND {_inside(within, sql)} AND {further}"
        for place, layer in enumerate(layers)
    ]
    order = "rank, place, division_code NULLS LAST, name, source, source_id"
    return sql.build(f"{' UNION ALL '.join(parts)} ORDER BY {order} LIMIT {sql.value(most, 'int')}")


def _counting(selection: Selection, layers: Sequence[Layer], within: BaseGeometry | None, further: str) -> Statement:
    sql = StatementBuilder()
    parts = [
        f"SELECT '{layer.name}' AS layer, t.grade, coalesce(t.division_code, '') AS code, count(*) AS n "
        f"FROM {quote(layer.name)} t WHERE {selection.where(layer, sql)} AND {_inside(within, sql)} AND {further} "
        "GROUP BY 1, 2, 3"
        for layer in layers
    ]
    return sql.build(" UNION ALL ".join(parts))


async def fetch_counts(
    database: Database, selection: Selection, *, within: BaseGeometry | None = None, further: str = "true"
) -> Counts:
    """The counts of a selection, only of what touches ``within`` where that is given.

    ``further`` is a condition of declared words on a row ``t``, never of a user's.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    rows = await database.fetch(_counting(selection, selection.layers, within, further))
    return Counts(
        {
            (str(row["layer"]), RiskGrade(row["grade"]) if row["grade"] else None, str(row["code"])): int(row["n"])
            for row in rows
        }
    )


async def fetch_found(
    order: Order,
    selection: Selection,
    most: int,
    *,
    seen: BaseGeometry,
    within: BaseGeometry | None = None,
    further: str = "true",
) -> Found:
    """The features of a selection with their marks on the part that is ``seen``, and the counts of all.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    counts = await fetch_counts(order.database, selection, within=within, further=further)
    rows = await order.database.fetch(_listing(selection, selection.layers, within, most, further))
    items = []
    for row in rows:
        properties = json.loads(row["properties"])
        items.append(item_of(order.symbologies[properties["layer"]], properties, shapely.from_wkb(row["shape"]), seen))
    return Found(tuple(items), counts)


def size_text(item: Item, lang: Lang) -> str:
    """The first of the layer's own numbers that is known, with its title and unit."""
    for field in item.symbology.layer.fields:
        value = item.properties.get(field.name)
        if field.kind in (FieldKind.INTEGER, FieldKind.NUMBER) and isinstance(value, int | float):
            unit = f" {field.unit.get(lang)}" if field.unit else ""
            return f"{field.title.get(lang)} {_figure(value, lang)}{unit}"
    return ""


def _figure(value: float, lang: Lang) -> str:
    if abs(value) >= 1e6 and lang == "zh":
        return f"{value / 1e4:,.10g}".replace(",", "\u00a0") + " 万" if value % 100 == 0 else count_text(value)
    return count_text(value) if float(value).is_integer() else f"{value:g}"


def unplaced_text(unplaced: Iterable[int], lang: Lang) -> str:
    """Which numbers the map has no room for; empty where all are placed."""
    numbers = number_list(unplaced)
    if not numbers:
        return ""
    return Text(f"图上拥挤未注编号的要素：{numbers}。", f"The map has no room for the numbers of: {numbers}.").get(lang)
