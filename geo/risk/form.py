"""The form of a question: all that decides the text of its SQL. Questions of one form differ by values alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import shapely

from geo.database import Slot
from geo.risk.query import RiskQuery
from geo.selection import Around, Reader, Selection, SlotBox, box_around
from layers.layer import Layer
from layers.severity import RiskGrade

__all__ = ["ONE_PLAN_M", "Form", "slot_values"]

ONE_PLAN_M = 20_000.0
"""Up to this radius around a point one plan serves all: by the indexes. Beyond, the planner weighs the values."""


@dataclass(frozen=True, eq=False)
class Form:
    """Hashable, so that what is composed for a form is kept (``lru_cache``); it keeps its layers alive."""

    layers: tuple[Layer, ...]
    helpers: tuple[Layer, ...]
    grades: frozenset[RiskGrade | None] | None
    division: str | None
    reader: Reader
    rings: int
    nearest: int
    is_point: bool
    in_sector: bool
    one_plan: bool
    boxed: bool
    """Whether a box of degrees holds all points within the outermost radius: candidates among points by the plain
    index, which costs half of what the geography's does and yields a fifth fewer."""
    heights: bool = False
    """Whether each listed hazard leaves room for its height (``geo/risk/heights.py``)."""

    @staticmethod
    def of(query: RiskQuery, *, heights: bool = False) -> Form:
        """The form of a question."""
        where, in_sector = query.where, query.where.sector is not None
        return Form(
            query.layers,
            query.helpers if query.nearest else (),
            query.grades,
            query.division,
            query.reader,
            len(query.rings_m),
            query.nearest,
            where.is_point,
            in_sector,
            where.is_point and not in_sector and query.rings_m[-1] <= ONE_PLAN_M,
            _box(query) is not None,
            heights,
        )

    @property
    def selection(self) -> Selection:
        """The rows that may be in the answer; a shape's pieces are joined to them (``geo/risk/hits.py``)."""
        area = Around(Slot("lon"), Slot("lat"), Slot("radius")) if self.is_point else None
        return Selection(self.layers, area, self.grades, self.division, self.reader)

    @property
    def points(self) -> Selection:
        """The same for layers of points alone."""
        return replace(self.selection, area=SlotBox()) if self.boxed else self.selection

    def _key(self) -> tuple[object, ...]:
        layers = tuple([id(layer) for layer in self.layers]), tuple([id(layer) for layer in self.helpers])
        filters = self.grades, self.division, self.reader
        kind = self.is_point, self.in_sector, self.one_plan, self.boxed, self.heights
        return (*layers, *filters, self.rings, self.nearest, *kind)

    def __hash__(self) -> int:
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self._key() == other._key()


def _box(query: RiskQuery) -> tuple[float, float, float, float] | None:
    return box_around(*query.where.centre, query.rings_m[-1]) if query.where.is_point else None


def slot_values(query: RiskQuery) -> Mapping[str, object]:
    """What a question puts into the slots of its form's statements."""
    where, rings = query.where, list(query.rings_m)
    values: dict[str, object] = {
        "lon": where.centre[0],
        "lat": where.centre[1],
        "rings": rings,
        "radius": rings[-1],
        "limit": query.limit,
        "degrees": [piece.degrees for piece in where.pieces],
        "metres": [piece.metres for piece in where.pieces],
        "planes": [piece.plane for piece in where.pieces],
    }
    box = _box(query)
    if box is not None:
        values |= zip(SlotBox().edges, box, strict=True)
    if where.sector is not None:
        values["wedge"] = shapely.to_wkb(where.sector.wedge(rings[-1]))
    return values
