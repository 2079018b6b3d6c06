"""Wording of printed pages: numbers, distances, directions and punctuation as a bureau prints them."""

from __future__ import annotations

import re
import unicodedata

from layers.text import Lang, Text

__all__ = ["compass", "count_text", "full_width", "kilometres", "minutes", "printable", "scale_text"]

_COMPASS = (
    Text("北", "N"),
    Text("东北", "NE"),
    Text("东", "E"),
    Text("东南", "SE"),
    Text("南", "S"),
    Text("西南", "SW"),
    Text("西", "W"),
    Text("西北", "NW"),
)
_HALVES = {",": "\uff0c", ";": "\uff1b", ":": "\uff1a", "(": "\uff08", ")": "\uff09"}


def count_text(number: float) -> str:
    """A whole number with (unbreakable) spaces in the thousands."""
    return f"{number:,.0f}".replace(",", "\u00a0")


def kilometres(metres: float) -> str:
    """Two decimals, the unit in the table's head."""
    return f"{metres / 1000:.2f}"


def compass(bearing_deg: object, lang: Lang) -> str:
    """One of eight directions; a dash where there is none (inside the feature)."""
    if not isinstance(bearing_deg, int | float):
        return "—"
    return _COMPASS[round(bearing_deg / 45) % 8].get(lang)


def scale_text(denominator: float) -> str:
    """``1:80 000``."""
    return f"1:{count_text(denominator)}"


def minutes(angle_deg: float) -> str:
    """``+0°27′``: a small angle with its sign."""
    whole = round(abs(angle_deg) * 60)
    sign = "" if whole == 0 else "+" if angle_deg > 0 else "−"
    return f"{sign}{whole // 60}°{whole % 60:02d}′"


def full_width(text: str) -> str:
    """Our own Chinese sentences with full-width punctuation; that inside numbers stays."""
    return re.sub(r"(?<!\d)[,:]|[,:](?!\d)|[;()]", lambda found: _HALVES[found[0]], text)


def printable(value: object, most: int = 200) -> str:
    """A user's text without control and direction characters, white space folded, cut at ``most`` with an ellipsis."""
    text = " ".join(str(value if value is not None else "").split())
    kept = "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"
