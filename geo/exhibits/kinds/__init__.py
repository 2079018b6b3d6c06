"""The kinds of exhibits, one module each, and the registry of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.exhibits.kind import Kind
from geo.exhibits.kinds import assessment, comparison, four_colours, hazards, resources, surroundings, thematic
from geo.exhibits.request import KindName

__all__ = ["KINDS_OF_EXHIBITS"]

_DECLARED: tuple[Kind, ...] = (
    surroundings.KIND,
    four_colours.KIND,
    hazards.KIND,
    resources.KIND,
    thematic.KIND,
    comparison.KIND,
    assessment.KIND,
)

KINDS_OF_EXHIBITS: Mapping[KindName, Kind] = MappingProxyType({kind.name: kind for kind in _DECLARED})
"""By name, in the order in which they are offered."""
