"""The risk answer: a few statements on one connection, their JSON handed on, and what is computed beside them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from decimal import Decimal

from geo.database import Database, Statement
from geo.limits import RiskLimits
from geo.rasters import (
    Grids,
    PeopleEstimate,
    RasterEntry,
    RasterKind,
    elevations_at,
    entries_statement,
    read_entries,
)
from geo.risk.affected import affected_statement
from geo.risk.capacity import beds_of, capacity_statement
from geo.risk.exposure import measure_exposure
from geo.risk.heights import fill_in, split_places
from geo.risk.index import compose_index
from geo.risk.index_sql import index_statement
from geo.risk.query import RiskQuery
from geo.risk.rings import Ring, rings_json
from geo.risk.rules import RuleSet
from geo.risk.sql import risk_statement
from layers.registry import Registry

__all__ = ["Extras", "risk_answer"]


@dataclass(frozen=True)
class Extras:
    """What an answer holds beside the features: the index by these rules, the affected divisions, what grids say."""

    registry: Registry
    rules: RuleSet | None = None
    affected: bool = True
    limits: RiskLimits = field(default_factory=RiskLimits)
    grids: Grids | None = None
    capacity: bool = False
    """Whether the beds of the shelters are held against the people of each ring."""


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_number, allow_nan=False)
    return text.encode()


async def risk_answer(database: Database, query: RiskQuery, extras: Extras | None = None) -> bytes:
    """The answer of ``/risk`` as UTF-8 JSON.

    Raises:
        InputError: a bound is exceeded (see ``RiskQuery.check``).
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    query.check(extras.limits if extras else RiskLimits())
    entries: tuple[RasterEntry, ...] = ()
    if extras is not None and extras.grids is not None:
        # Planned as the answer's own statements are: a connection that is to plan otherwise is told so in a round trip.
        entries = read_entries(await database.fetch_text(replace(entries_statement(), one_plan=True)))
    heights = any(entry.kind is RasterKind.ELEVATION for entry in entries)
    statements: dict[str, Statement] = {"found": risk_statement(query, heights=heights)}
    if extras is not None and extras.rules is not None:
        statements["index"] = index_statement(query, extras.rules, tuple(extras.registry.searchable()))
    if extras is not None and extras.affected:
        statements["affected"] = affected_statement(query, extras.registry["divisions"])
    if extras is not None and extras.capacity and "shelters" in extras.registry:
        statements["capacity"] = capacity_statement(query, extras.registry["shelters"])
    texts = dict(zip(statements, await database.fetch_each(list(statements.values())), strict=True))
    rings = [Ring(query.where, radius_m) for radius_m in query.rings_m]
    said = await _ask_grids(query, extras, entries, texts["found"], rings)
    parts = {
        "query": _json(query.as_dict()),
        "rings": rings_json(rings, said.rings()).encode(),
    }
    if extras is not None and extras.rules is not None:
        within = said.within_reach
        of = (within.people, within.known_share) if within is not None else (None, 0.0)
        parts["index"] = _json(compose_index(texts["index"], extras.rules, *of))
    if said.unreadable:
        parts["unreadable_grids"] = _json(said.unreadable)
    if "capacity" in texts:
        beds = beds_of(texts["capacity"], query.rings_m, said.people or ())
        parts["capacity"] = _json([each.as_dict() for each in beds])
    if "affected" in texts:
        parts["affected"] = texts["affected"]
    head = b",".join([b'"%b":%b' % (name.encode(), text) for name, text in parts.items()])
    return b"".join([b"{", head, b",", memoryview(said.found)[1:]])


@dataclass(frozen=True)
class _Said:
    """What the grids add: people of each ring, people within the rules' reach, and the found part with heights."""

    found: bytes
    people: tuple[PeopleEstimate | None, ...] | None = None
    """Of each ring; None where no population grid is loaded."""
    within_reach: PeopleEstimate | None = None
    unreadable: tuple[str, ...] = ()

    def rings(self) -> list[dict[str, object]]:
        """What each drawn ring tells of its people."""
        return [{"people": each.as_dict() if each else None} for each in self.people or ()]


async def _ask_grids(
    query: RiskQuery,
    extras: Extras | None,
    entries: tuple[RasterEntry, ...],
    found: bytes,
    rings: list[Ring],
) -> _Said:
    """Ask the grids; without any, the database's text is handed on as it is."""
    if extras is None or extras.grids is None or not entries:
        return _Said(found)
    reaches_m = [each.reach_m for each in extras.rules.factor if each.kind == "people"] if extras.rules else []
    place = query.where.centre
    asked = [*rings, *(Ring(query.where, reach_m) for reach_m in reaches_m[:1])]
    exposure = await measure_exposure(extras.grids, entries, place, [ring.shape for ring in asked])
    loaded = any(entry.kind is RasterKind.POPULATION for entry in entries)
    people = exposure.people[: len(rings)] if loaded else None
    within = exposure.people[len(rings)] if reaches_m else None
    if not exposure.has_heights:
        return _Said(found, people, within, exposure.unreadable)
    text, places = split_places(found.decode())
    heights_m = await asyncio.to_thread(elevations_at, extras.grids, entries, places)
    filled = fill_in(text, heights_m, exposure.elevation_m, exposure.place()).encode()
    return _Said(filled, people, within, exposure.unreadable)
