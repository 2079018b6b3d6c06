"""Colour tables: what a grid's values look like and mean, declared in TOML beside it and checked when it is loaded.

A cell without a value is transparent. A value that the table does not list is drawn grey, and the legend says so:
neither is ever drawn as if it were a class.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.errors import InputError
from layers.text import Text

__all__ = ["UNLISTED_COLOUR", "ColourRow", "ColourTable", "ColourTableError", "read_colours", "sidecar_of"]

UNLISTED_COLOUR = "#8A9199"
_UNLISTED = Text("未列入色表", "not in the colour table")
_NO_DATA = Text("无数据(透明)", "no data (transparent)")
_SIDECAR = ".colours.toml"

Colour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]
Rgba = npt.NDArray[np.uint8]


class ColourTableError(InputError):
    """A colour table that cannot be read, or that contradicts itself."""

    code = "colour-table"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Words(_Strict):
    zh: str = Field(max_length=60)
    en: str = Field(max_length=60)

    def text(self) -> Text:
        return Text(self.zh, self.en)


class _Class(_Strict):
    """One class: an exact ``value``, or all from ``from`` up to but not including ``below``."""

    color: Colour
    title: _Words
    value: float | None = None
    from_: float | None = Field(default=None, alias="from")
    below: float | None = None

    @model_validator(mode="after")
    def _says_what(self) -> _Class:
        if (self.value is None) == (self.from_ is None and self.below is None):
            raise ValueError("a class has either a value or from/below")
        if self.from_ is not None and self.below is not None and not self.from_ < self.below:
            raise ValueError(f"from {self.from_:g} is not less than below {self.below:g}")
        return self


class _Stop(_Strict):
    """One stop of a ramp: between stops the colours blend, beyond the first and last they stay."""

    value: float
    color: Colour


@dataclass(frozen=True, slots=True)
class ColourRow:
    """One row of the legend; ``colour`` None is a cell that is not drawn."""

    colour: str | None
    title: Text


class ColourTable(_Strict):
    """Classes of values, or a ramp. ``unlisted``: the grid holds values that no class lists."""

    title: _Words
    unit: _Words | None = None
    opacity: float = Field(default=0.75, gt=0, le=1)
    classes: tuple[_Class, ...] = Field(default=(), alias="class", max_length=64)
    stops: tuple[_Stop, ...] = Field(default=(), alias="stop", max_length=64)
    unlisted: bool = False

    @model_validator(mode="after")
    def _is_one_table(self) -> ColourTable:
        if bool(self.classes) == bool(self.stops):
            raise ValueError("give either [[class]] or [[stop]]")
        values = [each.value for each in self.stops]
        if values and (len(values) < 2 or any(one >= other for one, other in pairwise(values))):
            raise ValueError("a ramp has two stops or more, each value above the one before")
        exact = [each.value for each in self.classes if each.value is not None]
        if len(set(exact)) != len(exact):
            raise ValueError("two classes have the same value")
        spans = sorted(_span(each) for each in self.classes if each.value is None)
        if any(one[1] > other[0] for one, other in pairwise(spans)):
            raise ValueError("two classes overlap")
        return self

    @property
    def is_categorical(self) -> bool:
        """Whether values are codes, which must never be averaged."""
        return any(each.value is not None for each in self.classes)

    @property
    def is_smooth(self) -> bool:
        """Whether colours blend."""
        return bool(self.stops)

    def listed(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Which values a class lists; a ramp lists all."""
        return np.ones(values.shape, bool) if self.stops else self._class_of(values) >= 0

    def class_of(self, value: float) -> Text | None:
        """What a value means: its class, or that it is in none; None for a ramp."""
        if self.stops:
            return None
        place = int(self._class_of(np.array([value]))[0])
        return self.classes[place].title.text() if place >= 0 else _UNLISTED

    def colour(self, values: npt.NDArray[np.float64]) -> Rgba:
        """Values (NaN: none) as RGBA, ``(…, 4)``; what is not known is transparent."""
        found = np.zeros((*values.shape, 4), np.uint8)
        known = np.isfinite(values)
        if self.stops:
            at = [each.value for each in self.stops]
            channels = np.array([_channels(each.color) for each in self.stops], np.float64)
            for channel in range(3):
                found[..., channel] = np.rint(np.interp(np.where(known, values, at[0]), at, channels[:, channel]))
        else:
            palette = np.array(
                [_channels(each.color) for each in self.classes] + [_channels(UNLISTED_COLOUR)], np.uint8
            )
            found[..., :3] = palette[self._class_of(values)]
        found[..., 3] = round(255 * self.opacity)
        found[~known] = 0
        return found

    def _class_of(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """The place of each value's class, -1 for none."""
        found = np.full(values.shape, -1, np.int64)
        with np.errstate(invalid="ignore"):
            for place, each in enumerate(self.classes):
                low, high = _span(each)
                found[(values == low) if each.value is not None else ((values >= low) & (values < high))] = place
        return found

    def rows(self, *, has_gaps: bool) -> tuple[ColourRow, ...]:
        """The legend: every class or stop in the order declared, then what is not in it, then what is not known."""
        unit = self.unit.text() if self.unit else Text("", "")

        def valued(value: float) -> Text:
            return Text(f"{value:,g} {unit.zh}".strip(), f"{value:,g} {unit.en}".strip())

        rows = [ColourRow(each.color.upper(), each.title.text()) for each in self.classes]
        rows += [ColourRow(each.color.upper(), valued(each.value)) for each in reversed(self.stops)]
        rows += [ColourRow(UNLISTED_COLOUR, _UNLISTED)] if self.unlisted else []
        return (*rows, *([ColourRow(None, _NO_DATA)] if has_gaps else []))

    def heading(self) -> Text:
        """The title with its unit."""
        unit = self.unit if self.classes else None
        return Text(
            self.title.zh + (f"({unit.zh})" if unit and unit.zh else ""),
            self.title.en + (f" ({unit.en})" if unit and unit.en else ""),
        )

    def text(self) -> str:
        """As it is stored: JSON, the same for the same table."""
        return json.dumps(self.model_dump(by_alias=True, exclude_none=True), ensure_ascii=False, sort_keys=True)

    def knowing(self, *, unlisted: bool) -> ColourTable:
        """The same table, knowing whether the grid holds values that it does not list."""
        return self.model_copy(update={"unlisted": unlisted})


def _span(each: _Class) -> tuple[float, float]:
    if each.value is not None:
        return each.value, each.value
    return (-inf if each.from_ is None else each.from_), (inf if each.below is None else each.below)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def sidecar_of(raster: Path) -> Path | None:
    """``NAME.colours.toml`` beside ``NAME.tif``, when it is there."""
    path = raster.with_name(raster.stem + _SIDECAR)
    return path if path.is_file() else None


def read_colours(path: Path) -> ColourTable:
    """The colour table in a TOML file.

    Raises:
        ColourTableError: no such file, not TOML, or a table that contradicts itself; says where.
    """
    try:
        return ColourTable.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        said = "; ".join(_problems(error)) if isinstance(error, ValidationError) else str(error)
        raise ColourTableError(
            Text(f"色表 {path.name} 有误:{said}", f"the colour table {path.name} is wrong: {said}"), field="colours"
        ) from error


def _problems(error: ValidationError) -> Iterable[str]:
    return (f"{'.'.join(map(str, each['loc'])) or 'table'}: {each['msg']}" for each in error.errors())
