"""Where what a page shows comes from: the layers that were read, the sources by title, how new, and whether a demo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from geo.exhibits.base import Base
from geo.exhibits.kind import Order
from geo.exhibits.marks import Item
from layers.layer import Layer

__all__ = ["data_until", "is_demo", "layers_read", "sources_of"]


def layers_read(layers: Iterable[Layer], bases: Iterable[Base]) -> tuple[str, ...]:
    """The names of all layers that a page is made from, each once."""
    return tuple(dict.fromkeys(layer.name for layer in (*layers, *(own for base in bases for own in base.layers))))


def sources_of(order: Order, items: Iterable[Item], bases: Iterable[Base]) -> str:
    """The layers that are shown, by title, and what else the maps are made of."""
    titles = (item.symbology.layer.title.get(order.lang) for item in items)
    further = (each for base in bases for each in base.sources(order))
    return ("、" if order.lang == "zh" else ", ").join(dict.fromkeys((*titles, *further)))


def data_until(items: Iterable[Item]) -> str | None:
    """The newest date that any feature's data has."""
    return max((str(each.properties["data_date"]) for each in items if each.properties.get("data_date")), default=None)


def is_demo(items: Iterable[Item], bases: Sequence[Base]) -> bool:
    """Whether anything that is shown is demonstration data."""
    return any(item.properties.get("demo") for item in items) or any(base.demo for base in bases)
