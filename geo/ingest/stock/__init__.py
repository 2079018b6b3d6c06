"""物资库存: a table of what lies in which depot, read and judged as features are, into ``supply_stock``."""

from __future__ import annotations

from geo.ingest.stock.importing import import_stock

__all__ = ["import_stock"]
