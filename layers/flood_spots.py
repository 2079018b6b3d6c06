"""易涝隐患点: low places, fords and unsafe houses that are cleared and closed when it rains."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import LENGTH_M, Field, FieldKind
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["FLOOD_SPOT_KINDS", "LAYER"]

FLOOD_SPOT_KINDS = Choices[Choice](
    "flood_spot_kind",
    Text("易涝点类型", "kind of flood spot"),
    (
        Choice("low_lying", Text("低洼易涝点", "low-lying spot"), ("低洼易涝", "易涝点", "城镇低洼点", "积水点")),
        Choice("ford", Text("漫水桥", "ford"), ("漫水路", "漫水桥(路)", "漫水路桥", "过水路面")),
        Choice("underpass", Text("下穿通道", "underpass"), ("下穿式立交", "涵洞", "隧道积水点")),
        Choice("compound", Text("易受淹小区", "flood-prone compound"), ("低洼安置点", "低洼易安置点")),
        Choice("unsafe_house", Text("危旧房屋", "unsafe house"), ("危房", "危旧房", "农村危房")),
    ),
)

_METRE = Text("m", "m")

LAYER = Layer(
    name="flood_spots",
    title=Text("易涝隐患点", "Flood-prone spots"),
    family=Family.RISK,
    geometry=GeometryKind.ANY,
    order=60,
    symbol=Symbol(
        "waterlogging",
        glyph_field="kind",
        glyphs={"ford": "ford", "underpass": "underpass", "unsafe_house": "unsafe-house"},
        size_px=22,
    ),
    zooms=Zooms(features=0, labels=13),
    aliases={"name": ("易涝点名称", "漫水桥名称"), "source_id": ("易涝点编号",)},
    fields=(
        Field(
            "kind",
            Text("类型", "kind"),
            FieldKind.CHOICE,
            aliases=("类型", "易涝点类型", "隐患类型"),
            choices=FLOOD_SPOT_KINDS,
        ),
        Field(
            "threatened_people",
            Text("威胁人口", "threatened people"),
            FieldKind.INTEGER,
            aliases=("威胁人口", "影响人数", "受影响人数", "居住人数"),
            unit=Text("人", "people"),
            minimum=0,
        ),
        Field(
            "threatened_households",
            Text("威胁户数", "threatened households"),
            FieldKind.INTEGER,
            aliases=("威胁户数", "影响户数"),
            unit=Text("户", "households"),
            minimum=0,
        ),
        Field(
            "depth_m",
            Text("最大积水深度", "greatest depth"),
            FieldKind.NUMBER,
            aliases=("最大积水深度", "积水深度", "淹没深度"),
            unit=_METRE,
            units=LENGTH_M,
            minimum=0,
            maximum=30,
        ),
        Field(
            "last_flooded",
            Text("最近受淹", "last flooded"),
            FieldKind.DATE,
            aliases=("最近受淹", "最近积水时间", "上次受淹日期"),
        ),
        Field("river", Text("所在河流", "river"), aliases=("所在河流", "河流", "河道")),
        Field("measures", Text("管控措施", "measures"), aliases=("管控措施", "防范措施", "应对措施")),
    ),
)
