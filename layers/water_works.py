"""水利工程: dikes (lines), sluices and pump stations, with what they are built for and how safe they are."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import LENGTH_M, Field, FieldKind
from layers.heights import VERTICAL_DATUM, level
from layers.layer import Family, GradeDecision, Grading, Layer, Symbol, Values, Zooms
from layers.severity import Choice, Choices, Level, LevelScheme, RiskGrade
from layers.text import Text

__all__ = ["LAYER", "WATER_WORK_KINDS", "WORKS_SAFETY", "safety_grade"]

WATER_WORK_KINDS = Choices[Choice](
    "water_work_kind",
    Text("工程类型", "kind of works"),
    (
        Choice("dike", Text("堤防", "dike"), ("堤", "圩堤", "防洪堤", "江堤")),
        Choice("sluice", Text("水闸", "sluice"), ("闸", "涵闸", "分洪闸", "节制闸")),
        Choice("pump_station", Text("泵站", "pump station"), ("站", "机电泵站", "排涝站", "电排站")),
    ),
)

WORKS_SAFETY = LevelScheme(
    "works_safety",
    Text("安全类别", "safety class"),
    (
        Level("class_4", Text("四类", "class 4"), ("四类闸", "四类坝"), 1, RiskGrade.RED),
        Level("class_3", Text("三类", "class 3"), ("三类闸", "三类坝"), 2, RiskGrade.ORANGE),
        Level("class_2", Text("二类", "class 2"), ("二类闸", "二类坝"), 3, RiskGrade.YELLOW),
        Level("class_1", Text("一类", "class 1"), ("一类闸", "一类坝"), 4, RiskGrade.BLUE),
    ),
)
"""安全鉴定: 四类 is the worst. UNVERIFIED against the standards' texts; the colours are this project's choice."""


def safety_grade(values: Values) -> GradeDecision | None:
    """The grade of the safety class; None while it has not been appraised."""
    code = values.get("safety")
    if not isinstance(code, str):
        return None
    level = WORKS_SAFETY.by_code(code)
    if level.grade is None:
        return None
    return GradeDecision(
        level.grade, Text(f"安全鉴定为{level.title.zh}(四类最差)", f"safety {level.title.en} (class 4 is worst)")
    )


_METRE = Text("m", "m")

LAYER = Layer(
    name="water_works",
    title=Text("堤防闸站", "Dikes, sluices and pumps"),
    family=Family.RISK,
    geometry=GeometryKind.ANY,
    order=70,
    symbol=Symbol("dike", glyph_field="kind", glyphs={"sluice": "sluice", "pump_station": "pump-station"}, size_px=22),
    zooms=Zooms(features=0, labels=13),
    aliases={"name": ("工程名称", "堤防名称", "水闸名称", "泵站名称"), "source_id": ("工程编号", "工程编码")},
    grading=Grading(
        Text(
            "安全鉴定:四类红、三类橙、二类黄、一类蓝(本项目的取法)",
            "safety appraisal: class 4 red, 3 orange, 2 yellow, 1 blue (our rule)",
        ),
        safety_grade,
    ),
    fields=(
        Field(
            "kind",
            Text("工程类型", "kind"),
            FieldKind.CHOICE,
            aliases=("工程类型", "工程类别", "类型"),
            choices=WATER_WORK_KINDS,
        ),
        Field(
            "safety",
            Text("安全类别", "safety class"),
            FieldKind.CHOICE,
            aliases=("安全类别", "安全鉴定类别", "大坝安全类别"),
            choices=WORKS_SAFETY,
        ),
        Field("works_class", Text("工程等别", "class of works"), aliases=("工程等别", "堤防级别", "建筑物级别")),
        Field(
            "return_period_years",
            Text("防洪标准", "flood return period"),
            FieldKind.NUMBER,
            aliases=("防洪标准", "重现期"),
            unit=Text("年", "years"),
            minimum=1,
            maximum=10_000,
        ),
        Field(
            "length_m",
            Text("长度", "length"),
            FieldKind.NUMBER,
            aliases=("长度", "堤防长度", "堤长"),
            unit=_METRE,
            units=LENGTH_M,
            minimum=0,
        ),
        level("crest_level_m", "堤顶高程", "crest level", "顶高程"),
        level("warning_level_m", "警戒水位", "warning level"),
        level("guarantee_level_m", "保证水位", "guarantee level"),
        VERTICAL_DATUM,
        Field(
            "design_flow_m3s",
            Text("设计流量", "design flow"),
            FieldKind.NUMBER,
            aliases=("设计流量", "过闸流量", "装机流量"),
            unit=Text("m³/s", "m³/s"),
            minimum=0,
        ),
        Field("river", Text("所在河流", "river"), aliases=("所在河流", "河流")),
        Field(
            "open_defects",
            Text("未整改隐患", "open defects"),
            FieldKind.INTEGER,
            aliases=("未整改隐患", "隐患数", "未整改隐患数"),
            unit=Text("个", "defects"),
            minimum=0,
        ),
    ),
)
