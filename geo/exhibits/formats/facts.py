"""What is known of a feature, as words and figures that its layer's declaration gives them."""

from __future__ import annotations

from collections.abc import Mapping

from geo.exhibits.marks import Item
from geo.exhibits.wording import count_text, kilometres, printable
from layers.field import Field
from layers.text import Lang, Text

__all__ = ["facts_of"]


def facts_of(item: Item, lang: Lang) -> list[list[str]]:
    """Pairs of a title and a value; what is not known is left out."""
    layer, properties = item.symbology.layer, item.properties
    facts = [[Text("类别", "Kind").get(lang), layer.title.get(lang)]]
    if layer.graded:
        facts.append([Text("等级", "Grade").get(lang), item.symbology.grade_title(item.grade).get(lang)])
    distance = properties.get("distance_m")
    if isinstance(distance, int | float):
        facts.append([Text("距离", "Distance").get(lang), f"{kilometres(distance)} km"])
    for each in layer.fields:
        value = properties.get(each.name)
        if value is None or isinstance(value, Mapping | list):
            continue
        facts.append([each.title.get(lang), _value(each, value, lang)])
    return facts


def _value(field: Field, value: object, lang: Lang) -> str:
    if isinstance(value, bool):
        return (Text("是", "yes") if value else Text("否", "no")).get(lang)
    if isinstance(value, int | float):
        unit = f" {field.unit.get(lang)}" if field.unit else ""
        return f"{count_text(value) if float(value).is_integer() else f'{value:g}'}{unit}"
    choices = field.choices.values if field.choices is not None else ()
    said = next((choice.title.get(lang) for choice in choices if choice.code == value), None)
    return said or printable(value)
