"""HTML: one page with everything in it, which opens from a USB stick without network, on any machine with a browser.

Data reaches the page as text: Jinja escapes what is read, the maps' script puts in what is clicked. The page's own
policy lets no script run but those written here, and nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, Template
from markupsafe import Markup

from geo.exhibits.content import EMPTY, Chart, LegendGroup, MapPart, Section, SignCell, Table
from geo.exhibits.design import GROUND
from geo.exhibits.formats.plain import note_of, tables_of
from geo.exhibits.formats.recipes import json_text
from geo.exhibits.formats.swatches import svg_address, swatch_address
from geo.exhibits.formats.web_map import WebMap, web_map
from geo.exhibits.manuscript import Manuscript
from geo.exhibits.wording import cell_text, figure_text
from layers.text import Text

__all__ = ["write_html"]

_HERE = Path(__file__).parent
_PX_PER_MM = 3.78
_WORDS = {
    "legend": Text("图例", "Legend"),
    "names": Text("地名", "Names"),
    "empty": EMPTY,
}
_BAR = "#8FA3B5"
_LEAFLET_PICTURE = re.compile(r"url\(images/([\w-]+\.png)\)")
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def write_html(manuscript: Manuscript) -> bytes:
    """The exhibit as one HTML file: the same bytes for the same manuscript."""
    lang = manuscript.request.lang
    parts = [part for section in manuscript.content.sections for part in section.maps]
    maps = [web_map(manuscript, part, f"map_{number}") for number, part in enumerate(parts)]
    words = {name: text.get(lang) for name, text in _WORDS.items()}
    scripts = [_leaflet("leaflet.js"), *(each.script for each in maps), _script()]
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in scripts
    )
    furniture = manuscript.furniture
    page: str = _template().render(
        zh=lang == "zh",
        title=manuscript.content.title,
        subtitle=manuscript.content.subtitle,
        tags=furniture.tags,
        lines=furniture.lines(),
        sections=_sections(manuscript, parts, maps),
        words=words,
        software=manuscript.recipe["software"],
        ground=GROUND,
        water=manuscript.theme.rivers.label,
        hashes=Markup(hashes),
        leaflet_css=Markup(_leaflet("leaflet.css")),
        scripts=[Markup(each) for each in scripts],
        recipe=Markup(json_text(manuscript.recipe)),
        data=Markup(_in_script({"words": words, "maps": [each.data for each in maps]})),
    )
    return page.encode()


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=1)
def _template() -> Template:
    return _environment().from_string((_HERE / "page.html").read_text("utf-8"))


@lru_cache(maxsize=1)
def _script() -> str:
    return "\n" + (_HERE / "map_script.html").read_text("utf-8")


@lru_cache(maxsize=2)
def _leaflet(name: str) -> str:
    folder = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
    text = (folder / name).read_text("utf-8")

    def whole(found: re.Match[str]) -> str:
        picture = base64.b64encode((folder / "images" / found[1]).read_bytes()).decode()
        return f"url(data:image/png;base64,{picture})"

    # The name of a source map would be fetched by a browser's tools.
    return re.sub(r"//# sourceMappingURL=\S+", "", _LEAFLET_PICTURE.sub(whole, text))


def _in_script(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda found: _ESCAPES[found[0]], text)


def _sections(manuscript: Manuscript, parts: Sequence[MapPart], maps: Sequence[WebMap]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    at = 0
    several = len(manuscript.content.sections) > 1
    for section in manuscript.content.sections:
        own = range(at, at + len(section.maps))
        at = own.stop
        tables = list(tables_of(section))
        found.append(
            {
                "title": section.title if several and section.title != manuscript.content.title else None,
                "is_empty": section.is_empty and bool(section.maps or section.tables) and not tables,
                "maps": [
                    {
                        "title": parts[n].title,
                        "alt": parts[n].alt,
                        "div": Markup(maps[n].div),
                        "legend": _legend(manuscript, parts[n].legend),
                    }
                    for n in own
                ],
                "figures": [
                    {"value": figure_text(each.value, each.digits), "unit": each.unit, "label": each.label}
                    for each in section.figures
                ],
                "small": [_table(manuscript, each, section, own) for each in tables if each.compact],
                "long": [_table(manuscript, each, section, own) for each in tables if not each.compact],
                "charts": [_chart(each) for each in section.charts],
                "heading": section.heading,
                "paragraphs": section.paragraphs,
                "note": section.note,
            }
        )
    return found


def _legend(manuscript: Manuscript, groups: Sequence[LegendGroup]) -> list[dict[str, object]]:
    signs = manuscript.content.signs
    return [
        {
            "caption": group.caption,
            "entries": [
                {
                    "picture": svg_address(signs[entry.sign]) if entry.sign else swatch_address(entry),
                    "width": round((entry.size_mm if entry.sign else 6.4) * _PX_PER_MM * (1.15 if entry.sign else 1)),
                    "height": round((entry.size_mm if entry.sign else 3.6) * _PX_PER_MM * (1.15 if entry.sign else 1)),
                    "text": entry.text,
                    "count": entry.count,
                }
                for entry in group.entries
            ],
        }
        for group in groups
    ]


def _table(manuscript: Manuscript, table: Table, section: Section, maps: range) -> dict[str, object]:
    """A table; where its rows are the features of the section's one map, a row leads to its feature."""
    lang = manuscript.request.lang
    items = section.maps[0].items if len(section.maps) == 1 else ()
    leads = bool(items) and not table.compact and table.listed == len(items)
    greatest = [_greatest(table, at) for at in range(len(table.columns))]
    rows: list[dict[str, object]] = []
    listed = 0
    for row in table.rows:
        if row.role == "band":
            rows.append({"role": "band", "band": str(row.cells[0])})
            continue
        leading = leads and row.role == "row"
        cells = []
        for at, column in enumerate(table.columns):
            cell = row.cells[at] if at < len(row.cells) else None
            sign = cell.sign if isinstance(cell, SignCell) else None
            bar = _bar(cell, greatest[at], column.colours) if column.kind == "bar" else []
            cells.append(
                {
                    "text": _bar_text(cell) if column.kind == "bar" else cell_text(column, cell),
                    "side": column.side,
                    "picture": svg_address(manuscript.content.signs[sign]) if sign else None,
                    "bar": bar,
                }
            )
        rows.append(
            {
                "role": row.role,
                "tone": row.tone,
                "cells": cells,
                "item": listed if leading else None,
                "map": maps.start,
            }
        )
        listed += row.role == "row"
    columns = [{"title": column.title, "side": column.side} for column in table.columns]
    return {"title": table.title, "columns": columns, "rows": rows, "note": note_of(table, lang)}


def _numbers(cell: object) -> tuple[float, ...]:
    if isinstance(cell, tuple):
        return cell
    return (float(cell),) if isinstance(cell, int | float) else ()


def _bar_text(cell: object) -> str:
    return " / ".join(f"{each:g}" for each in _numbers(cell))


def _greatest(table: Table, at: int) -> float:
    return max(
        (sum(_numbers(row.cells[at])) for row in table.rows if row.role == "row" and at < len(row.cells)), default=0
    )


def _bar(cell: object, greatest: float, colours: Sequence[str]) -> list[dict[str, object]]:
    if greatest <= 0:
        return []
    return [
        {"width": f"{value / greatest * 100:.1f}", "colour": colours[turn] if turn < len(colours) else _BAR}
        for turn, value in enumerate(_numbers(cell))
    ]


def _chart(chart: Chart) -> dict[str, object]:
    stacked = chart.kind == "stacked"
    sums = [sum(each.values[at] for each in chart.series) for at in range(len(chart.categories))]
    greatest = max(sums if stacked else [value for each in chart.series for value in each.values], default=0) or 1
    rows = []
    for at, category in enumerate(chart.categories):
        parts = [{"width": f"{each.values[at] / greatest * 100:.1f}", "colour": each.colour} for each in chart.series]
        figures = " / ".join(f"{each.values[at]:g}" for each in chart.series)
        rows.append(
            {"category": category, "bars": [parts] if stacked else [[part] for part in parts], "figures": figures}
        )
    series = [{"title": each.title, "colour": each.colour} for each in chart.series]
    return {"title": chart.title, "unit": chart.unit, "note": chart.note, "series": series, "rows": rows}
