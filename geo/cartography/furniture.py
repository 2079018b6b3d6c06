"""Furniture: scale bar, legend and notes of a picture, beside the map and never on it.

Everything is placed in pixels from the picture's top left and handed to Mapnik as features of the same drawing, so that
a PNG, a PDF and an SVG get the same.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import cos, floor, log10, radians, sin

from geo.cartography.engine import DrawLayer
from geo.cartography.frame import Frame, Inset
from geo.cartography.legend import GridEntry, LegendEntry
from layers.text import Lang, Text

__all__ = ["INTERNAL_USE", "Furniture", "fit", "inset_for", "lay_out", "legend_size", "nice_length", "text_width"]

INTERNAL_USE = Text("内部使用,未经地图审核,不得公开", "Internal use; map not reviewed; not for publication")
DEMO = Text("演示数据", "Demonstration data")

NOTHING = Text("图中没有要素", "nothing in this frame")

_STRIP_PX = 30
_COLUMN_PX = 172
_ROW_PX = 22
_PAD_PX = 12
_LEAST_WIDTH_FOR_LEGEND = 520
_LEAST_HEIGHT_FOR_STRIP = 160


def inset_for(width: int, height: int, *, legend: bool, strip: bool) -> Inset:
    """Room for the furniture; a picture too small for it has none, and then every pixel is map."""
    return Inset(
        right=_COLUMN_PX if legend and width >= _LEAST_WIDTH_FOR_LEGEND else 0,
        bottom=_STRIP_PX if strip and height >= _LEAST_HEIGHT_FOR_STRIP else 0,
    )


def text_width(text: str, size_px: float) -> float:
    """About how wide a text is: an em for a wide character, a little over half for others."""
    ems = sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.56 for char in text)
    return ems * size_px


def fit(text: str, size_px: float, width_px: float) -> str:
    """``text``, shortened with an ellipsis where it is wider than ``width_px``."""
    if text_width(text, size_px) <= width_px:
        return text
    while text and text_width(text + "…", size_px) > width_px:
        text = text[:-1]
    return text.rstrip() + "…"


def nice_length(longest_m: float) -> float:
    """The largest 1, 2 or 5 × 10ⁿ metres that is not longer."""
    power = 10.0 ** floor(log10(longest_m))
    return next(step * power for step in (5, 2, 1) if step * power <= longest_m * (1 + 1e-9))


def metres(length_m: float) -> str:
    """A length as it is written on a map: ``500 m``, ``1.5 km``."""
    return f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"


@dataclass
class Furniture:
    """Features in pixels, by the style that draws them."""

    frame: Frame
    features: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def rectangle(self, style: str, x: float, y: float, width: float, height: float, kind: str = "") -> None:
        """A filled rectangle with its top left at (x, y)."""
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        ring = [self.frame.projected(*corner) for corner in corners]
        self._add(style, {"type": "Polygon", "coordinates": [ring]}, {"kind": kind})

    def text(
        self, x: float, y: float, text: str, size: float, *, kind: str = "ink", bold: bool = False, align: str = "left"
    ) -> None:
        """A line of text; (x, y) is its left end, middle or right end, at half its height."""
        properties = {"text": text, "size": size, "kind": kind, "bold": int(bold), "align": align}
        self._add("furniture-texts", self._point(x, y), properties)

    def icon(self, x: float, y: float, icon: str, size: float) -> None:
        """A mark centred at (x, y), ``size`` times its design."""
        self._add("furniture-icons", self._point(x, y), {"icon": icon, "size": size})

    def swatch(self, x: float, y: float, width: float, height: float, colour: str | None, opacity: float) -> None:
        """A grid's colour as the map shows it; None is an empty frame."""
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        ring = [self.frame.projected(*corner) for corner in corners]
        properties: dict[str, object] = {"color": colour or "#000000", "opacity": opacity if colour else 0.0}
        self._add("swatches", {"type": "Polygon", "coordinates": [ring]}, properties)

    def plate(self, x: float, y: float, width: float, height: float, edge: str, edge_px: float) -> None:
        """The ground of a plate, its corners cut round."""
        r = min(6.0, height / 2)
        turns = ((x + width - r, y + r, -90), (x + width - r, y + height - r, 0), (x + r, y + height - r, 90))
        corners = [
            (cx + r * cos(radians(start + step)), cy + r * sin(radians(start + step)))
            for cx, cy, start in (*turns, (x + r, y + r, 180))
            for step in (0, 30, 60, 90)
        ]
        ring = [self.frame.projected(*corner) for corner in (*corners, corners[0])]
        self._add("plates", {"type": "Polygon", "coordinates": [ring]}, {"edge": edge, "edge_px": edge_px})

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A piece of a plate's bar."""
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        ring = [self.frame.projected(*corner) for corner in corners]
        self._add("plate-bars", {"type": "Polygon", "coordinates": [ring]}, {"color": colour})

    def obstacle(self, x: float, y: float, width: float, height: float) -> None:
        """Ground that names keep off."""
        properties: dict[str, object] = {"width": width, "height": height}
        self._add("obstacles", self._point(x + width / 2, y + height / 2), properties)

    def _point(self, x: float, y: float) -> dict[str, object]:
        return {"type": "Point", "coordinates": self.frame.projected(x, y)}

    def _add(self, style: str, geometry: dict[str, object], properties: dict[str, object]) -> None:
        feature: dict[str, object] = {"type": "Feature", "geometry": geometry, "properties": properties}
        self.features.setdefault(style, []).append(feature)

    def layers(self, styles: Iterable[str]) -> list[DrawLayer]:
        """The drawing layers of these styles, in this order; a style without features gives none."""
        return [
            DrawLayer(
                style,
                (style,),
                json.dumps({"type": "FeatureCollection", "features": self.features[style]}),
                self.frame.srs,
            )
            for style in styles
            if self.features.get(style)
        ]


def lay_out(
    frame: Frame,
    entries: Sequence[LegendEntry],
    lang: Lang,
    *,
    demo: bool,
    cut: bool,
    counted: bool = True,
    grids: Sequence[GridEntry] = (),
    notes: Sequence[str] = (),
) -> Furniture:
    """The furniture of a picture. ``cut``: more features lie in the frame than are drawn, which the strip says.

    Without ``counted`` the legend has every row that may occur, and no numbers. ``notes`` are said before all others.
    """
    made = Furniture(frame)
    if frame.inset.bottom:
        _strip(made, lang, notes, demo=demo or any(grid.demo for grid in grids), cut=cut)
    if frame.inset.right:
        _legend(made, _legend_rows(entries, grids, lang, counted), lang)
    return made


def _strip(made: Furniture, lang: Lang, further: Sequence[str], *, demo: bool, cut: bool) -> None:
    frame = made.frame
    top, middle = frame.height - frame.inset.bottom, frame.height - frame.inset.bottom / 2
    made.obstacle(0, top, frame.width, frame.inset.bottom)
    made.rectangle("panels", 0, top, frame.width, frame.inset.bottom)
    made.rectangle("furniture-lines", 0, top, frame.width, 1, "line")
    inner = frame.width - 2 * _PAD_PX
    length_m = nice_length(frame.metres_per_px * min(160, inner * 0.3))
    length_px = length_m / frame.metres_per_px
    x = float(_PAD_PX)
    made.rectangle("furniture-lines", x, middle + 3, length_px, 2, "ink")
    for end in (x, x + length_px - 1.5):
        made.rectangle("furniture-lines", end, middle - 4, 1.5, 8, "ink")
    made.text(x + length_px + 7, middle, metres(length_m), 12)
    used = x + length_px + 7 + text_width(metres(length_m), 12) + 16
    notes = [*further, *([DEMO.get(lang)] if demo else [])]
    if cut:
        notes.append(Text("要素过多,未全部画出", "not all features are drawn").get(lang))
    notes.append(INTERNAL_USE.get(lang))
    said = fit(" · ".join(notes), 12, frame.width - _PAD_PX - used)
    made.text(frame.width - _PAD_PX, middle, said, 12, kind="notice", align="right")
    crs = "CGCS2000" if "tmerc" in frame.srs else "Web Mercator"
    if used + text_width(crs, 12) + text_width(said, 12) + 2 * _PAD_PX < frame.width:
        made.text(used, middle, crs, 12, kind="ink2")


def _legend(made: Furniture, found: Sequence[_Row], lang: Lang) -> None:
    """One block per layer, its rows worst first; rows that would leave the column become one that counts them."""
    frame = made.frame
    left, bottom = frame.width - frame.inset.right, frame.height - frame.inset.bottom
    made.obstacle(left, 0, frame.inset.right, bottom)
    made.rectangle("panels", left, 0, frame.inset.right, bottom)
    made.rectangle("furniture-lines", left, 0, 1, bottom, "line")
    rows = found or [_Row(NOTHING.get(lang))]
    room = int((bottom - _PAD_PX) // _ROW_PX)
    shown = rows if len(rows) <= room else rows[: max(room - 1, 0)]
    y = _PAD_PX / 2 + _ROW_PX / 2
    for row in shown:
        _draw_row(made, row, left, y)
        y += _ROW_PX
    if len(shown) < len(rows):
        rest = Text(f"另有 {len(rows) - len(shown)} 行", f"{len(rows) - len(shown)} more rows").get(lang)
        made.text(left + _PAD_PX, y, rest, 11, kind="ink2")


def legend_size(
    entries: Sequence[LegendEntry], lang: Lang, *, counted: bool = True, grids: Sequence[GridEntry] = ()
) -> tuple[int, int]:
    """Width and height in px of a legend that shows every row."""
    return _COLUMN_PX, max(len(_legend_rows(entries, grids, lang, counted)), 1) * _ROW_PX + _PAD_PX


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    count: int | None = None
    icon: str | None = None
    size: float = 0.0
    heading: bool = False
    swatch: tuple[str | None, float] | None = None


def _legend_rows(entries: Sequence[LegendEntry], grids: Sequence[GridEntry], lang: Lang, counted: bool) -> list[_Row]:
    rows = []
    # Grids first: they were asked for by name, and without its classes a colour says nothing.
    for grid in grids:
        rows.append(_Row(grid.heading.get(lang), heading=True))
        rows += [_Row(row.title.get(lang), swatch=(row.colour, grid.opacity)) for row in grid.rows]
    for entry in entries:
        items = [item for item in entry.items if item.count or not counted]
        if len(items) == 1 and not items[0].code.get(lang):
            (item,) = items
            count = item.count if counted else None
            rows.append(_Row(item.title.get(lang), count, item.mark.icon, 0.6, heading=True))
        elif items:
            rows.append(_Row(entry.symbology.layer.title.get(lang), heading=True))
            for item in items:
                code = item.code.get(lang) if item.grade != "none" else ""
                said = f"{code} {item.title.get(lang)}".strip()
                rows.append(_Row(said, item.count if counted else None, item.mark.icon, 0.5))
    return rows


def _draw_row(made: Furniture, row: _Row, left: float, y: float) -> None:
    right = left + made.frame.inset.right - _PAD_PX
    x = left + _PAD_PX
    if row.icon:
        made.icon(x + 9, y, row.icon, row.size)
        x += 26
    if row.swatch is not None:
        made.swatch(x, y - 7, 18, 14, *row.swatch)
        x += 26
    number = "" if row.count is None else f"{row.count:,}"
    room = right - x - text_width(number, 12) - 6
    made.text(x, y, fit(row.title, 12, room), 12, bold=row.heading)
    if number:
        made.text(right, y, number, 12, align="right")
