"""救援队伍: who they are, how many, how soon they come, and what they bring."""

from __future__ import annotations

from types import MappingProxyType

from layers.feature import GeometryKind
from layers.field import Field, FieldKind, Units
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["LAYER", "TEAM_KINDS", "TEAM_LEVELS"]

TEAM_KINDS = Choices[Choice](
    "team_kind",
    Text("队伍类型", "kind of team"),
    (
        Choice("fire", Text("消防救援", "fire and rescue"), ("消防救援队伍", "国家综合性消防救援队伍")),
        Choice("forest_fire", Text("森林消防", "forest fire"), ("森林消防队伍", "专业森林消防队", "半专业森林消防队")),
        Choice("flood", Text("防汛抗旱", "flood and drought"), ("防汛抢险", "水上应急分队", "泵站维修应急小分队")),
        Choice("mine", Text("矿山救援", "mine rescue"), ("矿山救护", "矿山救护队")),
        Choice("chemical", Text("危化救援", "hazardous chemicals"), ("危险化学品救援", "危化品救援")),
        Choice("medical", Text("医疗救援", "medical"), ("卫生应急", "医疗救护")),
        Choice("communication", Text("通信保障", "communications"), ("应急通信",)),
        Choice("engineering", Text("工程抢险", "engineering"), ("道路抢通", "电力抢修", "工程抢修")),
        Choice("township", Text("乡镇综合应急", "township"), ("镇街队伍", "乡镇应急救援队", "镇街专职消防队伍")),
        Choice("village", Text("村级应急", "village"), ("村级应急救援队",)),
        Choice("social", Text("社会救援", "voluntary"), ("社会救援队伍", "蓝天救援队", "志愿救援队")),
    ),
)

TEAM_LEVELS = Choices[Choice](
    "team_level",
    Text("队伍级别", "level of team"),
    (
        Choice("national", Text("国家级", "national"), ("国家",)),
        Choice("province", Text("省级", "province"), ("省",)),
        Choice("city", Text("市级", "city"), ("市",)),
        Choice("county", Text("县级", "county"), ("县", "区", "区县级")),
        Choice("township", Text("乡级", "township"), ("乡镇级", "镇街级")),
        Choice("village", Text("村级", "village"), ("村(社区)级",)),
    ),
)

_MINUTES: Units = MappingProxyType({"min": 1.0, "分钟": 1.0, "分": 1.0, "h": 60.0, "小时": 60.0})
_PEOPLE = Text("人", "people")

LAYER = Layer(
    name="rescue_teams",
    title=Text("救援队伍", "Rescue teams"),
    family=Family.RESOURCE,
    geometry=GeometryKind.POINT,
    order=30,
    nearest=True,
    symbol=Symbol("rescue-team", size_px=18),
    zooms=Zooms(features=0, labels=13),
    aliases={"name": ("队伍名称", "救援队名称"), "source_id": ("队伍编号",), "address": ("驻地", "驻地地址")},
    fields=(
        Field(
            "kind",
            Text("队伍类型", "kind"),
            FieldKind.CHOICE,
            aliases=("队伍类型", "队伍类别", "类型"),
            choices=TEAM_KINDS,
        ),
        Field(
            "level",
            Text("队伍级别", "level"),
            FieldKind.CHOICE,
            aliases=("队伍级别", "级别"),
            choices=TEAM_LEVELS,
        ),
        Field(
            "people",
            Text("总人数", "people"),
            FieldKind.INTEGER,
            aliases=("总人数", "队伍人数", "人数", "队员人数"),
            unit=_PEOPLE,
            minimum=0,
        ),
        Field(
            "people_72h",
            Text("72小时连续出勤最大人数", "people on duty for 72 h"),
            FieldKind.INTEGER,
            aliases=("72小时连续出勤最大人数",),
            unit=_PEOPLE,
            minimum=0,
        ),
        Field(
            "response_minutes",
            Text("平均响应时间", "mean response time"),
            FieldKind.NUMBER,
            aliases=("平均响应时间", "上年平均响应时间", "响应时间"),
            unit=Text("分钟", "min"),
            units=_MINUTES,
            minimum=0,
            maximum=10_080,
        ),
        Field(
            "vehicles",
            Text("车辆数", "vehicles"),
            FieldKind.INTEGER,
            aliases=("车辆数", "车辆"),
            unit=Text("辆", "vehicles"),
            minimum=0,
        ),
        Field("equipment", Text("主要装备", "equipment"), aliases=("主要装备", "装备", "器材")),
        Field("speciality", Text("专长", "speciality"), aliases=("专长", "救援专长", "擅长处置")),
        Field("affiliation", Text("主管单位", "affiliation"), aliases=("主管单位", "所属单位", "隶属单位")),
    ),
)
