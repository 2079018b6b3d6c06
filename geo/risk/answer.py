"""Ask the database once and hand its JSON on as bytes."""

from __future__ import annotations

import json

from geo.database import Database
from geo.risk.query import RiskLimits, RiskQuery
from geo.risk.rings import ring_features
from geo.risk.sql import risk_statement

__all__ = ["risk_answer"]


async def risk_answer(database: Database, query: RiskQuery, limits: RiskLimits | None = None) -> bytes:
    """The answer of ``GET /risk`` as UTF-8 JSON: query, rings, then what the database assembled.

    Raises:
        InputError: a bound is exceeded (see ``RiskQuery.check``).
        Busy, DatabaseUnreachable: see ``Database.connection``.
    """
    query.check(limits or RiskLimits())
    found = await database.fetch_text(risk_statement(query))
    own = {
        "query": query.as_dict(),
        "rings": {"type": "FeatureCollection", "features": ring_features(query.where, query.rings_m)},
    }
    head = json.dumps(own, ensure_ascii=False, separators=(",", ":"))
    return f"{head[:-1]},{found[1:]}".encode()
