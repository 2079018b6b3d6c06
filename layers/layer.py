"""Layer: what a layer must declare, once, for the catalogue, the importer, the risk answer, the tiles and every map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy import Table

from layers.feature import SHARED_COLUMNS, GeometryKind, feature_table
from layers.field import Field, FieldKind
from layers.severity import RISK_GRADE, RiskGrade
from layers.text import Text

__all__ = [
    "CELLS_PER_TILE_ZOOM",
    "COMMON_FIELDS",
    "STORED_CELL_ZOOM",
    "Child",
    "Family",
    "GradeDecision",
    "Grading",
    "Layer",
    "Symbol",
    "Values",
    "WaterLine",
    "Zooms",
]

Values = Mapping[str, object]
"""A feature's parsed values by field name; an unknown value is None."""


class Family(StrEnum):
    """The groups of the layer tree."""

    RISK = "risk"
    RESOURCE = "resource"
    PROTECTED = "protected"
    MONITORING = "monitoring"
    BASE = "base"

    @property
    def label(self) -> Text:
        """风险隐患, 应急资源, 防护目标, 监测预警, 底图."""
        return _FAMILY_TITLES[self]


_FAMILY_TITLES = {
    Family.RISK: Text("风险隐患", "Hazards and risks"),
    Family.RESOURCE: Text("应急资源", "Emergency resources"),
    Family.PROTECTED: Text("防护目标", "Protected places"),
    Family.MONITORING: Text("监测预警", "Monitoring and warnings"),
    Family.BASE: Text("底图", "Base map"),
}


@dataclass(frozen=True, slots=True)
class GradeDecision:
    """A grade and the sentence that says why."""

    grade: RiskGrade
    why: Text


@dataclass(frozen=True)
class Grading:
    """How a layer's features come by their grade when the source supplies none.

    ``rule`` gets the parsed values and returns a decision, or None when the values that it needs are unknown.
    """

    title: Text
    rule: Callable[[Values], GradeDecision | None] | None = None


SUPPLIED_ONLY = Grading(Text("由来源给定;来源未给定的为未分级", "as supplied by the source; else not graded"))


@dataclass(frozen=True, slots=True)
class WaterLine:
    """How a water course of one class is drawn: from which Web-Mercator zoom, and how wide (px) at zoom 12."""

    from_zoom: int
    width_px: float


@dataclass(frozen=True)
class Symbol:
    """A layer's symbol: a glyph of ``geo/cartography/symbols`` in a shape that tells the grade.

    ``glyphs`` replaces the glyph by the value of ``glyph_field`` (a landslide and a rockfall differ). ``size_px`` is
    the edge of a 红 symbol at scale 1 (96 dpi); lower grades are drawn smaller by the one symbology. A layer of the
    base map with ``water`` is drawn as water courses, by the value of ``water_field``; None is that of all others.
    """

    glyph: str
    glyph_field: str | None = None
    glyphs: Mapping[str, str] = field(default_factory=dict)
    size_px: float = 26.0
    water_field: str | None = None
    water: Mapping[str | None, WaterLine] = field(default_factory=dict)


STORED_CELL_ZOOM = 12
"""A stored cell (``onemap_cells``) is a tile of this zoom."""

CELLS_PER_TILE_ZOOM = 4
"""A tile is 16 × 16 cells: 32 px each of its 512."""


@dataclass(frozen=True, slots=True)
class Zooms:
    """Web-Mercator zooms from which features and their labels are drawn, and the policy of maps of a province.

    Below ``counted_below`` a tile with more than ``most_features`` features of the layer shows where they are and how
    many of each grade: cells of a grid, every feature counted, none left out.
    """

    features: int = 0
    labels: int = 12
    counted_below: int = 9
    most_features: int = 400

    def __post_init__(self) -> None:
        deepest = STORED_CELL_ZOOM - CELLS_PER_TILE_ZOOM + 1
        if not 0 <= self.counted_below <= deepest or self.most_features < 1:
            raise ValueError(f"counted_below should be 0 to {deepest} and most_features at least 1: {self}")


COMMON_FIELDS = (
    Field(
        "source_id",
        Text("编号", "id"),
        FieldKind.CODE,
        aliases=("统一编号", "隐患点编号", "野外编号", "编号", "id", "source_id"),
    ),
    Field("name", Text("名称", "name"), aliases=("名称", "点位名称", "name", "名稱")),
    Field(
        "division_code",
        Text("行政区划代码", "division code"),
        FieldKind.CODE,
        aliases=("行政区划代码", "市县编码", "国标代码", "国际代码"),
    ),
    Field(
        "address",
        Text("地址", "address"),
        aliases=("地址", "地理位置", "详细地址", "位置", "所在地", "Address", "住所"),
    ),
    Field(
        "responsible_person",
        Text("责任人", "responsible person"),
        aliases=("责任人", "防灾责任人", "监测责任人", "包保责任人", "村级责任人", "联系人", "管理人姓名", "管理人"),
        sensitive=True,
    ),
    Field(
        "responsible_phone",
        Text("责任人电话", "phone"),
        aliases=("电话", "手机", "联系电话", "联系方式", "责任人电话", "管理人電話", "管理人电话"),
        sensitive=True,
    ),
    Field(
        "data_date",
        Text("数据日期", "data date"),
        FieldKind.DATE,
        aliases=("数据日期", "填报时间", "更新时间", "data_date"),
    ),
    Field(
        "grade",
        Text("风险等级", "risk grade"),
        FieldKind.CHOICE,
        aliases=("风险等级", "安全风险等级", "四色等级", "grade", "risk"),
        choices=RISK_GRADE,
    ),
)
"""The shared columns that a source may fill."""


@dataclass(frozen=True)
class Child:
    """Rows that belong to a feature, in a table of their own with the feature's ``(source, source_id)``.

    In answers they are a list of objects of ``columns`` under ``name``, ordered by the table's primary key.
    """

    name: str
    table: Table
    columns: tuple[str, ...]

    def __post_init__(self) -> None:
        missing = {"source", "source_id", *self.columns} - set(self.table.columns.keys())
        if missing:
            raise ValueError(f"child {self.name}: table {self.table.name} has no columns {sorted(missing)}")


@dataclass(frozen=True)
class Layer:
    """One layer, declared once. ``risk`` layers are searched by the risk answer; the base map's are not."""

    name: str
    title: Text
    family: Family
    geometry: GeometryKind
    symbol: Symbol
    fields: tuple[Field, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further headers for the shared columns: ``{"name": ("水库名称",)}``."""
    grading: Grading = SUPPLIED_ONLY
    zooms: Zooms = Zooms()
    order: int = 100
    """Place within the family, in the tree, the legend and every list."""
    nearest: bool = False
    """Whether the risk answer names the nearest ones beyond the radius: where help comes from."""
    unusable: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values of choice fields with which a resource is no help, ``{"status": ("closed",)}``: never named as nearest."""
    children: tuple[Child, ...] = ()
    """Child tables whose rows are shown with the feature that they belong to."""
    table: Table = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        clashes = [own.name for own in self.fields if own.name in SHARED_COLUMNS]
        if clashes or len({own.name for own in self.fields}) != len(self.fields):
            raise ValueError(f"layer {self.name}: fields must be unique and not named as shared columns: {clashes}")
        if {child.name for child in self.children} & {*SHARED_COLUMNS, *(own.name for own in self.fields)}:
            raise ValueError(f"layer {self.name}: a child is named as a column")
        object.__setattr__(self, "table", feature_table(self.name, self.geometry, self.fields))

    @property
    def searchable(self) -> bool:
        """Whether the risk answer looks into this layer."""
        return self.family is not Family.BASE

    @property
    def counted(self) -> bool:
        """Whether its features are counted in cells for maps of a province; the base map's few outlines are not."""
        return self.family is not Family.BASE

    @property
    def graded(self) -> bool:
        """Whether a missing grade is news (未分级): a risk has one, a shelter or a helipad does not."""
        return self.family is Family.RISK

    @property
    def sensitive_columns(self) -> frozenset[str]:
        """Columns that are masked unless the reader's scope says otherwise."""
        own = {each.name for each in self.fields if each.sensitive}
        return frozenset(own | {each.name for each in COMMON_FIELDS if each.sensitive})

    def importable_fields(self) -> tuple[Field, ...]:
        """The shared fields, with this layer's further aliases, and its own."""
        shared = (replace(each, aliases=(*self.aliases.get(each.name, ()), *each.aliases)) for each in COMMON_FIELDS)
        return (*shared, *self.fields)
