"""Where what a page shows comes from: the layers that were read, the sources by title, how new, and whether a demo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from geo.exhibits.base import Base
from geo.exhibits.content import Origin
from geo.exhibits.kind import Order
from geo.exhibits.marks import Item
from layers.layer import Layer

__all__ = ["origin_of"]


def origin_of(order: Order, layers: Iterable[Layer], items: Sequence[Item], bases: Sequence[Base]) -> Origin:
    """Of the layers that were asked for, the features that are shown, and the bases that they lie on."""
    read = (*layers, *(own for base in bases for own in base.layers))
    titles = (item.symbology.layer.title.get(order.lang) for item in items)
    further = (each for base in bases for each in base.sources(order))
    return Origin(
        tuple(dict.fromkeys(layer.name for layer in read)),
        ("、" if order.lang == "zh" else ", ").join(dict.fromkeys((*titles, *further))),
        max((str(each.properties["data_date"]) for each in items if each.properties.get("data_date")), default=None),
        any(item.properties.get("demo") for item in items) or any(base.demo for base in bases),
    )
