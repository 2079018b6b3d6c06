"""Wording of printed pages: numbers, distances, directions and punctuation as a bureau prints them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from layers.text import Lang, Text

if TYPE_CHECKING:
    from geo.exhibits.content import Cell, Column

__all__ = [
    "compass",
    "count_text",
    "figure_text",
    "number_list",
    "full_width",
    "kilometres",
    "minutes",
    "printable",
    "scale_text",
]

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


def number_list(numbers: Iterable[int]) -> str:
    """``3–5、9``: numbers in order, neighbours as a range."""
    ordered = sorted(numbers)
    runs: list[list[int]] = []
    for number in ordered:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else "、".join(str(each) for each in run) for run in runs)


def figure_text(value: float, digits: int = 0) -> str:
    """A number with unbreakable spaces in the thousands and ``digits`` after the point."""
    return f"{value:,.{digits}f}".replace(",", "\u00a0")


def cell_text(column: Column, cell: Cell) -> str:
    """A cell of a table as it is printed in every format: unknown is empty, a grey zero stays a zero."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return cell
    if not isinstance(cell, int | float):
        return cell.text
    if column.kind == "number":
        return figure_text(cell, column.digits)
    return figure_text(cell)
