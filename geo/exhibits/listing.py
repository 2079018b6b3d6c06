"""Lists of features: the numbered table that a map stands beside, and what it says when it is cut."""

from __future__ import annotations

from collections.abc import Sequence

from geo.exhibits.content import Cell, Column, Row, Table
from geo.exhibits.draft import grade_cell
from geo.exhibits.features import size_text
from geo.exhibits.kind import Order
from geo.exhibits.marks import Item
from geo.exhibits.region import Region, level_title
from geo.exhibits.wording import printable
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["kind_text", "list_table", "numbered_of"]

_ALL_NUMBERED = 150
_ALL_UNGRADED_NUMBERED = 200
_WORST_NUMBERED = 60


def kind_text(item: Item, order: Order) -> str:
    """The kind of a feature: the words of the value that chose its glyph (滑坡), else its layer's title."""
    layer = item.symbology.layer
    symbol = layer.symbol
    value = item.properties.get(symbol.glyph_field) if symbol.glyph_field else None
    if value is not None and str(value) in symbol.glyphs:
        field = next(each for each in layer.fields if each.name == symbol.glyph_field)
        choices = field.choices.values if field.choices is not None else ()
        for choice in choices:
            if choice.code == value:
                return choice.title.get(order.lang)
    return layer.title.get(order.lang)


def numbered_of(items: Sequence[Item]) -> int:
    """How many of a map's items carry a number: all of a few, of many the 重大 and 较大 ones."""
    graded = any(item.grade is not None for item in items)
    if len(items) <= (_ALL_NUMBERED if graded else _ALL_UNGRADED_NUMBERED):
        return len(items)
    return min(_WORST_NUMBERED, sum(item.grade in (RiskGrade.RED, RiskGrade.ORANGE) for item in items))


def list_table(
    order: Order, items: Sequence[Item], signs: dict[str, str], *, what: Text, total: int, region: Region | None = None
) -> Table:
    """Number, name, kind, grade, division, size and who is responsible; personal data as the reader's scope has it."""
    lang = order.lang
    graded = any(item.grade is not None or item.symbology.layer.graded for item in items)
    divided = region is not None and bool(region.parts)
    persons = any(_person(item) for item in items)
    columns = [
        Column("number", Text("号", "No.").get(lang), "integer", 7),
        Column("name", Text("名称", "Name").get(lang), "text", 36),
        Column("kind", Text("类别", "Kind").get(lang), "text", 20),
        *([Column("grade", Text("等级", "Grade").get(lang), "sign", 15)] if graded else []),
        *([Column("division", level_title(region.by if region else None, lang), "text", 20)] if divided else []),
        Column("size", Text("规模或能力", "Size or capacity").get(lang), "text", 30),
        *([Column("responsible", Text("责任人", "Responsible").get(lang), "text", 22)] if persons else []),
    ]
    rows = []
    for at, item in enumerate(items, start=1):
        part = region.part_of(str(item.properties.get("division_code") or "")) if divided and region else None
        cells: list[Cell] = [at, item.name, kind_text(item, order)]
        cells += [grade_cell(item, lang, signs)] if graded else []
        cells += [printable(part.name, 14) if part else None] if divided else []
        cells.append(size_text(item, lang))
        cells += [_person(item) or None] if persons else []
        rows.append(Row(tuple(cells), keys=frozenset({item.mark.icon})))
    cut = Text(
        f"共 {total} 处，本表列出等级最高的 {len(items)} 处；其余 {total - len(items)} 处未列。",
        f"The worst {len(items)} of {total} are listed; {total - len(items)} are not.",
    )
    return Table(
        "list",
        what.get(lang) + _how_numbered(items).get(lang),
        tuple(columns),
        tuple(rows),
        of=total,
        note=cut.get(lang) if total > len(items) else "",
    )


def _how_numbered(items: Sequence[Item]) -> Text:
    """What the numbers of the list have to do with those on the map."""
    numbered = sum(item.number is not None for item in items)
    if not numbered:
        return Text("", "")
    if numbered == len(items):
        return Text("（编号与图上一致）", " (numbers as on the map)")
    return Text(f"（1–{numbered} 号见图）", f" (1–{numbered} are numbered on the map)")


def _person(item: Item) -> str:
    parts = (item.properties.get("responsible_person"), item.properties.get("responsible_phone"))
    return " ".join(printable(each, 24) for each in parts if each)
