"""The one registry: every module beside this one that declares ``LAYER`` is a layer."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

import layers
from layers.layer import Family, Layer

__all__ = ["Registry", "discover"]


class Registry(Mapping[str, Layer]):
    """Layers by name, in the order of families and of each layer's declared place."""

    def __init__(self, declared: list[Layer]) -> None:
        families = list(Family)
        ordered = sorted(declared, key=lambda layer: (families.index(layer.family), layer.order, layer.name))
        self._layers = {layer.name: layer for layer in ordered}
        if len(self._layers) != len(declared):
            raise ValueError("two modules declare a layer of the same name")

    def __getitem__(self, name: str) -> Layer:
        return self._layers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def __len__(self) -> int:
        return len(self._layers)

    def searchable(self) -> list[Layer]:
        """The layers that the risk answer looks into."""
        return [layer for layer in self.values() if layer.searchable]

    def helpers(self) -> tuple[Layer, ...]:
        """The resources whose nearest features every risk answer names."""
        return tuple(layer for layer in self.values() if layer.nearest)


def discover() -> Registry:
    """Import every module of this package and collect what they declare as ``LAYER``."""
    found: list[Layer] = []
    for module in pkgutil.iter_modules(layers.__path__, "layers."):
        if not module.ispkg:
            declared = getattr(importlib.import_module(module.name), "LAYER", None)
            if isinstance(declared, Layer):
                found.append(declared)
    return Registry(found)
