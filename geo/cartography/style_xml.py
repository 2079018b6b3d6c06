"""Style XML: the few elements of which every Mapnik style is made."""

from __future__ import annotations

from xml.etree import ElementTree

__all__ = ["LOCL_OFF", "element", "new_rule", "new_style"]

LOCL_OFF = "locl=0"
"""The font's ``locl`` feature swaps digits beside Chinese for glyphs without a character: PDF text would be lost."""


def element(
    parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: object
) -> ElementTree.Element:
    """A child whose attribute names are written with ``_`` for ``-``."""
    named = {name.replace("_", "-"): str(value) for name, value in attributes.items()}
    child = ElementTree.SubElement(parent, tag, named)
    child.text = text
    return child


def new_style(root: ElementTree.Element, name: str) -> ElementTree.Element:
    """A style of this name."""
    return ElementTree.SubElement(root, "Style", name=name)


def new_rule(style: ElementTree.Element, condition: str | None = None) -> ElementTree.Element:
    """A rule for the features of which ``condition`` holds, or for all."""
    rule = ElementTree.SubElement(style, "Rule")
    if condition:
        element(rule, "Filter", condition)
    return rule
