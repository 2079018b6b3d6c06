"""Reasons in a row of stock: its depot, its item, its quantity and unit."""

from __future__ import annotations

from geo.ingest.reasons.reason import F, R, reason

__all__ = ["STOCK"]

STOCK = (
    reason(
        R,
        "depot-missing",
        "没有写明储备库",
        "no depot is named",
        "请补上储备库编号或名称",
        "give the depot's id or its name",
    ),
    reason(
        R,
        "depot-not-found",
        "该来源没有这个名称的储备库",
        "the source has no depot of this name",
        "请核对名称,或先导入储备库;也可改填储备库编号",
        "check the name, import the depots first, or give the depot's id",
    ),
    reason(
        R,
        "depot-ambiguous",
        "同名的储备库不止一个",
        "several depots have this name",
        "请补上储备库编号",
        "give the depot's id",
    ),
    reason(
        F,
        "depot-unknown",
        "该编号的储备库尚未导入",
        "the depot of this id is not imported yet",
        "请导入该储备库,或核对编号",
        "import the depot, or check the id",
    ),
    reason(
        R,
        "item-missing",
        "没有物资名称",
        "no item is named",
        "请补上物资名称",
        "name the item",
    ),
    reason(
        R,
        "stock-unit-missing",
        "没有计量单位",
        "no unit of the quantity",
        "请补上计量单位,如 顶、床、件",
        "give the unit, such as pieces",
    ),
    reason(
        R,
        "stock-repeated",
        "同一储备库、同一物资、同一单位与前面的行重复而数量不同,保留先出现的行",
        "the depot, item and unit of an earlier row with another quantity; the earlier one was kept",
        "请合并为一行,或在物资名称中写明规格",
        "make one row of them, or tell the items apart by their names",
    ),
    reason(
        F,
        "stock-unit-differs",
        "数量中所写的单位与单位列不同,按数量中的单位存储",
        "the unit beside the quantity is not the one of the unit's column; the quantity's own was stored",
        "请核对计量单位",
        "check the unit",
    ),
    reason(
        F,
        "supply-code-wrong",
        "物资编码不是 GB/T 38565 的 7 位数字代码,未采用",
        "not a code of 7 digits of GB/T 38565; not taken",
        "请按 GB/T 38565-2020 填写编码",
        "give the code of GB/T 38565-2020",
    ),
    reason(
        F,
        "supply-class-unknown",
        "物资编码的大类不是 1、2、3,已照原样存储",
        "a code whose first digit is no class of GB/T 38565 (1, 2, 3); stored as it is written",
        "请核对编码",
        "check the code",
    ),
)
