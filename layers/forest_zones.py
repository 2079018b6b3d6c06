"""森林防火重点区: forest compartments with their stands and their fire class."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import AREA_M2, Field, FieldKind
from layers.layer import Family, GradeDecision, Grading, Layer, Symbol, Values, Zooms
from layers.severity import FOREST_FIRE_DANGER
from layers.text import Text

__all__ = ["LAYER", "fire_class_grade"]


def fire_class_grade(values: Values) -> GradeDecision | None:
    """The grade of the zone's fire class. The scale is reversed: 五级 is the worst (QX/T 77-2007)."""
    code = values.get("fire_danger")
    if not isinstance(code, str):
        return None
    level = FOREST_FIRE_DANGER.by_code(code)
    if level.grade is None:
        return None
    return GradeDecision(
        level.grade,
        Text(f"森林火险等级为{level.title.zh}(五级最高)", f"forest fire danger {level.title.en} (class 5 is worst)"),
    )


LAYER = Layer(
    name="forest_zones",
    title=Text("森林防火区", "Forest fire zones"),
    family=Family.RISK,
    geometry=GeometryKind.POLYGON,
    order=30,
    symbol=Symbol("forest-zone"),
    zooms=Zooms(features=0, labels=11),
    aliases={"source_id": ("林班号", "小班号", "A45_001"), "name": ("林场", "林区名称", "林班名称", "A45_013")},
    grading=Grading(
        Text(
            "森林火险等级:五级红、四级橙、三级黄、二级与一级蓝",
            "fire danger class: 5 red, 4 orange, 3 yellow, 2 and 1 blue",
        ),
        fire_class_grade,
    ),
    fields=(
        Field(
            "fire_danger",
            Text("森林火险等级", "fire danger"),
            FieldKind.CHOICE,
            aliases=("森林火险等级", "火险等级", "火险区等级"),
            choices=FOREST_FIRE_DANGER,
        ),
        Field("compartment", Text("林班", "compartment"), aliases=("林班", "LINBAN", "A45_004")),
        Field("subcompartment", Text("小班", "subcompartment"), aliases=("小班", "XIAOBAN", "A45_010")),
        Field("dominant_species", Text("优势树种", "dominant species"), aliases=("优势树种", "树种", "A45_015")),
        Field("origin", Text("起源", "origin"), aliases=("起源",)),
        Field("protection_class", Text("保护等级", "protection class"), aliases=("保护等级", "林种", "A45_028")),
        Field(
            "canopy_density",
            Text("郁闭度", "canopy density"),
            FieldKind.NUMBER,
            aliases=("郁闭度",),
            minimum=0,
            maximum=1,
        ),
        Field(
            "recorded_area_m2",
            Text("登记面积", "recorded area"),
            FieldKind.NUMBER,
            aliases=("面积", "登记面积", "小班面积"),
            unit=Text("m²", "m²"),
            units=AREA_M2,
            minimum=0,
        ),
    ),
)
