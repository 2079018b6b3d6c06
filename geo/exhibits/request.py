"""What may be asked of an exhibit: one model for every door and for the recipe that a page carries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.errors import InputError
from layers.text import Lang, Text

__all__ = ["KINDS", "ExhibitRequest", "Kind", "read_request"]

Kind = Literal["surroundings"]
KINDS: Mapping[Kind, Text] = {
    "surroundings": Text("周边分析", "surroundings of a place"),
}

_Line = Annotated[str, Field(max_length=30)]


class ExhibitRequest(BaseModel):
    """One exhibit. Coordinates are CGCS2000 degrees; radii are metres on the ellipsoid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = Field(description="surroundings 周边分析")
    made_on: date = Field(description="制图日期 / printed as the date of making")
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-85, le=85)
    radius_m: tuple[Annotated[float, Field(gt=0, le=200_000)], ...] = Field(
        default=(1000.0, 3000.0, 5000.0), min_length=1, max_length=5
    )
    layers: tuple[str, ...] | None = Field(default=None, description="图层 / layers; all where absent")
    features_max: int = Field(default=300, ge=1, le=10_000, description="most features on the page, the nearest first")
    title: _Line | None = Field(default=None, description="图名,不超过 30 字 / title")
    place: _Line | None = Field(default=None, description="中心点的名称 / what the asked place is called")
    maker: _Line = Field(default="", description="制图单位 / made by")
    number: _Line = Field(default="", description="编号 / number of the document")
    approval: _Line = Field(default="", description="审图号;空则印内部使用 / approval number of the map")
    secrecy: _Line = Field(default="内部", description="密级 / secrecy")
    paper: Literal["A4", "A3"] = "A4"
    orientation: Literal["portrait", "landscape"] = "portrait"
    scale: float | None = Field(default=None, ge=500, le=10_000_000, description="1:N;空则按内容取整 / denominator")
    lang: Lang = "zh"

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if self.lon is None or self.lat is None:
            raise ValueError("lon, lat: 周边分析需要经纬度 / surroundings need a place")
        return self


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
        field = ".".join(str(part) for part in first["loc"]) or msg.partition(",")[0]
        said = f"{field}: {msg}"
        raise InputError(
            Text(f"专题图参数有误:{said}", f"the exhibit's parameters are wrong: {said}"), field=field
        ) from error
