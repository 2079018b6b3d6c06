"""学校: how many children are there by day, and how many sleep there."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import AREA_M2, Field, FieldKind
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["LAYER", "SCHOOL_KINDS"]

SCHOOL_KINDS = Choices[Choice](
    "school_kind",
    Text("学校类型", "kind of school"),
    (
        Choice("kindergarten", Text("幼儿园", "kindergarten"), ("托幼机构", "托儿所")),
        Choice("primary", Text("小学", "primary school"), ("教学点", "完小", "中心小学")),
        Choice("junior", Text("初中", "junior middle school"), ("初级中学", "中学")),
        Choice("nine_year", Text("九年一贯制学校", "nine-year school"), ("九年制学校",)),
        Choice("senior", Text("高中", "senior middle school"), ("高级中学", "完全中学")),
        Choice("vocational", Text("中等职业学校", "vocational school"), ("职业学校", "技工学校", "中专")),
        Choice("higher", Text("高等学校", "college or university"), ("大学", "学院", "高校")),
        Choice("special", Text("特殊教育学校", "special school"), ("特教学校",)),
    ),
)

_PEOPLE = Text("人", "people")

LAYER = Layer(
    name="schools",
    title=Text("学校", "Schools"),
    family=Family.PROTECTED,
    geometry=GeometryKind.POINT,
    order=10,
    symbol=Symbol("school", size_px=16),
    zooms=Zooms(features=8, labels=14),
    aliases={"name": ("学校名称", "校名"), "source_id": ("学校编号", "学校标识码", "机构编码")},
    fields=(
        Field(
            "kind",
            Text("学校类型", "kind"),
            FieldKind.CHOICE,
            aliases=("学校类型", "办学类型", "类型"),
            choices=SCHOOL_KINDS,
        ),
        Field(
            "students",
            Text("在校生", "students"),
            FieldKind.INTEGER,
            aliases=("在校生", "在校生人数", "学生人数", "在园幼儿"),
            unit=_PEOPLE,
            minimum=0,
        ),
        Field(
            "boarders",
            Text("寄宿生", "boarders"),
            FieldKind.INTEGER,
            aliases=("寄宿生", "寄宿生人数", "住校生"),
            unit=_PEOPLE,
            minimum=0,
        ),
        Field(
            "staff",
            Text("教职工", "staff"),
            FieldKind.INTEGER,
            aliases=("教职工", "教职工人数"),
            unit=_PEOPLE,
            minimum=0,
        ),
        Field(
            "floor_area_m2",
            Text("校舍建筑面积", "floor area"),
            FieldKind.NUMBER,
            aliases=("校舍建筑面积", "建筑面积"),
            unit=Text("m²", "m²"),
            units=AREA_M2,
            minimum=0,
        ),
    ),
)
