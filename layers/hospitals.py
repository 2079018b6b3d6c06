"""医疗卫生机构: beds, whether it takes emergencies, and how it is kept running without the grid."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import Field, FieldKind
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["HOSPITAL_KINDS", "LAYER"]

HOSPITAL_KINDS = Choices[Choice](
    "hospital_kind",
    Text("机构类型", "kind of institution"),
    (
        Choice("general", Text("综合医院", "general hospital"), ("人民医院",)),
        Choice("chinese_medicine", Text("中医医院", "hospital of Chinese medicine"), ("中医院", "中西医结合医院")),
        Choice("specialised", Text("专科医院", "specialised hospital"), ("专科",)),
        Choice("maternity", Text("妇幼保健院", "maternity hospital"), ("妇幼保健机构", "妇幼保健计划生育服务中心")),
        Choice("township", Text("乡镇卫生院", "township health centre"), ("卫生院", "中心卫生院")),
        Choice("community", Text("社区卫生服务中心", "community health centre"), ("社区卫生服务站",)),
    ),
)

LAYER = Layer(
    name="hospitals",
    title=Text("医疗卫生机构", "Hospitals"),
    family=Family.PROTECTED,
    geometry=GeometryKind.POINT,
    order=20,
    symbol=Symbol("hospital", size_px=16),
    zooms=Zooms(features=6, labels=13),
    aliases={"name": ("医院名称", "医疗机构名称"), "source_id": ("医疗机构编号", "机构编码")},
    fields=(
        Field(
            "kind",
            Text("机构类型", "kind"),
            FieldKind.CHOICE,
            aliases=("机构类型", "医疗机构类型", "类型"),
            choices=HOSPITAL_KINDS,
        ),
        Field("level", Text("医院等级", "level"), aliases=("医院等级", "机构等级", "级别")),
        Field(
            "beds",
            Text("床位", "beds"),
            FieldKind.INTEGER,
            aliases=("床位", "床位数", "编制床位", "实有床位"),
            unit=Text("张", "beds"),
            minimum=0,
        ),
        Field(
            "staff",
            Text("卫生技术人员", "medical staff"),
            FieldKind.INTEGER,
            aliases=("卫生技术人员", "卫生技术人员数", "医护人员"),
            unit=Text("人", "people"),
            minimum=0,
        ),
        Field(
            "ambulances",
            Text("救护车", "ambulances"),
            FieldKind.INTEGER,
            aliases=("救护车", "救护车数量"),
            unit=Text("辆", "vehicles"),
            minimum=0,
        ),
        Field("emergency", Text("设有急诊", "takes emergencies"), FieldKind.BOOLEAN, aliases=("设有急诊", "急诊科")),
        Field("power", Text("应急供电能力", "emergency power"), aliases=("应急供电能力", "应急供电")),
    ),
)
