"""What Typst reads of a manuscript: its content, furniture and grid as JSON, every text a string."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.exhibits.content import EMPTY, Chart, Column, LegendEntry, LegendGroup, MapPart, Row, Section, SignCell, Table
from geo.exhibits.manuscript import Manuscript, inset_file, panel_file
from geo.exhibits.wording import cell_text, figure_text, minutes, printable, scale_text
from layers.text import Lang, Text

__all__ = ["chart_data", "common_data", "map_data", "page_data"]

Json = dict[str, object]

_ACCENT = "#1C3D5C"
_DENSE_ROWS, _DENSE_COUNTS = 24, 14
_NARROW_MM = 230.0
_SOURCE_SIGNS = 0.55
"""Chinese characters a millimetre of page width that two lines of the footer hold."""


def common_data(manuscript: Manuscript, sign_alts: Mapping[str, str]) -> Json:
    """What every page and picture needs: language, colours, drawings and the page's own words."""
    lang, template = manuscript.lang, manuscript.template
    return {
        "lang": lang,
        "accent": (template.colours.accent if template else None) or _ACCENT,
        "signs": dict(manuscript.content.signs),
        "sign_alts": dict(sign_alts),
        "words": {name: text.get(lang) for name, text in _WORDS.items()},
    }


_WORDS: Mapping[str, Text] = {
    "legend": Text("图例", "Legend"),
    "continued": Text("（续）", " (continued)"),
    "overleaf": Text("（续下页）", "(continued overleaf)"),
    "legend_below": Text("图例见图下。", "The legend is under the map."),
    "legend_overleaf": Text("图例续见下页。", "The legend is continued overleaf."),
    "more": Text("其余内容见下页。", "More is overleaf."),
    "contents": Text("目录", "Contents"),
    "empty": EMPTY,
    "relief": Text("地形晕渲", "relief"),
}


def page_data(manuscript: Manuscript) -> Json:
    """What the pages show, section by section."""
    content, request, furniture = manuscript.content, manuscript.request, manuscript.furniture
    entries = [entry for part in content.maps for group in part.legend for entry in group.entries]
    return {
        **common_data(manuscript, {entry.sign: entry.text for entry in entries if entry.sign}),
        "title": printable(content.title, 60),
        "maker": printable(request.maker),
        "keywords": [content.kind],
        "date": [request.made_on.year, request.made_on.month, request.made_on.day],
        "grid": manuscript.grid.as_dict(),
        "tags": [{"text": tag.text, "tone": tag.tone} for tag in furniture.tags],
        "letterhead": _letterhead(manuscript),
        "footer": _footer(manuscript),
        "sections": [_section(manuscript, section, at == 0) for at, section in enumerate(content.sections)],
    }


def _letterhead(manuscript: Manuscript) -> Json | None:
    furniture = manuscript.furniture
    if not furniture.organisation and furniture.logo is None:
        return None
    logo = f"logo.{furniture.logo_ending}" if furniture.logo is not None else None
    return {"organisation": furniture.organisation, "line": furniture.line, "logo": logo}


def _footer(manuscript: Manuscript) -> Json:
    of = manuscript.furniture
    return {
        "first": [of.maker, of.made_on, of.data_until, *([of.number] if of.number else [])],
        "second": [of.crs, of.heights],
        "third": [(of.sources[0], printable(of.sources[1], int(manuscript.grid.width * _SOURCE_SIGNS)))],
        "approval": of.approval,
        "internal": of.internal,
        "small": of.small,
        "secrecy": of.secrecy,
        "narrow": manuscript.grid.width < _NARROW_MM,
    }


def _section(manuscript: Manuscript, section: Section, first: bool) -> Json:
    content, lang = manuscript.content, manuscript.lang
    tables = [_table(each, lang) for each in section.tables if not each.compact]
    return {
        "key": section.key,
        "first": first,
        "title": printable(section.title or content.title, 60),
        "subtitle": content.subtitle if first or section.title is None else content.title,
        "maps": [map_data(each, lang) for each in section.maps],
        "legend": [_legend_group(group) for group in _merged([each.legend for each in section.maps])],
        "figures": [
            {"value": figure_text(each.value, each.digits), "unit": each.unit, "label": each.label}
            for each in section.figures
        ],
        "compact": [_table(each, lang) for each in section.tables if each.compact],
        "tables": tables,
        "charts": [chart_data(each) for each in section.charts],
        "says": {"title": section.heading, "paragraphs": _paragraphs(section, lang), "note": section.note},
    }


def _paragraphs(section: Section, lang: Lang) -> list[str]:
    """What a section says; a map of nothing says so."""
    empty = bool(section.maps) and section.is_empty
    return list(section.paragraphs) or ([EMPTY.get(lang) + ("。" if lang == "zh" else ".")] if empty else [])


def _merged(legends: Sequence[tuple[LegendGroup, ...]]) -> list[LegendGroup]:
    """The legend of all maps of a page: each class once; groups without a caption by their place in the legend."""
    groups: dict[str, tuple[str | None, list[LegendEntry]]] = {}
    seen: set[str] = set()
    for legend in legends:
        for at, group in enumerate(legend):
            word = group.caption or f"#{at if at == 0 else 'last' if at == len(legend) - 1 else at}"
            for entry in group.entries:
                if entry.key not in seen:
                    seen.add(entry.key)
                    groups.setdefault(word, (group.caption, []))[1].append(entry)
    return [LegendGroup(caption, tuple(entries)) for caption, entries in groups.values()]


def _legend_group(group: LegendGroup) -> Json:
    entries = [
        {
            "kind": each.kind,
            "text": each.text,
            "sign": each.sign,
            "size": each.size_mm,
            "colour": each.colour,
            "edge": each.edge,
            "width": each.width_mm,
            "dash": list(each.dash_mm),
            "count": each.count,
        }
        for each in group.entries
    ]
    return {"caption": group.caption, "entries": entries}


def map_data(part: MapPart, lang: Lang, scale: float | None = None) -> Json:
    """A map's files, graticule, scale and locator; ``scale`` where it is printed at another than the sheet's own."""
    sheet, corner = part.panel.sheet, part.free_corner
    middle = sheet.box.h / 2
    inset = None
    if part.inset is not None:
        box = part.inset.sheet.box
        alt = Text("位置示意图", "locator").get(lang)
        inset = {"file": inset_file(part), "ratio": box.h / box.w, "caption": part.inset_caption, "alt": alt}
    return {
        "file": panel_file(part),
        "alt": part.alt,
        "title": part.title,
        "relief": f"{part.key}-relief.{part.relief.ending}" if part.relief else None,
        "graticule": [
            {
                "label": each.label,
                "is_meridian": each.is_meridian,
                "first_mm": each.first_mm,
                "second_mm": each.second_mm,
                "labelled": each.labelled,
            }
            for each in sheet.graticule
        ],
        "scale": _scale(part, lang, scale),
        "inset": inset,
        "corner": None if corner is None else {**corner.as_dict(), "bottom": corner.y + corner.h / 2 > middle},
    }


def _scale(part: MapPart, lang: Lang, scale: float | None) -> Json:
    sheet, bar = part.panel.sheet, part.panel.sheet.bar()
    unit, per = ("km", 1000) if bar.part_m * 4 >= 2000 else ("m", 1)
    convergence = sheet.convergence_deg
    word = Text("子午线收敛角", "Convergence").get(lang)
    return {
        "text": scale_text(scale or sheet.scale),
        "part_mm": bar.part_mm,
        "labels": [f"{bar.part_m * parts / per:g}" for parts in (0, 1, 2, 4)],
        "unit": unit,
        "convergence": f"{word} γ = {minutes(convergence)}",
        "rotate": -convergence,
    }


def _table(table: Table, lang: Lang) -> Json:
    greatest = {
        at: max((_sum(row.cells[at]) for row in table.rows if row.role == "row"), default=0.0)
        for at, column in enumerate(table.columns)
        if column.kind == "bar"
    }
    return {
        "title": table.title,
        "columns": [
            {"title": each.title, "align": each.side, "width": each.width, "sign": each.sign} for each in table.columns
        ],
        "rows": [_row(row, table.columns, greatest) for row in table.rows],
        "dense": len(table.rows) > (_DENSE_ROWS if table.key == "list" else _DENSE_COUNTS),
        "compact": table.compact,
        "early": table.key != "list",
        "empty": EMPTY.get(lang),
        "note": table.note,
    }


def _sum(cell: object) -> float:
    if isinstance(cell, tuple):
        return float(sum(cell))
    return float(cell) if isinstance(cell, int | float) else 0.0


def _row(row: Row, columns: tuple[Column, ...], greatest: Mapping[int, float]) -> Json:
    if row.role == "band":
        return {"role": "band", "tone": row.tone, "cells": [str(row.cells[0])]}
    cells: list[object] = []
    for at, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
        if column.kind == "bar" and cell is not None and row.role == "row":
            parts = list(cell) if isinstance(cell, tuple) else [_sum(cell)]
            colours = list(column.colours) or ["#8FA3B5"]
            cells.append({"parts": parts, "colours": colours, "of": greatest[at]})
        elif isinstance(cell, SignCell):
            cells.append({"sign": cell.sign, "text": cell.text})
        else:
            cells.append("" if column.kind == "bar" else cell_text(column, cell))
    return {"role": row.role, "tone": row.tone, "cells": cells}


def chart_data(chart: Chart) -> Json:
    """A chart with its figures as they are printed."""

    def label(at: int) -> str:
        return figure_text(sum(each.values[at] for each in chart.series))

    return {
        "title": chart.title,
        "kind": chart.kind,
        "categories": list(chart.categories),
        "labels": [label(at) for at in range(len(chart.categories))],
        "series": [
            {
                "title": each.title,
                "colour": each.colour,
                "values": list(each.values),
                "figures": [figure_text(value) for value in each.values],
            }
            for each in chart.series
        ],
        "note": chart.note,
    }
