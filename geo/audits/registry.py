"""The one registry of audits, in the order in which they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.audits import (
    below_tailings_ponds,
    inspections,
    plant_neighbours,
    shelters_in_hazards,
    townships_without_helipad,
)
from geo.audits.audit import Audit
from geo.errors import NotFound
from layers.text import Text

__all__ = ["AUDITS", "choose_audit"]

_DECLARED: tuple[Audit, ...] = (
    shelters_in_hazards.AUDIT,
    townships_without_helipad.AUDIT,
    plant_neighbours.AUDIT,
    below_tailings_ponds.AUDIT,
    inspections.AUDIT,
)

AUDITS: Mapping[str, Audit] = MappingProxyType({audit.name: audit for audit in _DECLARED})


def choose_audit(name: str) -> Audit:
    """The audit of this name.

    Raises:
        NotFound: there is none; the message lists those that are.
    """
    audit = AUDITS.get(name)
    if audit is None:
        listed = ", ".join(AUDITS)
        raise NotFound(Text(f"没有审查 {name!r};可用:{listed}", f"there is no audit {name!r}; known: {listed}"))
    return audit
