"""Every reason why a row is refused or flagged: a stable code, what it means, and what the user can do."""

from __future__ import annotations

from geo.ingest.reasons.identity import IDENTITY
from geo.ingest.reasons.places import PLACES
from geo.ingest.reasons.reason import Effect, Reason
from geo.ingest.reasons.rows import ROWS
from geo.ingest.reasons.stock import STOCK
from geo.ingest.reasons.values import VALUES

__all__ = ["REASONS", "Effect", "Reason"]

REASONS = {each.code: each for each in (*PLACES, *IDENTITY, *VALUES, *ROWS, *STOCK)}
"""Every reason by its code."""
