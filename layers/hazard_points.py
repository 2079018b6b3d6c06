"""地质灾害隐患点: landslides, rockfalls, debris flows and the like, with whom and what they threaten."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import MONEY_CNY, VOLUME_M3, Field, FieldKind
from layers.layer import Family, GradeDecision, Grading, Layer, Symbol, Values, Zooms
from layers.severity import GEOHAZARD_DANGER, Choice, Choices, RiskGrade
from layers.text import Text

__all__ = ["HAZARD_TYPES", "LAYER", "danger_grade"]

HAZARD_TYPES = Choices[Choice](
    "hazard_type",
    Text("灾害类型", "hazard type"),
    (
        Choice("landslide", Text("滑坡", "landslide"), ("大規模崩塌", "重力堆積型", "岩體滑動型", "岩屑崩滑型")),
        Choice("rockfall", Text("崩塌", "rockfall"), ("危岩", "崩塌(危岩)", "落石型")),
        Choice(
            "debris_flow", Text("泥石流", "debris flow"), ("土石流", "土石流型", "溪流型", "坡面型", "侵蝕溝", "崩塌型")
        ),
        Choice("subsidence", Text("地面塌陷", "ground collapse"), ("采空塌陷", "岩溶塌陷")),
        Choice("fissure", Text("地裂缝", "ground fissure")),
        Choice("settlement", Text("地面沉降", "land settlement")),
        Choice("slope", Text("不稳定斜坡", "unstable slope"), ("斜坡",)),
    ),
)
"""The seven types of the register (地质灾害防治条例, and 不稳定斜坡 of the deployed ones)."""

_PEOPLE = ((1000, RiskGrade.RED), (500, RiskGrade.ORANGE), (100, RiskGrade.YELLOW))
_PROPERTY_CNY = ((1e8, RiskGrade.RED), (5e7, RiskGrade.ORANGE), (5e6, RiskGrade.YELLOW))
_CLASS_NAMES = {RiskGrade.RED: "特大型", RiskGrade.ORANGE: "大型", RiskGrade.YELLOW: "中型", RiskGrade.BLUE: "小型"}
_CLASS_NAMES_EN = {
    RiskGrade.RED: "extra large",
    RiskGrade.ORANGE: "large",
    RiskGrade.YELLOW: "medium",
    RiskGrade.BLUE: "small",
}


def _class_of(value: float, thresholds: tuple[tuple[float, RiskGrade], ...]) -> RiskGrade:
    return next((grade for least, grade in thresholds if value >= least), RiskGrade.BLUE)


def _measured(values: Values) -> tuple[RiskGrade | None, Text]:
    """The grade of people and property, the worse of the two, and what they are; None where they do not decide."""
    people, money = values.get("threatened_people"), values.get("threatened_property_cny")
    found: list[tuple[RiskGrade, str, str]] = []
    if isinstance(people, int | float):
        found.append((_class_of(people, _PEOPLE), f"威胁 {people:,.0f} 人", f"threatens {people:,.0f} people"))
    if isinstance(money, int | float):
        wan = money / 1e4
        found.append(
            (_class_of(money, _PROPERTY_CNY), f"威胁财产 {wan:,.10g} 万元", f"threatens property of CNY {money:,.0f}")
        )
    told = Text("、".join(each[1] for each in found), " and ".join(each[2] for each in found))
    grade = min((each[0] for each in found), key=lambda each: each.rank, default=None)
    return (None if len(found) == 1 and grade is RiskGrade.BLUE else grade), told


def _declared(values: Values) -> RiskGrade | None:
    """The grade of the 险情等级 that the source itself gives."""
    code = values.get("danger_level")
    return GEOHAZARD_DANGER.by_code(code).grade if isinstance(code, str) else None


def danger_grade(values: Values) -> GradeDecision | None:
    """险情等级: the worst of threatened people, threatened property and what the source declares.

    "以上" includes the number itself. With one of people and property unknown the other decides only when it is not
    the least class: "under 100 people" does not make a site small while its property is unknown. What the source
    declares stands where the numbers are not known, and where it is worse: nobody is safer for a missing number.

    Source: 国家突发地质灾害应急预案 (特大型 ≥ 1000 people or ≥ 1 亿元 … 小型 < 100 people and < 500 万元).
    """
    (measured, told), declared = _measured(values), _declared(values)
    if measured is not None and (declared is None or measured.rank <= declared.rank):
        zh, en = _CLASS_NAMES[measured], _CLASS_NAMES_EN[measured]
        return GradeDecision(measured, Text(f"{told.zh},险情等级为{zh}", f"{told.en}: danger class {en}"))
    if declared is None:
        return None
    zh, en = f"来源定险情等级为{_CLASS_NAMES[declared]}", f"the source's danger class: {_CLASS_NAMES_EN[declared]}"
    if measured is not None:
        zh = f"{zh}({told.zh}只合{_CLASS_NAMES[measured]},取较重者)"
        en = f"{en} ({told.en} would be {_CLASS_NAMES_EN[measured]}; the worse counts)"
    return GradeDecision(declared, Text(zh, en))


LAYER = Layer(
    name="hazard_points",
    title=Text("地质灾害隐患点", "Geological hazards"),
    family=Family.RISK,
    geometry=GeometryKind.ANY,
    order=10,
    symbol=Symbol(
        "hazard-landslide",
        glyph_field="hazard_type",
        glyphs={choice.code: f"hazard-{choice.code.replace('_', '-')}" for choice in HAZARD_TYPES.values},
    ),
    zooms=Zooms(features=0, labels=12),
    aliases={
        "source_id": ("Debrisno", "LLno", "灾害编号"),
        "name": ("灾害名称", "隐患点名称", "灾害点名称", "Name"),
        "grade": ("险情等级风险", "隐患等级"),
    },
    grading=Grading(
        Text(
            "险情等级:受威胁人数、财产与来源所定取较重者(特大型红、大型橙、中型黄、小型蓝)",
            "danger class: the worst of people, property and the source's own (extra large red … small blue)",
        ),
        danger_grade,
    ),
    fields=(
        Field(
            "hazard_type",
            Text("灾害类型", "hazard type"),
            FieldKind.CHOICE,
            aliases=("灾害类型", "类型", "灾种", "Type"),
            choices=HAZARD_TYPES,
        ),
        Field(
            "danger_level",
            Text("险情等级", "danger class"),
            FieldKind.CHOICE,
            aliases=("险情等级",),
            choices=GEOHAZARD_DANGER,
        ),
        Field(
            "volume_m3",
            Text("规模", "volume"),
            FieldKind.NUMBER,
            aliases=("规模", "体积", "灾害规模"),
            unit=Text("m³", "m³"),
            units=VOLUME_M3,
            minimum=0,
        ),
        Field(
            "threatened_people",
            Text("威胁人口", "threatened people"),
            FieldKind.INTEGER,
            aliases=("威胁人口", "威胁人数", "受威胁人数", "影响人数"),
            unit=Text("人", "people"),
            minimum=0,
        ),
        Field(
            "threatened_households",
            Text("威胁户数", "threatened households"),
            FieldKind.INTEGER,
            aliases=("威胁户数", "TRes_Class", "Total_Res"),
            unit=Text("户", "households"),
            minimum=0,
        ),
        Field(
            "threatened_property_cny",
            Text("威胁财产", "threatened property"),
            FieldKind.NUMBER,
            aliases=("威胁财产", "潜在经济损失"),
            unit=Text("元", "CNY"),
            units=MONEY_CNY,
            assumed_unit="万元",
            minimum=0,
        ),
        Field("stability", Text("发展趋势", "trend"), aliases=("发展趋势", "稳定性分析", "稳定性")),
        Field("triggers", Text("诱发因素", "triggers"), aliases=("诱发因素", "引发因素", "可能诱发因素")),
        Field("monitoring_method", Text("监测方法", "monitoring"), aliases=("监测方法", "监测手段")),
        Field("planned_shelter", Text("预定避灾地点", "planned shelter"), aliases=("预定避灾地点",)),
        Field(
            "evacuation_route",
            Text("撤离路线", "evacuation route"),
            aliases=("撤离路线", "人员撤离路线", "预定疏散路线"),
        ),
    ),
)
