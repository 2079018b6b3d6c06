"""Steady drawing: the same bytes for the same map, whatever was drawn before it in this process."""

from __future__ import annotations

import re

from geo.cartography.engine import Drawing, ImageFormat, draw
from geo.cartography.pdf import without_flicker

__all__ = ["draw_steadily", "with_steady_names"]

_NAMED = re.compile(rb'(?<=\bid=")([a-z]+)((?:-\d+)+)(?=")')
_POINTED_AT = re.compile(rb"(?<=#)([a-z]+)((?:-\d+)+)(?=[\")])")


def draw_steadily(drawing: Drawing, image_format: ImageFormat, scale: float = 1.0) -> bytes:
    """As ``draw``, without dates and other traces of the moment.

    Raises:
        RenderError: as ``draw``.
    """
    content = draw(drawing, image_format, scale)
    if image_format == "pdf":
        return without_flicker(content)
    return with_steady_names(content) if image_format == "svg" else content


def with_steady_names(svg: bytes) -> bytes:
    """An SVG of Cairo's whose names count from the first in the document, not from the first in the process."""
    numbers: dict[bytes, bytes] = {}

    def named(found: re.Match[bytes]) -> bytes:
        return numbers.setdefault(found[0], b"%s-%d" % (found[1], len(numbers)))

    def pointed(found: re.Match[bytes]) -> bytes:
        return numbers.get(found[0], found[0])

    return _POINTED_AT.sub(pointed, _NAMED.sub(named, svg))
