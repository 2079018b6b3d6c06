"""What may be asked of an exhibit: one model for every door and for the recipe that a page carries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.errors import InputError
from geo.exhibits.paper import Orientation, Paper
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["KINDS", "ExhibitRequest", "GradeName", "KindName", "Level", "Period", "period_of", "read_request"]

KindName = Literal["surroundings", "four_colours", "hazards", "resources", "thematic", "comparison", "assessment"]
KINDS: Mapping[KindName, Text] = {
    "surroundings": Text("周边分析", "surroundings of a place"),
    "four_colours": Text("四色图", "enterprises by grade and division"),
    "hazards": Text("隐患分布图与清单", "map and list of hazards"),
    "resources": Text("资源保障图", "resources and their reach"),
    "thematic": Text("专题图", "a map of any layers"),
    "comparison": Text("对比图", "two areas or two dates side by side"),
    "assessment": Text("研判专报", "monthly, quarterly or annual assessment"),
}

GradeName = Literal["red", "orange", "yellow", "blue", "none"]
Level = Literal["county", "township", "village"]

_Line = Annotated[str, Field(max_length=30)]
_Code = Annotated[str, Field(pattern=r"^\d{2,12}$")]
_Name = Annotated[str, Field(max_length=60)]
_PERIOD = re.compile(r"^(\d{4})(?:-(\d{2})|-Q([1-4]))?$")


class ExhibitRequest(BaseModel):
    """One exhibit. Coordinates are CGCS2000 degrees; radii are metres on the ellipsoid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: KindName = Field(description="、".join(f"{name} {text.zh}" for name, text in KINDS.items()))
    template: _Name | None = Field(default=None, description="模板 / a bureau's template")
    made_on: date = Field(description="制图日期 / printed as the date of making")
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-85, le=85)
    radius_m: tuple[Annotated[float, Field(gt=0, le=200_000)], ...] = Field(
        default=(1000.0, 3000.0, 5000.0), min_length=1, max_length=5
    )
    division: _Code | None = Field(default=None, description="行政区划代码,2 到 12 位 / division code")
    other_division: _Code | None = Field(default=None, description="对比的另一区划 / the division compared with")
    since: date | None = Field(default=None, description="对比的较早日期 / the earlier date compared with")
    period: str | None = Field(default=None, description="研判时段:2026-10、2026-Q3、2026 / period of an assessment")
    by: Level | None = Field(default=None, description="统计单元 / divisions that are counted by; the next lower level")
    layers: tuple[_Name, ...] | None = Field(default=None, description="图层 / layers; the kind's own where absent")
    grades: tuple[GradeName, ...] | None = Field(default=None, description="风险等级 / grades; all where absent")
    reach_m: Mapping[_Name, Annotated[float, Field(gt=0, le=200_000)]] | None = Field(
        default=None, description="各资源图层的保障半径(米) / reach of resources by layer"
    )
    features_max: int | None = Field(
        default=None, ge=1, le=10_000, description="清单最多列出的要素 / most features listed; else the kind's own"
    )
    title: _Line | None = Field(default=None, description="图名,不超过 30 字 / title")
    place: _Line | None = Field(default=None, description="中心点的名称 / what the asked place is called")
    maker: _Line = Field(default="", description="制图单位 / made by")
    number: _Line = Field(default="", description="编号 / number of the document")
    approval: _Line = Field(default="", description="审图号;空则印内部使用 / approval number of the map")
    secrecy: _Line = Field(default="内部", description="密级 / secrecy")
    paper: Paper = "A4"
    orientation: Orientation = "portrait"
    scale: float | None = Field(default=None, ge=500, le=10_000_000, description="1:N;空则按内容取整 / denominator")
    lang: Lang = "zh"

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        for asked in _ASKS[self.kind]:
            if not any(all(getattr(self, name) is not None for name in names) for names in asked):
                named = " 或 ".join("+".join(names) for names in asked)
                either = " or ".join("+".join(names) for names in asked)
                first = asked[0][0]
                raise ValueError(f"{first}: {KINDS[self.kind].zh}需要 {named} / {self.kind} needs {either}")
        if self.period is not None:
            period_of(self.period)
        return self

    def grade_set(self) -> frozenset[RiskGrade | None] | None:
        """The grades as a Selection takes them; None is every grade."""
        if self.grades is None:
            return None
        return frozenset(None if name == "none" else RiskGrade(name) for name in self.grades)


_Asked = tuple[tuple[tuple[str, ...], ...], ...]
_DIVISION: _Asked = ((("division",),),)
_ASKS: Mapping[KindName, _Asked] = {
    "surroundings": ((("lon", "lat"),),),
    "four_colours": _DIVISION,
    "hazards": _DIVISION,
    "resources": _DIVISION,
    "thematic": ((("division",), ("lon", "lat")),),
    "comparison": ((("division",),), (("other_division",), ("since",))),
    "assessment": ((("division",),), (("period",),)),
}
"""For each kind what must be given; of alternatives at least one, and of each all names."""


class Period(BaseModel):
    """A month, quarter or year: from its first day until before ``end``; and the one before it, from ``before``."""

    model_config = ConfigDict(frozen=True)

    start: date
    end: date
    before: date
    title: tuple[str, str]
    """In Chinese and in English."""


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def period_of(text: str) -> Period:
    """``2026-10``, ``2026-Q3`` or ``2026``.

    Raises:
        ValueError: none of these.
    """
    found = _PERIOD.match(text)
    month = int(found[2]) if found and found[2] else 1
    if found is None or not 1 <= month <= 12 or not 1900 <= int(found[1]) <= 2999:
        raise ValueError("period: 时段应写作 2026-10、2026-Q3 或 2026 / write 2026-10, 2026-Q3 or 2026")
    year = int(found[1])
    if found[3]:
        quarter = int(found[3])
        start, months = date(year, quarter * 3 - 2, 1), 3
        title = (f"{year} 年第{'一二三四'[quarter - 1]}季度", f"quarter {quarter} of {year}")
    elif found[2]:
        start, months, title = date(year, month, 1), 1, (f"{year} 年 {month} 月", f"{date(year, month, 1):%B %Y}")
    else:
        start, months, title = date(year, 1, 1), 12, (f"{year} 年度", f"the year {year}")
    return Period(start=start, end=_months_on(start, months), before=_months_on(start, -months), title=title)


def read_request(values: Mapping[str, object]) -> ExhibitRequest:
    """The request of these values.

    Raises:
        InputError: a value out of bounds, one that is missing, or a name that is not known.
    """
    try:
        return ExhibitRequest.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        msg = str(first["msg"]).removeprefix("Value error, ")
        named = ".".join(str(part) for part in first["loc"])
        field = named or msg.partition(":")[0]
        said = f"{named}: {msg}" if named else msg
        raise InputError(
            Text(f"专题图参数有误:{said}", f"the exhibit's parameters are wrong: {said}"), field=field
        ) from error
