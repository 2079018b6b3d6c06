"""Field: one typed column of a layer, with its titles, its unit, and the headers and units that sources write."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Boolean, Column, Date, Double
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import ARRAY

from layers.severity import Choice, Choices, Level
from layers.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AREA_M2", "HEIGHT_M", "LENGTH_M", "MONEY_CNY", "VOLUME_M3", "Field", "FieldKind", "Units"]

Units = MappingProxyType[str, float]

LENGTH_M: Units = MappingProxyType({"m": 1.0, "米": 1.0, "km": 1e3, "公里": 1e3, "千米": 1e3})
HEIGHT_M: Units = MappingProxyType({"m": 1.0, "米": 1.0, "ft": 0.3048, "英尺": 0.3048})
AREA_M2: Units = MappingProxyType(
    {"m2": 1.0, "㎡": 1.0, "平方米": 1.0, "亩": 10_000 / 15, "ha": 1e4, "公顷": 1e4, "km2": 1e6, "平方公里": 1e6}
)
VOLUME_M3: Units = MappingProxyType(
    {
        "m3": 1.0,
        "㎥": 1.0,
        "立方米": 1.0,
        "方": 1.0,
        "万m3": 1e4,
        "万立方米": 1e4,
        "万方": 1e4,
        "亿m3": 1e8,
        "亿立方米": 1e8,
    }
)
MONEY_CNY: Units = MappingProxyType({"元": 1.0, "万元": 1e4, "亿元": 1e8})


class FieldKind(StrEnum):
    """How a value is read, stored and shown."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"


_SQL_TYPES: Mapping[FieldKind, type[SqlText | BigInteger | Double[float] | Date | Boolean]] = {
    FieldKind.TEXT: SqlText,
    FieldKind.CODE: SqlText,
    FieldKind.INTEGER: BigInteger,
    FieldKind.NUMBER: Double,
    FieldKind.DATE: Date,
    FieldKind.BOOLEAN: Boolean,
    FieldKind.CHOICE: SqlText,
}


@dataclass(frozen=True)
class Field:
    """One column of a layer.

    ``name`` carries the stored unit (``storage_m3``). ``units`` maps each unit that a source may write, in a header or
    a cell, to its factor to the stored one; ``assumed_unit`` is what a bare number means by custom (威胁财产 is in
    万元), or None when a bare number is in the stored unit. ``aliases`` are headers of sources, as they are written.
    ``minimum``/``maximum`` are the physically possible bounds in the stored unit; outside them a value is not kept.
    A ``sensitive`` column is masked unless the reader's scope says otherwise.
    """

    name: str
    title: Text
    kind: FieldKind = FieldKind.TEXT
    aliases: tuple[str, ...] = ()
    unit: Text | None = None
    units: Units = field(default_factory=lambda: MappingProxyType({}))
    assumed_unit: str | None = None
    choices: Choices[Choice] | Choices[Level] | None = None
    minimum: float | None = None
    maximum: float | None = None
    sensitive: bool = False

    def __post_init__(self) -> None:
        if (self.kind in (FieldKind.CHOICE, FieldKind.CHOICES)) != (self.choices is not None):
            raise ValueError(f"field {self.name}: a choice field declares its choices, and only a choice field does")
        if self.assumed_unit is not None and self.assumed_unit not in self.units:
            raise ValueError(f"field {self.name}: the assumed unit {self.assumed_unit!r} is not one of its units")

    def column(self) -> Column[object]:
        """The nullable SQL column: unknown is NULL, never 0."""
        if self.kind is FieldKind.CHOICES:
            return Column(self.name, ARRAY(SqlText))
        return Column(self.name, _SQL_TYPES[self.kind]())
