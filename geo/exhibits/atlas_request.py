"""What may be asked of an atlas: one exhibit for each division of a level, feature of a layer, or site of a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.errors import InputError
from geo.exhibits.request import ExhibitRequest, GradeName, Level, read_request
from layers.text import Text

__all__ = ["AtlasOf", "AtlasRequest", "AtlasSite", "read_atlas"]

_Line = Annotated[str, Field(max_length=30)]


class AtlasSite(BaseModel):
    """A place of a list: its name and CGCS2000 degrees."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(max_length=200)]
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-85, le=85)


class AtlasOf(BaseModel):
    """What the plates are of: exactly one of ``level``, ``layer`` and ``sites``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Level | None = Field(default=None, description="每个区划一幅 / a plate for each division of this level")
    layer: Annotated[str, Field(max_length=60)] | None = Field(
        default=None, description="每个要素一幅 / a plate for each feature of this layer"
    )
    sites: tuple[AtlasSite, ...] | None = Field(default=None, description="每个地点一幅 / a plate for each place")
    division: Annotated[str, Field(pattern=r"^\d{2,12}$")] | None = Field(
        default=None, description="只取此区划以内 / only what lies in this division"
    )
    grades: tuple[GradeName, ...] | None = Field(
        default=None, description="只取这些等级 / only features of these grades"
    )
    title: _Line | None = Field(default=None, description="图集名 / title of the atlas")

    @model_validator(mode="after")
    def _of_one_thing(self) -> Self:
        if sum(each is not None for each in (self.level, self.layer, self.sites)) != 1:
            raise ValueError("atlas: level、layer、sites 三者取其一 / give exactly one of level, layer and sites")
        return self


class AtlasRequest(BaseModel):
    """An atlas: what its plates are of, and what every plate is asked with but for its place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    atlas: AtlasOf
    exhibit: Mapping[str, object]

    def plate(self, place: Mapping[str, object]) -> ExhibitRequest:
        """The request of one plate.

        Raises:
            InputError: the values and the place do not make an exhibit.
        """
        return read_request({**self.exhibit, **place})

    def as_dict(self) -> dict[str, object]:
        """As it is sent and as the recipe keeps it: the exhibit's values with ``atlas`` beside them."""
        return {**self.exhibit, "atlas": self.atlas.model_dump(mode="json", exclude_none=True)}


def read_atlas(values: Mapping[str, object]) -> AtlasRequest:
    """The atlas of these values: those of an exhibit, and ``atlas``.

    Raises:
        InputError: a value out of bounds, one that is missing, or a name that is not known.
    """
    rest = {name: value for name, value in values.items() if name != "atlas"}
    try:
        return AtlasRequest.model_validate({"atlas": values.get("atlas"), "exhibit": rest})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        msg = str(first["msg"]).removeprefix("Value error, ")
        said = f"{field}: {msg}"
        raise InputError(
            Text(f"图集参数有误:{said}", f"the atlas's parameters are wrong: {said}"), field=field
        ) from error
