"""The legend of an exhibit: exactly the classes that are drawn, with the drawings of the map at the size of the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from geo.cartography.drawing import draw_mark
from geo.cartography.symbology import GRADES_WORST_FIRST, Mark, Shape
from geo.cartography.theme import Theme
from geo.exhibits.content import LegendEntry, LegendGroup
from geo.exhibits.design import BORDERS, Stroke
from geo.exhibits.marks import Item
from geo.exhibits.waters import Water, legend_of_waters
from layers.layer import Family
from layers.text import Lang, Text

__all__ = ["legend_of_ground", "legend_of_items", "line_entry"]

_GRADES = Text("风险等级：形状与颜色", "Risk grade: shape and colour")
_KINDS = Text("风险类别：符号内图形", "Kind of risk: the sign inside")
_LEVELS = (
    (("subject",), Text("图区界线", "border of the area")),
    (("province", "city", "county"), Text("县级以上界线", "county border")),
    (("township",), Text("乡镇界线", "township border")),
    (("village",), Text("村界线", "village border")),
    (("quiet",), Text("区划界线", "division border")),
)


def legend_of_items(items: Sequence[Item], theme: Theme, lang: Lang, icons: dict[str, str]) -> tuple[LegendGroup, ...]:
    """Grades worst first, kinds of risk, then protected places and resources; drawings are put into ``icons``."""
    groups = [
        LegendGroup(_GRADES.get(lang), tuple(_grades(items, theme, lang, icons))),
        LegendGroup(_KINDS.get(lang), tuple(_kinds(items, theme, lang, icons))),
    ]
    for family in (Family.PROTECTED, Family.MONITORING, Family.RESOURCE):
        groups.append(LegendGroup(family.label.get(lang), tuple(_places(items, family, lang, icons))))
    return tuple(group for group in groups if group.entries)


def _entry(name: str, mark: Mark, text: str, size_mm: float, icons: dict[str, str]) -> LegendEntry:
    icons[name] = draw_mark(mark).text
    return LegendEntry(name, "sign", text, name, size_mm)


def _grades(items: Sequence[Item], theme: Theme, lang: Lang, icons: dict[str, str]) -> Iterable[LegendEntry]:
    present = {
        (item.grade, item.mark.shape) for item in items if item.grade is not None or item.mark.shape is Shape.RING
    }
    for grade in GRADES_WORST_FIRST:
        shape = next((shape for found, shape in sorted(present, key=str) if found is grade), None)
        if shape is None:
            continue
        mark = Mark(shape, theme.grade(grade), grade)
        symbology = next(item.symbology for item in items if item.grade is grade and item.mark.shape is shape)
        code = grade.code_text.get(lang) if grade else ""
        title = symbology.grade_title(grade).get(lang)
        full = f"{title}（{code}）" if code and lang == "zh" else f"{title} ({code})" if code else title
        yield _entry(mark.icon, mark, full, 4.2, icons)


def _kinds(items: Sequence[Item], theme: Theme, lang: Lang, icons: dict[str, str]) -> Iterable[LegendEntry]:
    seen: dict[tuple[str, str], tuple[str, Mark]] = {}
    for item in items:
        layer, glyph = item.symbology.layer, item.mark.glyph
        if layer.family is Family.RISK and glyph:
            text = _value_title(item, lang) or layer.title.get(lang)
            mark = Mark(Shape.BARE, theme.monitoring, None, glyph)
            seen.setdefault((layer.name, glyph), (text, mark))
    for (_, glyph), (text, mark) in sorted(seen.items()):
        yield _entry(f"kind-{glyph}", mark, text, 3.8, icons)


def _value_title(item: Item, lang: Lang) -> str | None:
    """The words of the value that chose the glyph: 滑坡."""
    symbol = item.symbology.layer.symbol
    value = item.properties.get(symbol.glyph_field) if symbol.glyph_field else None
    if value is None or str(value) not in symbol.glyphs:
        return None
    field = next(each for each in item.symbology.layer.fields if each.name == symbol.glyph_field)
    choices = field.choices.values if field.choices is not None else ()
    return next((choice.title.get(lang) for choice in choices if choice.code == value), None)


def _places(items: Sequence[Item], family: Family, lang: Lang, icons: dict[str, str]) -> Iterable[LegendEntry]:
    seen: dict[str, Mark] = {}
    for item in items:
        if item.symbology.layer.family is family:
            seen.setdefault(item.symbology.layer.title.get(lang), item.symbology.mark(None, item.mark.glyph))
    for title, mark in seen.items():
        yield _entry(mark.icon, mark, title, 4.2, icons)


def line_entry(key: str, text: str, stroke: Stroke) -> LegendEntry:
    """A class that is drawn as a line."""
    return LegendEntry(key, "line", text, colour=stroke.colour, width_mm=stroke.width_mm, dash_mm=stroke.dash_mm)


def legend_of_ground(
    levels: Iterable[str], waters: Sequence[Water], theme: Theme, lang: Lang
) -> tuple[LegendGroup, ...]:
    """The borders and the water courses that are drawn."""
    present = set(levels)
    borders = [
        line_entry(f"border-{levels_of[-1]}", title.get(lang), BORDERS[levels_of[-1]])
        for levels_of, title in _LEVELS
        if present & set(levels_of)
    ]
    entries = (*borders, *legend_of_waters(waters, theme, lang))
    return (LegendGroup(None, entries),) if entries else ()
