"""Whether a row's values agree: levels in order, storage as the scale, 险情等级 as people and property give it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from layers.hazard_points import LAYER as HAZARD_POINTS
from layers.hazard_points import danger_grade
from layers.layer import Layer
from layers.reservoirs import LAYER as RESERVOIRS
from layers.severity import GEOHAZARD_DANGER
from layers.shelters import LAYER as SHELTERS

__all__ = ["disagreements"]

_LEVELS = (
    "dead_level_m",
    "flood_limit_level_m",
    "normal_level_m",
    "design_flood_level_m",
    "check_flood_level_m",
    "dam_crest_m",
)
"""Lowest first; 汛限水位 may equal 正常蓄水位, and no level is above the crest."""


_STORAGE_M3 = {
    "large_1": (1e9, math.inf),
    "large_2": (1e8, 1e9),
    "medium": (1e7, 1e8),
    "small_1": (1e6, 1e7),
    "small_2": (1e5, 1e6),
    "pond": (0.0, 1e5),
}
"""Total storage of each scale, from and below (SL 252; domain brief 2.8)."""


def disagreements(layer: Layer, columns: Mapping[str, Sequence[object]]) -> Iterator[tuple[str, str, list[int]]]:
    """Field, reason's code and positions of the rows whose values disagree, by each rule that the layer has."""
    if layer is HAZARD_POINTS and "danger_level" in columns:
        yield "danger_level", "danger-level-differs", _danger(columns)
    if layer is SHELTERS and "capacity_people" in columns:
        yield "capacity_people", "capacity-none", [at for at, n in enumerate(columns["capacity_people"]) if not n]
    present = [columns[name] for name in _LEVELS if name in columns] if layer is RESERVOIRS else []
    if len(present) > 1:
        yield "normal_level_m", "levels-out-of-order", _disordered(present)
    if layer is RESERVOIRS and "scale" in columns and "storage_m3" in columns:
        yield "storage_m3", "storage-differs", _of_another_scale(columns["scale"], columns["storage_m3"])


def _of_another_scale(scales: Sequence[object], storages: Sequence[object]) -> list[int]:
    """Rows whose storage is none of their scale: 1200 for 1200 万 m³ of a 小(1)型."""
    found: list[int] = []
    for at, (scale, storage) in enumerate(zip(scales, storages, strict=True)):
        if isinstance(scale, str) and isinstance(storage, int | float):
            least, below = _STORAGE_M3[scale]
            if not least <= storage < below:
                found.append(at)
    return found


def _danger(columns: Mapping[str, Sequence[object]]) -> list[int]:
    """Rows whose 险情等级 is another than people and property give, where both are known."""
    found: list[int] = []
    people, money = columns.get("threatened_people"), columns.get("threatened_property_cny")
    if people is None or money is None:
        return found
    for at, (level, head, cny) in enumerate(zip(columns["danger_level"], people, money, strict=True)):
        if level is None or head is None or cny is None:
            continue
        decision = danger_grade({"threatened_people": head, "threatened_property_cny": cny})
        if decision is not None and decision.grade is not GEOHAZARD_DANGER.by_code(str(level)).grade:
            found.append(at)
    return found


def _disordered(levels: Sequence[Sequence[object]]) -> list[int]:
    """Rows in which a higher level is lower than the one before it; unknown ones are passed over."""
    found: list[int] = []
    for at, row in enumerate(zip(*levels, strict=True)):
        known = [level for level in row if isinstance(level, int | float)]
        if any(upper < lower for lower, upper in pairwise(known)):
            found.append(at)
    return found
