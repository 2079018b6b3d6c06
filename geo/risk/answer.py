"""The risk answer: a few statements on one connection, their JSON handed on, and what is computed beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal

from geo.database import Database, Statement
from geo.risk.affected import affected_statement
from geo.risk.index import compose_index
from geo.risk.index_sql import index_statement
from geo.risk.query import RiskLimits, RiskQuery
from geo.risk.rings import ring_features
from geo.risk.rules import RuleSet
from geo.risk.sql import risk_statement
from layers.registry import Registry

__all__ = ["Extras", "risk_answer"]


@dataclass(frozen=True)
class Extras:
    """What an answer holds beside the features: the index by these rules, and the divisions that are affected."""

    registry: Registry
    rules: RuleSet | None = None
    affected: bool = True
    limits: RiskLimits = field(default_factory=RiskLimits)


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_number, allow_nan=False)


async def risk_answer(database: Database, query: RiskQuery, extras: Extras | None = None) -> bytes:
    """The answer of ``/risk`` as UTF-8 JSON.

    Raises:
        InputError: a bound is exceeded (see ``RiskQuery.check``).
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    query.check(extras.limits if extras else RiskLimits())
    statements: dict[str, Statement] = {"found": risk_statement(query)}
    if extras is not None and extras.rules is not None:
        statements["index"] = index_statement(query, extras.rules, tuple(extras.registry.searchable()))
    if extras is not None and extras.affected:
        statements["affected"] = affected_statement(query, extras.registry["divisions"])
    texts = dict(zip(statements, await database.fetch_texts(list(statements.values())), strict=True))
    parts = {
        "query": _json(query.as_dict()),
        "rings": _json({"type": "FeatureCollection", "features": ring_features(query.where, query.rings_m)}),
    }
    if extras is not None and extras.rules is not None:
        parts["index"] = _json(compose_index(texts["index"], extras.rules, people=None))
    if "affected" in texts:
        parts["affected"] = texts["affected"]
    head = ",".join(f'"{name}":{text}' for name, text in parts.items())
    return f"{{{head},{texts['found'][1:]}".encode()
