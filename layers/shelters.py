"""避难场所: how many people it takes, indoors or out, and against which disasters it may be used."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import AREA_M2, Field, FieldKind
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["DISASTER_KINDS", "LAYER"]

DISASTER_KINDS = Choices[Choice](
    "disaster_kind",
    Text("适用灾种", "disaster kind"),
    (
        Choice("flood", Text("洪涝", "flood"), ("水灾", "水災", "防汛", "洪水")),
        Choice("earthquake", Text("地震", "earthquake"), ("震灾", "震災")),
        Choice("geohazard", Text("地质灾害", "geological hazard"), ("土石流", "泥石流", "滑坡")),
        Choice("typhoon", Text("台风", "typhoon"), ("颱風", "防台", "風災")),
        Choice("tsunami", Text("海啸", "tsunami"), ("海嘯",)),
        Choice("fire", Text("火灾", "fire"), ("火災", "森林火灾")),
        Choice("nuclear", Text("核事故", "nuclear accident"), ("核子事故", "輻災")),
        Choice("cold", Text("低温冰冻", "cold"), ("寒害", "雪灾")),
    ),
)


_AREA = Text("m²", "m²")

LAYER = Layer(
    name="shelters",
    title=Text("避难场所", "Shelters"),
    family=Family.RESOURCE,
    geometry=GeometryKind.POINT,
    order=10,
    nearest=True,
    symbol=Symbol("shelter", size_px=18),
    zooms=Zooms(features=0, labels=13),
    aliases={
        "name": ("避难场所名称", "场所名称", "安置点名称", "避難收容處所名稱"),
        "address": ("避難收容處所地址",),
        "source_id": ("避难场所编号", "场所编号", "安置点编号"),
    },
    fields=(
        Field(
            "capacity_people",
            Text("可容纳人数", "capacity"),
            FieldKind.INTEGER,
            aliases=("可容纳人数", "容纳人数", "避难所容纳人数", "容量", "預計收容人數"),
            unit=Text("人", "people"),
            minimum=0,
        ),
        Field(
            "effective_area_m2",
            Text("有效面积", "effective area"),
            FieldKind.NUMBER,
            aliases=("有效面积", "有效避难面积"),
            unit=_AREA,
            units=AREA_M2,
            minimum=0,
        ),
        Field(
            "total_area_m2",
            Text("占地面积", "total area"),
            FieldKind.NUMBER,
            aliases=("占地面积", "占地总面积"),
            unit=_AREA,
            units=AREA_M2,
            minimum=0,
        ),
        Field(
            "indoor_area_m2",
            Text("室内面积", "indoor area"),
            FieldKind.NUMBER,
            aliases=("室内面积",),
            unit=_AREA,
            units=AREA_M2,
            minimum=0,
        ),
        Field("indoor", Text("室内", "indoor"), FieldKind.BOOLEAN, aliases=("室内", "室內")),
        Field("outdoor", Text("室外", "outdoor"), FieldKind.BOOLEAN, aliases=("室外",)),
        Field(
            "disaster_kinds",
            Text("适用灾种", "disaster kinds"),
            FieldKind.CHOICES,
            aliases=("避灾种类", "适用灾种", "适用灾害类别", "適用災害類別"),
            choices=DISASTER_KINDS,
        ),
        Field("duration_class", Text("避难时长", "duration class"), aliases=("避难时长",)),
        Field("level", Text("级别", "level"), aliases=("级别", "建设类型")),
    ),
)
