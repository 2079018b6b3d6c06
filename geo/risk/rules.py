"""Rule sets: how the risk index of a place is made, as files that a bureau can edit and that are checked whole."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from geo.errors import InputError
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = [
    "DEFAULT_RULES",
    "BadRules",
    "Escalation",
    "Factor",
    "GradeFloors",
    "RuleSet",
    "Titles",
    "Weights",
    "check_layers",
    "choose_rules",
    "default_rules",
    "read_rules",
    "read_rulesets",
]

DEFAULT_RULES = "default"
"""The name of the rule set that holds when a question names none."""


class BadRules(InputError):
    """A rule set that cannot be used."""

    code = "bad-rules"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Titles(_Strict):
    """A title in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def get(self, lang: Lang) -> str:
        """The title in ``lang``."""
        return self.zh if lang == "zh" else self.en


Points = Annotated[float, Field(ge=0, le=100)]


class Weights(_Strict):
    """Points of one feature at the place itself, by its grade; a worse grade never gives less."""

    red: Points
    orange: Points
    yellow: Points
    blue: Points

    @model_validator(mode="after")
    def _worse_gives_more(self) -> Self:
        if not self.red >= self.orange >= self.yellow >= self.blue:
            raise ValueError("weights must not rise from red to blue")
        return self


class Factor(_Strict):
    """One part of the index: features of some layers, or the people around."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Titles
    kind: Literal["features", "people"] = "features"
    maximum: Points = Field(gt=0)
    reach_m: float = Field(gt=0, le=200_000)
    layers: tuple[str, ...] = ()
    weights: Weights | None = None
    full_at_people: int | None = Field(default=None, gt=0)
    """People within reach that give the whole of ``maximum``; fewer give their share."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "features" and not (self.layers and self.weights):
            raise ValueError(f"factor {self.id} needs layers and weights")
        if self.kind == "people" and (self.full_at_people is None or self.layers or self.weights):
            raise ValueError(f"factor {self.id} of people needs full_at_people, and no layers or weights")
        return self


class GradeFloors(_Strict):
    """The index from which a grade begins."""

    red: Points
    orange: Points
    yellow: Points

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.red > self.orange > self.yellow > 0:
            raise ValueError("grades must fall from red to yellow and stay above 0")
        return self


class Escalation(_Strict):
    """A feature of grade ``feature`` within ``within_m`` makes the place at least ``grade``."""

    feature: RiskGrade
    within_m: float = Field(gt=0, le=200_000)
    grade: RiskGrade


class RuleSet(_Strict):
    """A declared, versioned way to the index."""

    version: str = Field(min_length=1, max_length=40)
    title: Titles
    grades: GradeFloors
    escalation: tuple[Escalation, ...] = ()
    factor: tuple[Factor, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(each.maximum for each in self.factor)
        if abs(total - 100) > 1e-9:
            raise ValueError(f"the maxima of the factors add up to {total:g}, not 100")
        if len({each.id for each in self.factor}) != len(self.factor):
            raise ValueError("two factors have the same id")
        return self

    def grade_of(self, index: float) -> RiskGrade:
        """The grade that begins at or below ``index``."""
        floors = ((self.grades.red, RiskGrade.RED), (self.grades.orange, RiskGrade.ORANGE))
        lowest = RiskGrade.YELLOW if index >= self.grades.yellow else RiskGrade.BLUE
        return next((grade for floor, grade in floors if index >= floor), lowest)

    @property
    def reach_m(self) -> float:
        """How far any factor looks."""
        return max(each.reach_m for each in self.factor)


def _parse(text: str, name: str) -> RuleSet:
    try:
        return RuleSet.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        if isinstance(error, ValidationError):
            said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        else:
            said = str(error)
        raise BadRules(
            Text(f"规则文件 {name} 不能使用:{said}", f"the rule set {name} cannot be used: {said}"), field="rules"
        ) from error


def default_rules() -> RuleSet:
    """The rule set that the product ships."""
    return _parse(files("geo.risk").joinpath("rulesets/default.toml").read_text(encoding="utf-8"), "default.toml")


def read_rules(path: Path) -> RuleSet:
    """A bureau's own rule set.

    Raises:
        BadRules: the file is absent or wrong; the message names each place and reason.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRules(
            Text(f"读不到规则文件 {path.name}:{error}", f"the rule set {path.name} cannot be read: {error}"),
            field="rules",
        ) from error
    return _parse(text, path.name)


def read_rulesets(directory: Path) -> dict[str, RuleSet]:
    """All rule sets of a directory by name: ``{name}.toml``, in the order of their names.

    Raises:
        BadRules: there is no such directory, or a file in it is wrong.
    """
    if not directory.is_dir():
        raise BadRules(
            Text(f"没有规则目录 {directory.name}", f"there is no directory of rule sets {directory.name}"),
            field="rules",
        )
    return {path.stem: read_rules(path) for path in sorted(directory.glob("*.toml"))}


def check_layers(rules: RuleSet, known: Container[str], name: str) -> None:
    """Every layer that the rules weigh must be one of ``known``: a misspelt one would silently weigh nothing.

    Raises:
        BadRules: the message names the factors and layers.
    """
    wrong = [f"{factor.id}: {layer}" for factor in rules.factor for layer in factor.layers if layer not in known]
    if wrong:
        listed = ", ".join(wrong)
        raise BadRules(
            Text(f"规则 {name} 用到没有的图层:{listed}", f"rule set {name} weighs layers that do not exist: {listed}"),
            field="rules",
        )


def choose_rules(rulesets: Mapping[str, RuleSet], name: str | None) -> RuleSet:
    """The rule set of this name; the default one for None.

    Raises:
        InputError: there is none; the message lists those that are.
    """
    found = rulesets.get(DEFAULT_RULES if name is None else name)
    if found is None:
        listed = ", ".join(rulesets)
        raise InputError(
            Text(f"没有规则 {name!r};可用:{listed}", f"there is no rule set {name!r}; known: {listed}"), field="rules"
        )
    return found
