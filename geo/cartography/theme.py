"""Themes: the colours of a map as a file that a bureau can edit, checked for contrast when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.errors import InputError
from layers.severity import RiskGrade
from layers.text import Text

__all__ = [
    "Boundary",
    "GradeKey",
    "Paint",
    "Surface",
    "Theme",
    "ThemeError",
    "Themes",
    "Water",
    "contrast",
    "grade_key",
]

BUILT_IN = Path(__file__).parent / "themes"

GradeKey = Literal["red", "orange", "yellow", "blue", "none"]
"""A grade as themes, tiles and addresses write it; ``none`` is 未分级."""

Colour = Annotated[str, Field(pattern=r"^#[0-9A-F]{6}$")]

_LEAST_GLYPH_CONTRAST = 3.5
_LEAST_EDGE_CONTRAST = 3.0
_LEAST_TEXT_CONTRAST = 4.5


class ThemeError(InputError):
    """A theme that does not exist, cannot be read, or whose colours could not be told apart."""

    code = "theme"


def grade_key(grade: RiskGrade | None) -> GradeKey:
    """The grade's word in themes, tiles and addresses."""
    return grade.value if grade else "none"


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two ``#RRGGBB`` colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Surface(_Strict):
    """What is not a grade: ground, text and lines."""

    land: Colour
    outside: Colour
    panel: Colour
    line: Colour
    ink: Colour
    ink_2: Colour
    label: Colour
    halo: Colour
    notice: Colour
    question: Colour
    """The ring and the point of a query."""


class Paint(_Strict):
    """The colours of a symbol: its shape, the glyph on it, its edge, and the same meaning as text."""

    fill: Colour
    ink: Colour
    edge: Colour
    text: Colour


class Boundary(_Strict):
    """Administrative boundaries and names."""

    color: Colour
    casing: Colour
    label: Colour


class Water(_Strict):
    """Rivers and their names."""

    color: Colour
    label: Colour


class _Titles(_Strict):
    zh: str
    en: str


class Theme(_Strict):
    """One theme. ``grades`` has every grade and ``none``; the other paints are the families' own."""

    name: str
    title: _Titles
    surface: Surface
    resource: Paint
    protected: Paint
    monitoring: Paint
    grades: dict[GradeKey, Paint]
    boundary: Boundary
    water: Water | None = None
    """A theme without it draws rivers as it draws boundaries."""

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Theme:
        wanted = {*(grade.value for grade in RiskGrade), "none"}
        if set(self.grades) != wanted:
            raise ValueError(f"[grades] needs exactly {', '.join(sorted(wanted))}")
        for place, one, other, least in self._pairs():
            if contrast(one, other) < least:
                raise ValueError(f"{place}: {one} on {other} has contrast {contrast(one, other):.1f}, needs {least}")
        return self

    def _pairs(self) -> Iterator[tuple[str, str, str, float]]:
        """Colours that must be told apart: where, which two, and the least contrast."""
        families = [("resource", self.resource), ("protected", self.protected), ("monitoring", self.monitoring)]
        for name, paint in [*self.grades.items(), *families]:
            yield f"[{name}] ink on fill", paint.ink, paint.fill, _LEAST_GLYPH_CONTRAST
            yield f"[{name}] text on panel", paint.text, self.surface.panel, _LEAST_TEXT_CONTRAST
            # A shape is seen by its fill or by its edge, whichever stands off the ground.
            seen = max((paint.fill, paint.edge, paint.ink), key=lambda colour: contrast(colour, self.surface.land))
            yield f"[{name}] on land", seen, self.surface.land, _LEAST_EDGE_CONTRAST
        yield "[surface] label", self.surface.label, self.surface.land, _LEAST_TEXT_CONTRAST
        if self.water is not None:
            yield "[water] label", self.water.label, self.surface.land, _LEAST_TEXT_CONTRAST
        yield "[surface] ink", self.surface.ink, self.surface.panel, _LEAST_TEXT_CONTRAST

    @property
    def rivers(self) -> Water:
        """The colours of rivers and their names."""
        return self.water or Water(color=self.boundary.color, label=self.boundary.label)

    @property
    def water_paint(self) -> Paint:
        """The same as the paint of a mark, for a legend."""
        rivers = self.rivers
        return Paint(fill=rivers.color, ink=rivers.color, edge=self.surface.halo, text=rivers.label)

    def grade(self, grade: RiskGrade | None) -> Paint:
        """The paint of a grade; None is 未分级."""
        return self.grades[grade_key(grade)]


def read_theme(path: Path) -> Theme:
    """The theme in a TOML file; its name is the file's.

    Raises:
        ThemeError: not TOML, a colour missing, or two colours that cannot be told apart.
    """
    try:
        return Theme.model_validate({"name": path.stem, **tomllib.loads(path.read_text("utf-8"))})
    except (tomllib.TOMLDecodeError, ValidationError, UnicodeDecodeError) as error:
        problems = (
            "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            if isinstance(error, ValidationError)
            else str(error)
        )
        raise ThemeError(
            Text(f"主题文件 {path.name} 有误:{problems}", f"theme file {path.name} is wrong: {problems}"), field="theme"
        ) from error


class Themes:
    """The built-in themes, and a bureau's own from a folder: a file there replaces a built-in of the same name."""

    def __init__(self, own: Path | None = None) -> None:
        folders = [BUILT_IN, *([own] if own else [])]
        files = {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}
        self._themes = {name: read_theme(path) for name, path in files.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The themes there are."""
        return tuple(self._themes)

    def get(self, name: str) -> Theme:
        """The theme called ``name``.

        Raises:
            ThemeError: there is none.
        """
        if name not in self._themes:
            known = ", ".join(self._themes)
            raise ThemeError(
                Text(f"没有主题 {name[:40]!r};可用 {known}", f"there is no theme {name[:40]!r}; use {known}"),
                field="theme",
            )
        return self._themes[name]
