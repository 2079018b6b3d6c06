"""Vector tiles: one statement per tile for all its layers, on top of the one Selection.

Layers with more features than a tile can show show cells with counts instead (``cells.py``), beside their outlines that
are still large: no feature is left out. Graded layers are crowded together, in one set of cells for all of them. A line
or polygon also brings its anchor, a point of its own that stands for it, in the tile in which that point lies: there
the mark is drawn, once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from geo.cartography.cells import CELLS, can_count, cells_cte, fetch_crowds, rank_sql
from geo.cartography.places import has_shapes
from geo.cartography.risk_cells import RISK_CELLS, risk_cells_cte
from geo.cartography.tile_address import EXTENT, MAX_ZOOM, SOURCE_MAX_ZOOM, TileAddress
from geo.cartography.tile_layers import features_sql, slots_of
from geo.database import Database, Statement, StatementBuilder, Template
from geo.errors import RenderError
from geo.selection import Selection, quote
from layers.layer import STORED_CELL_ZOOM, Layer
from layers.text import Text

__all__ = [
    "EXTENT",
    "MAX_ZOOM",
    "SOURCE_MAX_ZOOM",
    "TILE_FORMAT",
    "Tile",
    "TileAddress",
    "fetch_tile",
    "rank_sql",
    "tile_statement",
]

TILE_FORMAT = "6"
"""Part of every tile's version: raised when this file makes other tiles of the same rows."""

_FEATURES_PER_LAYER = 6_000
_COUNTED_FIRST = 10
"""Up to this zoom the stored cells are asked first whether a tile is crowded; deeper ones seldom are."""

_ONE_BY_ONE_FROM = 11
"""Maps of smaller scales, where they say how many risks they can show, always count them: no seam between tiles."""

_FORMS_KEPT = 500


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's bytes; by layer how many features it shows as cells; and how many it left out of how many (no cells)."""

    mvt: bytes
    counted: dict[str, int]
    left_out: dict[str, tuple[int, int]]


def _drawn(layers: Sequence[Layer], zoom: int, crowded: frozenset[str]) -> list[Layer]:
    """The layers that have features of their own in a tile: of the crowded ones those that may have outlines."""
    there = [layer for layer in layers if zoom >= layer.zooms.features]
    return [layer for layer in there if layer.name not in crowded or has_shapes(layer)]


def tile_statement(
    selection: Selection, tile: TileAddress, crowded: frozenset[str] = frozenset(), whole: bool = False
) -> Statement:
    """SQL for one tile of all layers of ``selection``: a row of the tile's bytes and how many features of each layer.

    The selection's own area is replaced by the tile's. ``crowded`` layers are shown as cells. The numbers are those of
    the layers that are drawn one by one, in their order (see ``_drawn``); NULL for one with shapes among its points,
    which is left to a statement of the ``whole``.
    """
    if not crowded:
        return _form(selection, tile.z, whole).fill(slots_of(tile))
    return _compose(selection, tile, crowded, whole).fill(slots_of(tile))


_forms: OrderedDict[tuple[object, ...], tuple[Selection, Template]] = OrderedDict()


def _form(selection: Selection, zoom: int, whole: bool) -> Template:
    """The statement of every tile of a zoom that is not crowded, composed once."""
    asked = (selection.grades, selection.division, selection.reader, zoom, whole, _FEATURES_PER_LAYER)
    key = (tuple(map(id, selection.layers)), *asked)
    found = _forms.get(key)
    if found is None:
        # The selection is kept with it: as long as its layers live, nothing else has their identity.
        found = _forms[key] = (selection, _compose(selection, TileAddress(zoom, 0, 0), frozenset(), whole))
        if len(_forms) > _FORMS_KEPT:
            _forms.popitem(last=False)
    return found[1]


def _compose(selection: Selection, tile: TileAddress, crowded: frozenset[str], whole: bool) -> Template:
    sql = StatementBuilder()
    anywhere = Selection(selection.layers, None, selection.grades, selection.division, selection.reader)
    ctes: list[str] = []
    parts: list[str] = []
    tables: list[str] = []
    for place, layer in enumerate(_drawn(selection.layers, tile.z, crowded)):
        own, query = features_sql(layer, anywhere, tile.z, sql, _FEATURES_PER_LAYER, layer.name in crowded, whole)
        ctes += own
        tables.append(f"({query}) AS t{place}")
        parts.append(f"t{place}.mvt")
    counts = ", ".join(f"t{place}.n" for place in range(len(tables)))
    within = Selection(selection.layers, tile.box(), selection.grades, selection.division, selection.reader)
    for layer in selection.layers:
        if layer.name in crowded and not layer.graded:
            ctes.append(cells_cte(layer, within, tile, sql))
            parts.append(f"(SELECT mvt FROM {quote(layer.name + CELLS)})")
    if risks := [layer for layer in selection.layers if layer.graded and layer.name in crowded]:
        ctes.append(risk_cells_cte(risks, within, tile, sql))
        parts.append(f"(SELECT mvt FROM {quote(RISK_CELLS)})")
    with_these = f"WITH {', '.join(ctes)}\n" if ctes else ""
    from_these = f"\nFROM {' CROSS JOIN '.join(tables)}" if tables else ""
    mvt = " || ".join(parts) or "''::bytea"
    return sql.template(f"{with_these}SELECT {mvt} AS mvt, ARRAY[{counts}]::int[] AS counts{from_these}", one_plan=True)


def _crowded(layers: Sequence[Layer], tile: TileAddress, counts: Mapping[str, int], most: int | None) -> frozenset[str]:
    """The layers that have more features than the tile may show one by one: the graded ones together."""

    def limit(layer: Layer) -> int:
        return layer.zooms.most_features if tile.z < layer.zooms.counted_below else _FEATURES_PER_LAYER

    risks = [layer for layer in layers if layer.graded]
    together = min((limit(layer) for layer in risks), default=0)
    if most is not None:
        together = most if tile.z >= _ONE_BY_ONE_FROM else 0
    full = sum(counts.get(layer.name, 0) for layer in risks) > together
    found = (each for each in layers if (full if each.graded else counts.get(each.name, 0) > limit(each)))
    return frozenset(layer.name for layer in found)


async def fetch_tile(
    database: Database, selection: Selection, tile: TileAddress, most_risks: int | None = None
) -> Tile:
    """The tile, from the database.

    With more than ``most_risks`` features, or below zoom 11, the graded layers are shown as cells; without it as each
    layer's own policy says.

    Raises:
        Busy, DatabaseUnreachable: see ``Database.connection``.
        RenderError: the database answered with something that is no tile.
    """
    crowded: frozenset[str] = frozenset()
    crowds: dict[str, int] = {}
    asked = [layer for layer in selection.layers if layer.counted and tile.z >= layer.zooms.features]
    first = _COUNTED_FIRST if most_risks is None else STORED_CELL_ZOOM
    if asked and tile.z <= first and can_count(selection, tile.z):
        crowds = await fetch_crowds(database, selection, asked, tile)
        crowded = _crowded(asked, tile, crowds, most_risks)
    mvt, shown = await _fetch(database, selection, tile, crowded)
    still = [layer for layer in asked if layer.name not in crowded]
    if still and (over := _crowded(still, tile, shown, most_risks)):
        crowded |= over
        crowds |= await _count(database, selection, tile, over)
        mvt, shown = await _fetch(database, selection, tile, crowded)
    cut = frozenset(name for name, n in shown.items() if n > _FEATURES_PER_LAYER)
    totals = await _count(database, selection, tile, cut) if cut else {}
    left_out = {name: (total - _FEATURES_PER_LAYER - 1, total) for name, total in sorted(totals.items())}
    return Tile(mvt, {name: crowds[name] for name in sorted(crowded) if crowds.get(name)}, left_out)


async def _fetch(
    database: Database, selection: Selection, tile: TileAddress, crowded: frozenset[str]
) -> tuple[bytes, dict[str, int]]:
    """The tile, and how many features of each layer it shows one by one."""
    mvt, counts = await _read(database, selection, tile, crowded)
    shown = {name: n for name, n in counts.items() if n is not None}
    if len(shown) == len(counts):
        return mvt, shown
    mixed = replace(selection, layers=tuple(layer for layer in selection.layers if counts.get(layer.name, 0) is None))
    rest, more = await _read(database, mixed, tile, frozenset(), whole=True)
    return mvt + rest, shown | {name: n for name, n in more.items() if n is not None}


async def _read(
    database: Database, selection: Selection, tile: TileAddress, crowded: frozenset[str], whole: bool = False
) -> tuple[bytes, dict[str, int | None]]:
    (row,) = await database.fetch(tile_statement(selection, tile, crowded, whole))
    mvt, counts = row
    if not isinstance(mvt, bytes) or not isinstance(counts, list):
        raise RenderError(
            Text("数据库没有返回瓦片;请查看日志", f"the database gave no tile but {type(mvt).__name__}; see the log")
        )
    drawn = _drawn(selection.layers, tile.z, crowded)
    return mvt, {layer.name: n for layer, n in zip(drawn, counts, strict=True)}


async def _count(database: Database, selection: Selection, tile: TileAddress, layers: frozenset[str]) -> dict[str, int]:
    """How many features of these layers touch the tile: what a header tells of a tile that cannot show them all."""
    sql = StatementBuilder()
    within = Selection(selection.layers, tile.box(), selection.grades, selection.division, selection.reader)
    each = [
        f"SELECT '{layer.name}' AS layer, count(*) AS n FROM {quote(layer.name)} WHERE {within.where(layer, sql)}"
        for layer in selection.layers
        if layer.name in layers
    ]
    counted = sql.template(" UNION ALL ".join(each), one_plan=True)
    return {row["layer"]: row["n"] for row in await database.fetch(counted.fill({}))}
