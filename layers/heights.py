"""Heights of water and of works above a datum, and which datum that is: the same columns wherever they are told."""

from __future__ import annotations

from layers.field import HEIGHT_M, Field, FieldKind
from layers.severity import Choice, Choices
from layers.text import Text

__all__ = ["VERTICAL_DATUM", "VERTICAL_DATUMS", "level"]

VERTICAL_DATUMS = Choices[Choice](
    "vertical_datum",
    Text("高程基准", "height datum"),
    (
        Choice("yellow_sea_1985", Text("1985国家高程基准", "Yellow Sea 1985"), ("85高程", "国家85", "1985", "黄海85")),
        Choice("yellow_sea_1956", Text("1956黄海高程系", "Yellow Sea 1956"), ("56高程", "黄海高程", "黄海56")),
        Choice("wusong", Text("吴淞高程系", "Wusong"), ("吴淞", "吴淞高程", "冻结吴淞")),
    ),
)
"""Levels are compared only within one datum: 吴淞 differs from place to place and is never converted."""

VERTICAL_DATUM = Field(
    "vertical_datum",
    Text("高程基准", "height datum"),
    FieldKind.CHOICE,
    aliases=("高程基准", "高程系统"),
    choices=VERTICAL_DATUMS,
)


def level(name: str, zh: str, en: str, *aliases: str) -> Field:
    """A column of metres above the feature's vertical datum; ``aliases`` are headers of sources beside ``zh``."""
    return Field(
        name,
        Text(zh, en),
        FieldKind.NUMBER,
        aliases=(zh, *aliases),
        unit=Text("m", "m"),
        units=HEIGHT_M,
        minimum=-200,
        maximum=7000,
    )
