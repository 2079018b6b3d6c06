"""物资库存: what lies in each depot; a child table of ``supply_depots`` with its key and no foreign key.

Without a foreign key the stock can be loaded before or after its depots, and both tables can be distributed by
``source_id`` as they are.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, Numeric, PrimaryKeyConstraint, Table, Text, text

from layers.feature import METADATA

__all__ = ["SUPPLY_STOCK"]

SUPPLY_STOCK = Table(
    "supply_stock",
    METADATA,
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("item_code", Text),
    Column("item_name", Text, nullable=False),
    Column("quantity", Numeric),
    Column("unit", Text, nullable=False),
    Column("counted_on", Date),
    PrimaryKeyConstraint("source", "source_id", "item_name", "unit"),
    CheckConstraint(text("item_code ~ '^[1-9][0-9]{6}$'"), name="supply_stock_code_has_7_digits"),
    CheckConstraint(text("quantity >= 0"), name="supply_stock_quantity_not_negative"),
)
"""One row for each item of a depot. ``item_code`` is GB/T 38565-2020's: 大类 (1 digit) and three levels of two digits,
99 for what has no class of its own. Unknown codes and quantities are NULL, never 0."""
