"""物资库存: what lies in each depot; a child table of ``supply_depots`` with its key and no foreign key.

Without a foreign key the stock can be loaded before or after its depots, and both tables can be distributed by
``source_id`` as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Numeric, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from layers.feature import METADATA
from layers.field import Field, FieldKind
from layers.text import Text as Words

__all__ = ["STOCK", "SUPPLY_CLASSES", "SUPPLY_STOCK", "StockRows"]

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
    Column("extra", JSONB, nullable=False, server_default=text("'{}'")),
    Column("imported_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("source", "source_id", "item_name", "unit"),
    CheckConstraint(text("item_code ~ '^[1-9][0-9]{6}$'"), name="supply_stock_code_has_7_digits"),
    CheckConstraint(text("quantity >= 0"), name="supply_stock_quantity_not_negative"),
)
"""One row for each item of a depot. ``item_code`` is GB/T 38565-2020's: 大类 (1 digit) and three levels of two digits,
99 for what has no class of its own. Unknown codes and quantities are NULL, never 0."""

SUPPLY_CLASSES = {
    "1": Words("基本生活保障物资", "goods of basic living"),
    "2": Words("应急装备及配套物资", "emergency equipment and what goes with it"),
    "3": Words("工程材料与机械加工设备", "construction materials and machinery"),
}
"""大类 of GB/T 38565-2020: the first digit of a code."""

_FIELDS = (
    Field(
        "source_id",
        Words("储备库编号", "depot's id"),
        FieldKind.CODE,
        aliases=("储备库编号", "仓库编号", "储备点编号", "库编号", "储备库编码", "depot_id"),
    ),
    Field(
        "depot",
        Words("储备库名称", "depot"),
        aliases=(
            *("储备库名称", "储备库", "仓库名称", "仓库", "储备点名称", "储备点", "所在仓库", "所属仓库", "存放地点"),
            *("存放仓库", "储备地点", "储存地点", "库名"),
        ),
    ),
    Field(
        "item_code",
        Words("物资编码", "item's code"),
        FieldKind.CODE,
        aliases=("物资编码", "物资代码", "物资分类代码", "物资分类编码", "分类代码", "分类编码", "编码", "代码"),
    ),
    Field(
        "item_name",
        Words("物资名称", "item"),
        aliases=("物资名称", "品名", "物资", "物资品名", "物资品种", "品种", "名称", "装备名称", "item"),
    ),
    Field(
        "quantity",
        Words("数量", "quantity"),
        FieldKind.NUMBER,
        aliases=(
            *("数量", "库存", "库存量", "库存数量", "现有库存", "储备数量", "储备量", "现有数量", "实有数量", "结存"),
            *("结存数量", "盘点数量", "数量合计"),
        ),
        minimum=0,
    ),
    Field("unit", Words("计量单位", "unit"), aliases=("计量单位", "单位", "数量单位", "计数单位")),
    Field(
        "counted_on",
        Words("盘点日期", "counted on"),
        FieldKind.DATE,
        aliases=("盘点日期", "盘点时间", "统计日期", "统计时间", "截止日期", "数据日期", "填报时间", "更新时间"),
    ),
)


@dataclass(frozen=True)
class StockRows:
    """What can be imported into ``supply_stock``: its name, its title and its fields; ``depot`` is no column, but by
    it a row finds the depot whose id it does not give."""

    name: str
    title: Words

    def importable_fields(self) -> tuple[Field, ...]:
        """The fields that a table of stock may fill."""
        return _FIELDS


STOCK = StockRows(SUPPLY_STOCK.name, Words("物资库存", "Stock of the depots"))
