"""Key-value parameters as OGC services read them: names in any case, values checked one by one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from geo.cartography.ogc_errors import OgcError
from layers.text import Text

__all__ = ["Kvp", "wrong"]

_SHOWN = 60


class Kvp:
    """The parameters of a request. The first of a repeated name counts; an empty value is as good as none."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            self._values.setdefault(name.upper(), value)

    def pairs(self) -> list[tuple[str, str]]:
        """Names in capitals and their values."""
        return list(self._values.items())

    def text(self, name: str) -> str | None:
        """The value, or None when absent or empty."""
        return self._values.get(name) or None

    def need(self, name: str) -> str:
        """The value.

        Raises:
            OgcError: ``MissingParameterValue``.
        """
        value = self.text(name)
        if value is None:
            raise OgcError("MissingParameterValue", Text(f"缺少参数 {name}", f"the parameter {name} is missing"), name)
        return value

    def names(self, name: str) -> list[str]:
        """A comma-separated list, empty items kept: ``STYLES=,`` is two defaults. Empty when absent."""
        value = self._values.get(name)
        return [] if not value else [item.strip() for item in value.split(",")]

    def integer(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within bounds, ``default`` when absent.

        Raises:
            OgcError: missing without a default, not whole, or out of bounds.
        """
        value = self.text(name) if default is not None else self.need(name)
        if value is None:
            assert default is not None
            return default
        if not re.fullmatch(r"[+-]?\d{1,9}", value, re.ASCII) or not least <= int(value) <= most:
            raise wrong(name, value, Text(f"{least} 到 {most} 的整数", f"a whole number from {least} to {most}"))
        return int(value)

    def number(self, name: str, least: float, most: float) -> float | None:
        """A number within bounds, or None when absent.

        Raises:
            OgcError: no number, or out of bounds.
        """
        value = self.text(name)
        if value is None:
            return None
        found = _number(value)
        if found is None or not least <= found <= most:
            raise wrong(name, value, Text(f"{least:g} 到 {most:g} 的数", f"a number from {least:g} to {most:g}"))
        return found

    def boolean(self, name: str) -> bool:
        """``TRUE`` or ``FALSE``, false when absent.

        Raises:
            OgcError: any other word.
        """
        value = self.text(name)
        if value is None or value.upper() == "FALSE":
            return False
        if value.upper() != "TRUE":
            raise wrong(name, value, Text("TRUE 或 FALSE", "TRUE or FALSE"))
        return True

    def colour(self, name: str, default: str) -> str:
        """``0xRRGGBB`` (or ``#RRGGBB``) as ``#RRGGBB``.

        Raises:
            OgcError: not of that form.
        """
        value = self.text(name)
        if value is None:
            return default
        found = re.fullmatch(r"(?:0[xX]|#)([0-9A-Fa-f]{6})", value)
        if found is None:
            raise wrong(name, value, Text("0xRRGGBB 形式的颜色", "a colour written 0xRRGGBB"))
        return f"#{found[1].upper()}"

    def box(self, name: str) -> tuple[float, float, float, float]:
        """Four numbers, the first two less than the last two, axis by axis (OGC 06-042 clause 7.3.3.6).

        Raises:
            OgcError: missing, not four finite numbers, or a minimum that is not below its maximum.
        """
        value = self.need(name)
        numbers = [_number(part) for part in value.split(",")]
        if len(numbers) == 4 and all(each is not None for each in numbers):
            a, b, c, d = (each for each in numbers if each is not None)
            if a < c and b < d:
                return a, b, c, d
        raise wrong(name, value, Text("四个数,且最小值小于最大值", "four numbers, each minimum below its maximum"))


def wrong(name: str, value: str, wanted: Text) -> OgcError:
    """``InvalidParameterValue``: which value was wrong and what would be right."""
    return OgcError(
        "InvalidParameterValue",
        Text(f"{name}={value[:_SHOWN]!r} 应为{wanted.zh}", f"{name}={value[:_SHOWN]!r} should be {wanted.en}"),
        name,
    )


def _number(word: str) -> float | None:
    try:
        found = float(word)
    except ValueError:
        return None
    return found if math.isfinite(found) and "_" not in word else None
