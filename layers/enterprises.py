"""重点企业: who they are, what dangerous things they hold, and their four-colour grade."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import Field, FieldKind
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import MAJOR_HAZARD
from layers.text import Text

__all__ = ["LAYER"]

LAYER = Layer(
    name="enterprises",
    title=Text("重点企业", "Key enterprises"),
    family=Family.RISK,
    geometry=GeometryKind.ANY,
    order=40,
    symbol=Symbol("enterprise"),
    zooms=Zooms(features=0, labels=12),
    aliases={
        "name": ("企业名称", "单位名称", "法人单位名称", "project", "Name"),
        "source_id": ("企业编号", "Power Plant ID"),
    },
    fields=(
        Field(
            "uscc",
            Text("统一社会信用代码", "USCC"),
            FieldKind.CODE,
            aliases=("统一社会信用代码", "信用代码", "社会信用代码"),
        ),
        Field("industry", Text("行业", "industry"), aliases=("行业", "行业类别", "行业类型", "Fuel", "coal_type")),
        Field(
            "hazardous_chemicals",
            Text("涉及危险化学品", "hazardous chemicals"),
            aliases=("涉及危险化学品", "危险化学品"),
        ),
        Field(
            "major_hazard_level",
            Text("重大危险源等级", "major hazard class"),
            FieldKind.CHOICE,
            aliases=("重大危险源等级", "重大危险源级别"),
            choices=MAJOR_HAZARD,
        ),
        Field(
            "hazard_r",
            Text("重大危险源R值", "R of the major hazard"),
            FieldKind.NUMBER,
            aliases=("重大危险源R值", "R值", "分级指标R"),
            minimum=0,
        ),
        Field(
            "recorded_alpha",
            Text("备案α系数", "α on record"),
            FieldKind.NUMBER,
            aliases=("备案α系数", "校正系数α", "α系数", "暴露人员校正系数"),
            minimum=0.5,
            maximum=2.0,
        ),
        Field(
            "chemical_park",
            Text("在化工园区", "in a chemical park"),
            FieldKind.BOOLEAN,
            aliases=("是否在化工园区", "是否位于化工园区"),
        ),
        Field(
            "workers",
            Text("从业人数", "workers"),
            FieldKind.INTEGER,
            aliases=("从业人数", "职工人数", "最大当班人员数", "workforce"),
            unit=Text("人", "people"),
            minimum=0,
        ),
        Field("status", Text("生产状态", "status"), aliases=("生产状态", "经营状态", "status", "Operational Status")),
        Field(
            "last_inspected",
            Text("上次检查", "last inspected"),
            FieldKind.DATE,
            aliases=("上次检查", "上次检查日期", "最近检查日期", "最近一次检查时间", "检查日期"),
        ),
    ),
)
