"""Swatches: the small drawings of a legend, as SVG for the web page and as PNG for Word and slides."""

from __future__ import annotations

import base64
import io
from functools import lru_cache

from PIL import Image, ImageDraw

from geo.exhibits.content import LegendEntry
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.page import sign_png

__all__ = ["legend_swatch", "svg_address", "swatch_address"]

_WIDE_MM, _HIGH_MM = 6.4, 3.6
_PX_PER_MM = 3.78
_INCH_MM = 25.4
_OVER = 4
"""Drawn so many times larger, then reduced: smooth edges."""


def svg_address(drawing: str) -> str:
    """An SVG as the address of an ``<img>``, whole."""
    return "data:image/svg+xml;base64," + base64.b64encode(drawing.encode()).decode()


def swatch_address(entry: LegendEntry) -> str:
    """A line, a fill or a hatch as an address."""
    wide, high = _WIDE_MM, _HIGH_MM
    edge = entry.edge or "#5A6773"
    if entry.kind == "line":
        dashes = f' stroke-dasharray="{" ".join(f"{each:g}" for each in entry.dash_mm)}"' if entry.dash_mm else ""
        width = f"{max(entry.width_mm, 0.3):g}"
        drawn = f'<path d="M0 {high / 2}H{wide}" stroke="{entry.colour}" stroke-width="{width}"{dashes}/>'
    elif entry.kind == "hatch":
        lines = "".join(f"M{x:g} {high}L{x + high:g} 0" for x in (-2.2, -0.8, 0.6, 2, 3.4, 4.8))
        drawn = (
            f'<path d="{lines}" stroke="{entry.colour}" stroke-width=".2"/>'
            f'<rect width="{wide}" height="{high}" fill="none" stroke="{edge}" stroke-width=".3"/>'
        )
    else:
        drawn = f'<rect width="{wide}" height="{high}" fill="{entry.colour}" stroke="{edge}" stroke-width=".3"/>'
    return svg_address(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide * _PX_PER_MM:g}" '
        f'height="{high * _PX_PER_MM:g}">{drawn}</svg>'
    )


def legend_swatch(manuscript: Manuscript, entry: LegendEntry, dpi: float) -> tuple[bytes, float, float]:
    """An entry's drawing as PNG, with its width and height in millimetres."""
    if entry.kind == "sign" and entry.sign is not None:
        return sign_png(manuscript, entry.sign, entry.size_mm, dpi), entry.size_mm, entry.size_mm
    return _drawn(entry, dpi), _WIDE_MM, _HIGH_MM


@lru_cache(maxsize=256)
def _drawn(entry: LegendEntry, dpi: float) -> bytes:
    per_mm = dpi / _INCH_MM * _OVER
    wide, high = round(_WIDE_MM * per_mm), round(_HIGH_MM * per_mm)
    picture = Image.new("RGBA", (wide, high), (255, 255, 255, 0))
    pen = ImageDraw.Draw(picture)
    edge = entry.edge or "#5A6773"
    if entry.kind == "line":
        thick = max(round(entry.width_mm * per_mm), 1)
        for start, end in _strokes(entry.dash_mm, _WIDE_MM):
            pen.line([(start * per_mm, high / 2), (end * per_mm, high / 2)], fill=entry.colour, width=thick)
    elif entry.kind == "hatch":
        for step in range(-3, 6):
            start = step * 1.4 * per_mm
            pen.line([(start, high), (start + high, 0)], fill=entry.colour, width=round(0.2 * per_mm))
    else:
        pen.rectangle([0, 0, wide, high], fill=entry.colour)
    if entry.kind != "line":
        pen.rectangle([0, 0, wide - 1, high - 1], outline=edge, width=max(round(0.2 * per_mm), 1))
    out = io.BytesIO()
    picture.resize((wide // _OVER, high // _OVER), Image.Resampling.LANCZOS).save(out, format="PNG")
    return out.getvalue()


def _strokes(dash_mm: tuple[float, ...], length_mm: float) -> list[tuple[float, float]]:
    if not dash_mm:
        return [(0.0, length_mm)]
    found, at, turn = [], 0.0, 0
    while at < length_mm:
        end = min(at + dash_mm[turn % len(dash_mm)], length_mm)
        if turn % 2 == 0:
            found.append((at, end))
        at, turn = max(end, at + 0.01), turn + 1
    return found
