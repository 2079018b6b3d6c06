"""水库: storage, dam, and the row of characteristic levels with their height datum."""

from __future__ import annotations

from layers.feature import GeometryKind
from layers.field import LENGTH_M, VOLUME_M3, Field, FieldKind
from layers.heights import VERTICAL_DATUM, level
from layers.layer import Family, Layer, Symbol, Zooms
from layers.severity import RESERVOIR_SCALE
from layers.text import Text

__all__ = ["LAYER"]

_METRE = Text("m", "m")

LAYER = Layer(
    name="reservoirs",
    title=Text("水库", "Reservoirs"),
    family=Family.RISK,
    geometry=GeometryKind.POINT,
    order=20,
    symbol=Symbol("reservoir"),
    zooms=Zooms(features=0, labels=11),
    aliases={
        "name": ("水库名称", "reservoirName", "ため池名称", "名称"),
        "source_id": ("水库编码", "水库代码", "code", "ため池コード", "番号"),
    },
    fields=(
        Field(
            "scale",
            Text("工程规模", "scale"),
            FieldKind.CHOICE,
            aliases=("工程规模", "规模", "水库规模", "水库类型"),
            choices=RESERVOIR_SCALE,
        ),
        Field(
            "storage_m3",
            Text("总库容", "total storage"),
            FieldKind.NUMBER,
            aliases=("总库容", "库容", "総貯水量", "貯水量"),
            unit=Text("m³", "m³"),
            units=VOLUME_M3,
            minimum=0,
        ),
        Field(
            "dam_height_m",
            Text("坝高", "dam height"),
            FieldKind.NUMBER,
            aliases=("坝高", "最大坝高", "堤高"),
            unit=_METRE,
            units=LENGTH_M,
            minimum=0,
            maximum=400,
        ),
        Field(
            "dam_length_m",
            Text("坝长", "dam length"),
            FieldKind.NUMBER,
            aliases=("坝长", "坝顶长度", "堤長"),
            unit=_METRE,
            units=LENGTH_M,
            minimum=0,
            maximum=60_000,
        ),
        level("dead_level_m", "死水位", "dead level"),
        level("flood_limit_level_m", "汛限水位", "flood-limit level", "防洪限制水位"),
        level("normal_level_m", "正常蓄水位", "normal level", "正常高水位"),
        level("design_flood_level_m", "设计洪水位", "design flood level"),
        level("check_flood_level_m", "校核洪水位", "check flood level"),
        level("dam_crest_m", "坝顶高程", "dam crest"),
        VERTICAL_DATUM,
        Field("river", Text("所在河流", "river"), aliases=("所在河流", "河流")),
    ),
)
