"""Units as sources write them, in a header or behind a number, and their factor to the stored unit."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from geo.ingest.headers import Header
from layers.field import AREA_M2, HEIGHT_M, LENGTH_M, MONEY_CNY, VOLUME_M3, Field

__all__ = ["FieldUnits", "fold_unit", "is_unit"]

_ALL_UNITS = (LENGTH_M, HEIGHT_M, AREA_M2, VOLUME_M3, MONEY_CNY)
_COUNTERS = ("人", "口", "名", "户", "戶", "架", "个", "座", "间", "people", "households", "persons")
_SAME_COUNT = (frozenset(("人", "口", "名")), frozenset(("户", "戶", "家")))
_FOREIGN = (
    "尺",
    "丈",
    "里",
    "顷",
    "升",
    "l",
    "加仑",
    "吨",
    "t",
    "kg",
    "千克",
    "acre",
    "yd",
    "mi",
    "nm",
    "in",
    "usd",
    "美元",
)


def fold_unit(text: str) -> str:
    """``ｍ³``, ``m^3`` and ``M3`` are one unit: ``m3``."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("^", "").replace(" ", "")
    return folded.replace("平方公尺", "平方米").replace("立方公尺", "立方米").replace("公尺", "米")


@lru_cache(maxsize=1)
def _known_anywhere() -> frozenset[str]:
    return frozenset(fold_unit(unit) for units in _ALL_UNITS for unit in units) | {fold_unit(unit) for unit in _FOREIGN}


class FieldUnits:
    """The units of one field, in every spelling, with their factors to the stored unit."""

    def __init__(self, target: Field) -> None:
        self._target = target
        self._factors = {fold_unit(unit): factor for unit, factor in target.units.items()}
        if target.unit is not None:
            for own in (target.unit.zh, target.unit.en):
                self._factors.setdefault(fold_unit(own), 1.0)
            if not target.units:
                self._factors.update(dict.fromkeys((fold_unit(word) for word in _COUNTERS), 1.0))

    @property
    def own(self) -> frozenset[str]:
        """The units that are this field's before another's: of 12户45人 a field of people takes the 45."""
        if self._target.unit is None:
            return frozenset()
        words = {fold_unit(self._target.unit.zh), fold_unit(self._target.unit.en)}
        same = next((group for group in _SAME_COUNT if group & words), frozenset[str]())
        return frozenset(words) | same | frozenset(self._target.units)

    def factor(self, unit: str) -> float | None:
        """The factor from ``unit`` to the stored unit; None when the field does not know the unit."""
        return self._factors.get(fold_unit(unit))

    def of_column(self, header: Header) -> tuple[str | None, float | None]:
        """The unit of a column's bare numbers, and its factor.

        Of the words in brackets and behind the last underscore the first that is a unit counts: one of the field's,
        or one that is known elsewhere and so cannot be read here (factor None). A remark that is no unit (监测手段)
        is passed over. Without any, the field's assumed unit counts.
        """
        if self._target.unit is None:
            return None, 1.0
        words = (*header.remarks, header.suffix) if header.suffix else header.remarks
        for word in words:
            factor = self.factor(word)
            if factor is not None:
                return word, factor
            if fold_unit(word) in _known_anywhere():
                return word, None
        if self._target.assumed_unit is not None:
            return self._target.assumed_unit, self._target.units[self._target.assumed_unit]
        return None, 1.0


_BARE_UNITS = frozenset(("度", "°", "度分秒", "处", "辆", "台", "套", "年", "年月日", "级", "个", "架", "%", "℃"))


def is_unit(text: str) -> bool:
    """Whether a word is a unit and nothing else: what stands in the unit row under a header."""
    folded = fold_unit(text.removeprefix("单位:").removeprefix("单位："))
    return folded in _known_anywhere() or folded in _COUNTERS or folded in _BARE_UNITS
