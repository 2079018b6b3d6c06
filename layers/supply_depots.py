"""救灾物资储备库(点): what kind of store, how large, and its stock."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import AREA_M2, MONEY_CNY, VOLUME_M3, Field, FieldKind
from layers.layer import Child, Family, Layer, Symbol, Zooms
from layers.severity import Choice, Choices
from layers.supply_stock import SUPPLY_STOCK
from layers.text import Text

__all__ = ["DEPOT_KINDS", "DEPOT_LEVELS", "LAYER"]

DEPOT_KINDS = Choices[Choice](
    "depot_kind",
    Text("储备库类型", "kind of depot"),
    (
        Choice("relief", Text("救灾物资", "relief goods"), ("救灾", "生活类救灾物资", "救灾物资储备库")),
        Choice("flood", Text("防汛抗旱物资", "flood and drought"), ("防汛", "防汛物资", "防汛物资仓库")),
        Choice("forest_fire", Text("森林防火物资", "forest fire"), ("森林消防物资", "防火物资")),
        Choice("comprehensive", Text("综合应急物资", "comprehensive"), ("综合", "应急物资储备库")),
    ),
)

DEPOT_LEVELS = Choices[Choice](
    "depot_level",
    Text("储备库等级", "level of depot"),
    (
        Choice("central", Text("中央级", "central"), ("国家级", "中央")),
        Choice("province", Text("省级", "province"), ("省",)),
        Choice("city", Text("市级", "city"), ("市",)),
        Choice("county", Text("县级", "county"), ("县", "区县级")),
        Choice("township", Text("乡级储备点", "township"), ("乡镇级", "乡级", "乡镇储备点")),
        Choice("village", Text("村级储备点", "village"), ("村级", "社区储备点")),
    ),
)

LAYER = Layer(
    name="supply_depots",
    title=Text("物资储备库", "Supply depots"),
    family=Family.RESOURCE,
    geometry=GeometryKind.POINT,
    order=40,
    nearest=True,
    symbol=Symbol("supply-depot", size_px=18),
    zooms=Zooms(features=0, labels=13),
    aliases={"name": ("储备库名称", "仓库名称", "储备点名称"), "source_id": ("储备库编号", "仓库编号")},
    children=(Child("stock", SUPPLY_STOCK, ("item_code", "item_name", "quantity", "unit", "counted_on")),),
    fields=(
        Field(
            "kind",
            Text("储备库类型", "kind"),
            FieldKind.CHOICE,
            aliases=("储备库类型", "仓库类型", "类型"),
            choices=DEPOT_KINDS,
        ),
        Field(
            "level",
            Text("储备库等级", "level"),
            FieldKind.CHOICE,
            aliases=("储备库等级", "储备库级别", "级别"),
            choices=DEPOT_LEVELS,
        ),
        Field(
            "capacity_m3",
            Text("有效库容", "capacity"),
            FieldKind.NUMBER,
            aliases=("有效库容", "库容"),
            unit=Text("m³", "m³"),
            units=VOLUME_M3,
            minimum=0,
        ),
        Field(
            "floor_area_m2",
            Text("建筑面积", "floor area"),
            FieldKind.NUMBER,
            aliases=("建筑面积", "库房面积", "仓库面积"),
            unit=Text("m²", "m²"),
            units=AREA_M2,
            minimum=0,
        ),
        Field(
            "stock_value_cny",
            Text("物资折合金额", "value of the stock"),
            FieldKind.NUMBER,
            aliases=("物资折合金额", "物资价值", "折合金额"),
            unit=Text("元", "CNY"),
            units=MONEY_CNY,
            assumed_unit="万元",
            minimum=0,
        ),
        Field("affiliation", Text("主管单位", "affiliation"), aliases=("主管单位", "所属单位", "产权单位")),
    ),
)
