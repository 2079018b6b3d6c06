"""直升机起降点: size, surface, clearance and how many aircraft may stand there."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import HEIGHT_M, LENGTH_M, Field, FieldKind
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["LAYER", "STATUSES"]

STATUSES = Choices[Choice](
    "helipad_status",
    Text("使用状态", "status"),
    (
        Choice("open", Text("可用", "open"), ("正常", "启用", "heliport", "在用")),
        Choice("closed", Text("停用", "closed"), ("关闭", "废弃", "停用中")),
    ),
)

_METRE = Text("m", "m")

LAYER = Layer(
    name="helipads",
    title=Text("直升机起降点", "Helipads"),
    family=Family.RESOURCE,
    geometry=GeometryKind.POINT,
    order=20,
    nearest=True,
    unusable={"status": ("closed",)},
    symbol=Symbol("helipad", size_px=18),
    zooms=Zooms(features=0, labels=12),
    aliases={"name": ("起降点名称", "停机坪名称"), "source_id": ("起降点编号", "ident")},
    fields=(
        Field(
            "status",
            Text("使用状态", "status"),
            FieldKind.CHOICE,
            aliases=("使用状态", "状态", "type"),
            choices=STATUSES,
        ),
        Field(
            "length_m",
            Text("场地长", "length"),
            FieldKind.NUMBER,
            aliases=("场地长", "长度"),
            unit=_METRE,
            units=LENGTH_M,
            minimum=0,
            maximum=5000,
        ),
        Field(
            "width_m",
            Text("场地宽", "width"),
            FieldKind.NUMBER,
            aliases=("场地宽", "宽度"),
            unit=_METRE,
            units=LENGTH_M,
            minimum=0,
            maximum=5000,
        ),
        Field("surface", Text("场地状况", "surface"), aliases=("场地状况", "道面")),
        Field("clearance", Text("净空条件", "clearance"), aliases=("净空条件", "净空")),
        Field(
            "pads",
            Text("可停机数量", "pads"),
            FieldKind.INTEGER,
            aliases=("可停机数量", "停机位", "可停机数"),
            unit=Text("架", "aircraft"),
            minimum=0,
        ),
        Field(
            "elevation_m",
            Text("海拔高度", "elevation"),
            FieldKind.NUMBER,
            aliases=("海拔高度", "海拔", "高程", "elevation_ft"),
            unit=_METRE,
            units=HEIGHT_M,
            minimum=-200,
            maximum=7000,
        ),
    ),
)
