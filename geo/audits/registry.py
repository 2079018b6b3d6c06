"""The one registry of audits, in the order in which they are listed, and how one is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from geo.audits import (
    below_tailings_ponds,
    inspections,
    plant_neighbours,
    shelters_in_hazards,
    townships_without_helipad,
)
from geo.audits.audit import Audit, AuditAnswer, AuditQuery
from geo.database import Database
from geo.errors import NotFound
from layers.text import Text

__all__ = ["AUDITS", "ask_audit", "choose_audit"]

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


async def ask_audit(database: Database, audit: Audit, query: AuditQuery) -> AuditAnswer:
    """The audit's answer; where a division holds nothing to audit, a note says so: its code may be mistyped.

    Raises:
        InputError: a bound of the question is overstepped.
    """
    query.check()
    answer = await audit.run(database, query)
    if query.division is None or answer.audited:
        return answer
    nothing = Text(
        f"行政区划 {query.division} 内没有可审查的要素;请核对代码",
        f"division {query.division} holds nothing that this audit looks at; check its code",
    )
    return replace(answer, notes=(*answer.notes, nothing))
