"""尾矿库: class by storage and dam height, safety, and who lives below (头顶库)."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import LENGTH_M, VOLUME_M3, Field, FieldKind
from layers.layer import Family, GradeDecision, Grading, Layer, Symbol, Values, Zooms
from layers.severity import Choice, Choices, Level, LevelScheme, RiskGrade
from layers.text import Text

__all__ = [
    "CLASS_BOUNDS",
    "LAYER",
    "POND_CLASS",
    "POND_SAFETY",
    "POND_STATUS",
    "above_homes",
    "pond_class",
    "pond_grade",
]

POND_CLASS = LevelScheme(
    "pond_class",
    Text("尾矿库等别", "class of tailings pond"),
    (
        Level("class_1", Text("一等", "class 1"), ("一等库", "Ⅰ等"), 1),
        Level("class_2", Text("二等", "class 2"), ("二等库", "Ⅱ等"), 2),
        Level("class_3", Text("三等", "class 3"), ("三等库", "Ⅲ等"), 3),
        Level("class_4", Text("四等", "class 4"), ("四等库", "Ⅳ等"), 4),
        Level("class_5", Text("五等", "class 5"), ("五等库", "Ⅴ等"), 5),
    ),
)
"""等别: big to small. It says how large a pond is, not how dangerous, and sets no grade."""

POND_SAFETY = LevelScheme(
    "pond_safety",
    Text("尾矿库安全度", "safety of tailings pond"),
    (
        Level("dangerous", Text("危库", "dangerous"), ("危",), 1, RiskGrade.RED),
        Level("endangered", Text("险库", "endangered"), ("险",), 2, RiskGrade.ORANGE),
        Level("defective", Text("病库", "defective"), ("病",), 3, RiskGrade.YELLOW),
        Level("normal", Text("正常库", "normal"), ("正常",), 4, RiskGrade.BLUE),
    ),
)
"""安全度. The four words are the industry's; their colours are this project's choice."""

POND_STATUS = Choices[Choice](
    "pond_status",
    Text("生产状态", "status"),
    (
        Choice("in_use", Text("在用", "in use"), ("运行", "生产", "在用库")),
        Choice("building", Text("在建", "under construction"), ("建设",)),
        Choice("idle", Text("停用", "out of use"), ("停产", "停用库")),
        Choice("closed", Text("闭库", "closed"), ("已闭库", "销库")),
    ),
)

CLASS_BOUNDS: tuple[tuple[str, float, float], ...] = (
    ("class_1", 5e8, 200.0),
    ("class_2", 1e8, 100.0),
    ("class_3", 1e7, 60.0),
    ("class_4", 1e6, 30.0),
    ("class_5", 0.0, 0.0),
)
"""(class, least storage in m³, least dam height in m). UNVERIFIED: these numbers are general knowledge, not read in
the text of GB 50863; only the rule that combines the two classes was (§3.3.1)."""


def pond_class(storage_m3: float | None, dam_height_m: float | None) -> str | None:
    """等别 by whole storage and dam height; None while either is unknown.

    The two classes differ by none or one: the higher class holds; by more: the higher one lowered by one.
    Source of the combination: GB 50863-2013 §3.3.1. Of the thresholds: see ``CLASS_BOUNDS``.
    """
    if storage_m3 is None or dam_height_m is None:
        return None
    by_storage = next(at for at, bound in enumerate(CLASS_BOUNDS) if storage_m3 >= bound[1])
    by_height = next(at for at, bound in enumerate(CLASS_BOUNDS) if dam_height_m >= bound[2])
    higher = min(by_storage, by_height)
    return CLASS_BOUNDS[higher + (abs(by_storage - by_height) > 1)][0]


def above_homes(values: Values) -> bool | None:
    """头顶库: people or important facilities within 1 km below. As recorded, else by the people counted there."""
    recorded = values.get("above_homes")
    if isinstance(recorded, bool):
        return recorded
    people = values.get("downstream_people")
    if isinstance(people, int | float):
        # Nobody lives there; whether a facility stands there is not known by that.
        return True if people > 0 else None
    return None


def pond_grade(values: Values) -> GradeDecision | None:
    """The grade of the safety class, one worse where people live below; None while the safety is unknown."""
    code = values.get("safety")
    if not isinstance(code, str):
        return None
    level = POND_SAFETY.by_code(code)
    if level.grade is None:
        return None
    zh, en = f"安全度为{level.title.zh}", f"safety: {level.title.en}"
    grade = level.grade
    if above_homes(values):
        grade = list(RiskGrade)[max(0, grade.rank - 2)]
        zh, en = f"{zh},且为头顶库,提高一级", f"{en}; people live within 1 km below, so one grade worse"
    return GradeDecision(grade, Text(zh, en))


_METRE = Text("m", "m")

LAYER = Layer(
    name="tailings_ponds",
    title=Text("尾矿库", "Tailings ponds"),
    family=Family.RISK,
    geometry=GeometryKind.ANY,
    order=50,
    symbol=Symbol("tailings"),
    zooms=Zooms(features=0, labels=11),
    aliases={"name": ("尾矿库名称", "库名"), "source_id": ("尾矿库编号", "尾矿库编码")},
    grading=Grading(
        Text(
            "安全度:危库红、险库橙、病库黄、正常库蓝;头顶库提高一级(本项目的取法)",
            "safety: dangerous red, endangered orange, defective yellow, normal blue; one worse above homes (our rule)",
        ),
        pond_grade,
    ),
    fields=(
        Field("mineral", Text("矿种", "mineral"), aliases=("矿种", "尾矿种类")),
        Field(
            "status", Text("生产状态", "status"), FieldKind.CHOICE, aliases=("生产状态", "状态"), choices=POND_STATUS
        ),
        Field(
            "pond_class",
            Text("等别", "class"),
            FieldKind.CHOICE,
            aliases=("等别", "尾矿库等别", "库等别"),
            choices=POND_CLASS,
        ),
        Field("safety", Text("安全度", "safety"), FieldKind.CHOICE, aliases=("安全度",), choices=POND_SAFETY),
        Field(
            "storage_m3",
            Text("总库容", "total storage"),
            FieldKind.NUMBER,
            aliases=("总库容", "设计总库容", "全库容"),
            unit=Text("m³", "m³"),
            units=VOLUME_M3,
            minimum=0,
        ),
        Field(
            "dam_height_m",
            Text("总坝高", "dam height"),
            FieldKind.NUMBER,
            aliases=("总坝高", "设计总坝高", "坝高"),
            unit=_METRE,
            units=LENGTH_M,
            minimum=0,
            maximum=400,
        ),
        Field("above_homes", Text("头顶库", "above homes"), FieldKind.BOOLEAN, aliases=("头顶库", "是否头顶库")),
        Field(
            "downstream_people",
            Text("下游1公里内人数", "people within 1 km below"),
            FieldKind.INTEGER,
            aliases=("下游1km内总人数", "下游1公里内总人数", "下游1000米受影响人数"),
            unit=Text("人", "people"),
            minimum=0,
        ),
        Field(
            "downstream_facilities",
            Text("下游1公里内重要设施", "facilities within 1 km below"),
            aliases=("下游1km内重要设施", "下游1公里内重要设施"),
        ),
        Field(
            "last_consultation",
            Text("上次专家会诊", "last expert consultation"),
            FieldKind.DATE,
            aliases=("上次专家会诊", "专家会诊日期", "安全技术会诊日期"),
        ),
        Field("operator", Text("运营企业", "operator"), aliases=("运营企业", "企业名称", "所属企业")),
    ),
)
