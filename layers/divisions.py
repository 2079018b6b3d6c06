"""行政区划: provinces to villages, and functional zones that overlap them; the ground on which all else lies."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import Field, FieldKind
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["DIVISION_LEVELS", "LAYER"]

DIVISION_LEVELS = Choices[Choice](
    "division_level",
    Text("行政级别", "division level"),
    (
        Choice("province", Text("省级", "province"), ("省",)),
        Choice("city", Text("地级", "city"), ("市", "地级市")),
        Choice("county", Text("县级", "county"), ("县", "区", "县级市")),
        Choice("township", Text("乡级", "township"), ("乡", "镇", "街道", "乡镇")),
        Choice("village", Text("村级", "village"), ("村", "社区")),
        Choice("zone", Text("功能区", "functional zone"), ("开发区", "高新区", "平台")),
    ),
)
"""Largest first; a functional zone (开发区) overlaps the tree of divisions and is no level of it."""

LAYER = Layer(
    name="divisions",
    title=Text("行政区划", "Administrative divisions"),
    family=Family.BASE,
    geometry=GeometryKind.POLYGON,
    order=10,
    symbol=Symbol("division"),
    zooms=Zooms(features=0, labels=7),
    aliases={
        "source_id": ("code", "TOWNCODE", "区划代码", "adcode"),
        "name": ("区划名称", "TOWNNAME", "name"),
    },
    fields=(
        Field(
            "level",
            Text("行政级别", "level"),
            FieldKind.CHOICE,
            aliases=("行政级别", "level"),
            choices=DIVISION_LEVELS,
        ),
        Field("parent_code", Text("上级代码", "parent code"), FieldKind.CODE, aliases=("上级代码", "parent")),
        Field("valid_from", Text("启用日期", "valid from"), FieldKind.DATE, aliases=("启用日期",)),
        Field("valid_to", Text("停用日期", "valid to"), FieldKind.DATE, aliases=("停用日期",)),
        Field("successor_code", Text("后继代码", "successor"), FieldKind.CODE, aliases=("后继代码",)),
    ),
)
