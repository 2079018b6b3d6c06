"""河流: water courses as lines, reach by reach, with which way they flow; ground of the map, followed downstream."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import AREA_M2, LENGTH_M, Field, FieldKind
from layers.layer import Family, Layer, Symbol, WaterLine, Zooms
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["FLOW_DIRECTIONS", "LAYER", "RIVER_CLASSES"]

RIVER_CLASSES = Choices[Choice](
    "river_class",
    Text("河流级别", "class of river"),
    (
        Choice("main", Text("干流", "main river"), ("主河", "干河")),
        Choice("tributary_1", Text("一级支流", "tributary, order 1"), ("1级支流",)),
        Choice("tributary_2", Text("二级支流", "tributary, order 2"), ("2级支流",)),
        Choice("tributary_3", Text("三级支流", "tributary, order 3"), ("3级支流",)),
        Choice("stream", Text("四级及以下支流", "smaller stream"), ("四级支流", "五级支流", "溪沟", "沟道")),
        Choice("canal", Text("人工渠道", "canal"), ("渠道", "运河", "人工河道")),
    ),
)
"""How a river stands in its system: 干流 takes up 一级支流, and so on."""

FLOW_DIRECTIONS = Choices[Choice](
    "flow_direction",
    Text("流向与数字化方向", "flow against digitising"),
    (
        Choice("digitised", Text("与数字化方向一致", "as digitised"), ("一致", "同向", "顺向", "正向")),
        Choice("reversed", Text("与数字化方向相反", "against digitising"), ("相反", "反向", "逆向")),
        Choice("both", Text("往复流", "both ways"), ("双向", "感潮", "往复")),
    ),
)
"""Which way the water runs along a line as it was drawn. Only what a source declares: a direction is never assumed."""

LAYER = Layer(
    name="rivers",
    title=Text("河流", "Rivers"),
    family=Family.BASE,
    geometry=GeometryKind.LINE,
    order=20,
    symbol=Symbol(
        "river",
        water_field="river_class",
        water={
            "main": WaterLine(5, 2.6),
            "tributary_1": WaterLine(7, 2.2),
            "tributary_2": WaterLine(8, 1.8),
            "tributary_3": WaterLine(9, 1.4),
            "stream": WaterLine(10, 1.0),
            "canal": WaterLine(11, 1.0),
            None: WaterLine(9, 1.2),
        },
    ),
    zooms=Zooms(features=0, labels=10),
    aliases={
        "source_id": ("河段编码", "河段编号", "河段代码"),
        "name": ("河流名称", "河名", "河段名称"),
    },
    fields=(
        Field(
            "river_code",
            Text("河流代码", "river code"),
            FieldKind.CODE,
            aliases=("河流代码", "河流编码", "水系代码"),
        ),
        Field(
            "river_class",
            Text("河流级别", "class"),
            FieldKind.CHOICE,
            aliases=("河流级别", "河流等级", "河流类型", "级别"),
            choices=RIVER_CLASSES,
        ),
        Field(
            "flow_direction",
            Text("流向与数字化方向", "flow against digitising"),
            FieldKind.CHOICE,
            aliases=("流向与数字化方向", "数字化方向", "流向"),
            choices=FLOW_DIRECTIONS,
        ),
        Field("basin", Text("所属水系", "river system"), aliases=("所属水系", "水系", "水系名称", "流域")),
        Field("flows_into", Text("汇入河流", "flows into"), aliases=("汇入河流", "上级河流", "上一级河流名称")),
        Field(
            "length_m",
            Text("河长", "length"),
            FieldKind.NUMBER,
            aliases=("河长", "河流长度", "河段长度", "长度"),
            unit=Text("m", "m"),
            units=LENGTH_M,
            minimum=0,
        ),
        Field(
            "basin_area_m2",
            Text("流域面积", "catchment"),
            FieldKind.NUMBER,
            aliases=("流域面积", "集水面积"),
            unit=Text("m²", "m²"),
            units=AREA_M2,
            minimum=0,
        ),
    ),
)
"""``river_code`` is the source's own, of SL 249 (中国河流代码) where it has one: kept as written, never checked."""
