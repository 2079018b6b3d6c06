"""The style of printed panels: millimetres and points of the print design as Mapnik XML. No feature's value in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from geo.cartography.icons import OBSTACLE_ICON
from geo.cartography.theme import GradeKey, Theme
from geo.exhibits.design import BORDERS, GAP, GROUND, REACH_OPACITY, REACH_OTHER, REACHES, RINGS, Stroke
from geo.exhibits.fonts import BOLD, REGULAR

__all__ = ["CHOROPLETH", "PX_PER_PT", "panel_style"]

PX_PER_PT = 3.5278
CHOROPLETH = ("#FAF3E7", "#F1D8B8", "#DDA583", "#BF6F58")
"""Few to many, at least 8 L* apart."""

_TINT = "#D9CFC6"
"""Of the band along a county's border."""


def _mm(*lengths: float) -> str:
    return ", ".join(f"{length * 10:g}" for length in lengths)


class _Sheet:
    """A style document under construction."""

    def __init__(self) -> None:
        self.root = ElementTree.Element("Map")

    def rule(self, style: ElementTree.Element, condition: str | None = None) -> ElementTree.Element:
        rule = ElementTree.SubElement(style, "Rule")
        if condition:
            ElementTree.SubElement(rule, "Filter").text = condition
        return rule

    def style(self, name: str) -> ElementTree.Element:
        return ElementTree.SubElement(self.root, "Style", name=name)

    def line(
        self, rule: ElementTree.Element, colour: str, width_mm: float, dash_mm: Iterable[float] = (), **more: str
    ) -> None:
        dashes = {"stroke-dasharray": _mm(*dash_mm)} if dash_mm else {}
        named = {name.replace("_", "-"): value for name, value in more.items()}
        ElementTree.SubElement(
            rule,
            "LineSymbolizer",
            {"stroke": colour, "stroke-width": _mm(width_mm), "stroke-linejoin": "round", **dashes, **named},
        )

    def stroke(self, rule: ElementTree.Element, stroke: Stroke) -> None:
        cap = {"stroke_linecap": "round"} if stroke.round_dots else {}
        self.line(rule, stroke.colour, stroke.width_mm, stroke.dash_mm, **cap)

    def fill(self, rule: ElementTree.Element, colour: str, opacity: float = 1.0) -> None:
        ElementTree.SubElement(rule, "PolygonSymbolizer", {"fill": colour, "fill-opacity": f"{opacity:g}"})

    def text(
        self,
        rule: ElementTree.Element,
        size_pt: float,
        colour: str,
        bold: bool = False,
        halo_mm: float = 0.4,
        **more: str,
    ) -> None:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        symbolizer = ElementTree.SubElement(
            rule,
            "TextSymbolizer",
            {
                "face-name": BOLD if bold else REGULAR,
                "size": f"{size_pt * PX_PER_PT:.2f}",
                "fill": colour,
                "halo-fill": "#FFFFFF",
                "halo-radius": _mm(halo_mm),
                "font-feature-settings": "locl=0",
                **named,
            },
        )
        symbolizer.text = "[name]"


def panel_style(theme: Theme, icons: Path, choropleth: Sequence[str] = CHOROPLETH) -> str:
    """Style XML for panels at 10 px a millimetre; ``icons`` is the folder of the theme's marks."""
    sheet = _Sheet()
    _ground(sheet, theme, choropleth)
    _subject(sheet, theme, icons)
    _texts(sheet, theme)
    return ElementTree.tostring(sheet.root, "unicode")


def _ground(sheet: _Sheet, theme: Theme, colours: Sequence[str]) -> None:
    sheet.fill(sheet.rule(sheet.style("land")), GROUND)
    choropleth = sheet.style("choropleth")
    for step, colour in enumerate(colours):
        sheet.fill(sheet.rule(choropleth, f"[step] = {step}"), colour)
    ends = {"stroke": theme.rivers.color, "stroke-linejoin": "round", "stroke-linecap": "round"}
    ElementTree.SubElement(sheet.rule(sheet.style("waters")), "LineSymbolizer", {"stroke-width": "[width]", **ends})
    sheet.fill(sheet.rule(sheet.style("outside")), "#FFFFFF", 0.6)
    sheet.fill(sheet.rule(sheet.style("veil")), "#FFFFFF", 0.46)
    subject_line = sheet.rule(sheet.style("subject"))
    sheet.line(subject_line, "#FFFFFF", 1.2, stroke_opacity="0.7")
    sheet.stroke(subject_line, BORDERS["subject"])
    sheet.line(sheet.rule(sheet.style("graticule")), BORDERS["county"].colour, 0.08, stroke_opacity="0.45")
    borders = sheet.style("borders")
    township = sheet.rule(borders, "[level] = 'township'")
    sheet.line(township, "#FFFFFF", 0.6)
    sheet.stroke(township, BORDERS["township"])
    village = sheet.rule(borders, "[level] = 'village'")
    sheet.line(village, "#FFFFFF", 0.45)
    sheet.stroke(village, BORDERS["village"])
    quiet = sheet.rule(borders, "[level] = 'quiet'")
    sheet.line(quiet, "#FFFFFF", 0.5, stroke_opacity="0.7")
    sheet.stroke(quiet, BORDERS["quiet"])
    county = sheet.rule(borders, "[level] = 'county' or [level] = 'city' or [level] = 'province'")
    sheet.line(county, "#FFFFFF", 1.4)
    sheet.line(county, _TINT, 1.0)
    sheet.stroke(county, BORDERS["county"])
    outline = sheet.style("outline")
    subject = sheet.rule(outline, "[kind] = 'subject'")
    sheet.stroke(subject, BORDERS["subject"])
    sheet.line(sheet.rule(outline, "[kind] = 'part'"), "#FFFFFF", 0.25)
    part = sheet.rule(outline, "[kind] = 'here'")
    sheet.fill(part, "#C3D4E0", 1)
    sheet.line(part, "#FFFFFF", 0.25)
    box = sheet.rule(sheet.style("box"))
    sheet.fill(box, "#FFFFFF", 0.6)
    sheet.line(box, theme.surface.notice, 0.6)


def _subject(sheet: _Sheet, theme: Theme, icons: Path) -> None:
    areas, lines = sheet.style("areas"), sheet.style("lines")
    families = {"plate": theme.resource, "disc": theme.protected, "bare": theme.monitoring}
    for word, paint in [*theme.grades.items(), *families.items()]:
        rule = sheet.rule(areas, f"[paint] = '{word}'")
        sheet.fill(rule, paint.fill, 0.25)
        sheet.line(rule, paint.text, 0.3)
        rule = sheet.rule(lines, f"[paint] = '{word}'")
        sheet.line(rule, "#FFFFFF", 1.3, stroke_linecap="round")
        sheet.line(rule, paint.text, 0.9, stroke_linecap="round")
        sheet.line(rule, paint.fill, 0.55, stroke_linecap="round")
    _reach(sheet)
    rings = sheet.style("rings")
    colour = theme.surface.question
    for turn, (width, dash) in enumerate(RINGS):
        rule = sheet.rule(rings, f"[turn] {'=' if turn < len(RINGS) - 1 else '>='} {turn}")
        sheet.line(rule, "#FFFFFF", 0.8, stroke_opacity="0.8")
        sheet.line(rule, colour, width, dash)
    columns = sheet.style("columns")
    worst: tuple[GradeKey, ...] = ("red", "orange")
    for grade in worst:
        rule = sheet.rule(columns, f"[grade] = '{grade}'")
        sheet.fill(rule, theme.grades[grade].fill)
        sheet.line(rule, theme.surface.ink, 0.15)
    leader = sheet.rule(sheet.style("leaders"))
    sheet.line(leader, "#FFFFFF", 0.5)
    sheet.line(leader, theme.surface.ink, 0.16)
    true_place = {"width": "3.5", "height": "3.5", "fill": theme.surface.ink, "stroke-width": "0"}
    true_place["allow-overlap"] = "true"
    ElementTree.SubElement(sheet.rule(sheet.style("true-places")), "MarkersSymbolizer", true_place)
    marks = {"file": f"{icons}/[icon].svg", "transform": "scale([size], [size])", "allow-overlap": "true"}
    ElementTree.SubElement(sheet.rule(sheet.style("marks")), "MarkersSymbolizer", marks)
    hidden = {"file": f"{icons}/{OBSTACLE_ICON}.svg", "transform": "scale([across], [down])", "allow-overlap": "true"}
    ElementTree.SubElement(sheet.rule(sheet.style("obstacles")), "MarkersSymbolizer", hidden)


def _reach(sheet: _Sheet) -> None:
    """What resources reach, and hatched what none does."""
    reach = sheet.style("reach")
    for layer, stroke in [*REACHES.items(), ("other", REACH_OTHER)]:
        rule = sheet.rule(reach, f"[layer] = '{layer}'")
        if stroke.fill:
            sheet.fill(rule, stroke.fill, REACH_OPACITY)
        sheet.stroke(rule, stroke)
    sheet.line(sheet.rule(sheet.style("gap")), GAP.colour, GAP.width_mm)


def _texts(sheet: _Sheet, theme: Theme) -> None:
    numbers = sheet.style("numbers")
    for size_pt in (8.5, 7.5, 6.5):
        rule = sheet.rule(numbers, f"[pt] = {size_pt}")
        sheet.text(rule, size_pt, theme.surface.ink, bold=True, halo_mm=0.45, allow_overlap="true")
    named = sheet.rule(sheet.style("column-names"))
    sheet.text(named, 8.5, theme.surface.ink, bold=True, halo_mm=0.5)
    worst = sheet.rule(sheet.style("worst-names"))
    sheet.text(worst, 8, theme.grades["red"].text, bold=True, halo_mm=0.45, allow_overlap="true")
    figures = sheet.rule(sheet.style("column-figures"))
    sheet.text(figures, 7, theme.surface.ink, bold=True, halo_mm=0.35, allow_overlap="true")
    colour = theme.surface.question
    sheet.text(sheet.rule(sheet.style("ring-names")), 8, colour, bold=True, halo_mm=0.6, allow_overlap="true")
    sheet.text(sheet.rule(sheet.style("titles")), 9.5, colour, bold=True, halo_mm=0.5, allow_overlap="true")
    names = sheet.style("names")
    for level, size_pt, colour, bold in (
        ("county", 9.5, theme.surface.ink, True),
        ("township", 8.5, theme.surface.label, False),
        ("village", 7.0, theme.surface.label, False),
    ):
        rule = sheet.rule(names, f"[level] = '{level}'")
        sheet.text(
            rule,
            size_pt,
            colour,
            bold=bold,
            placement_type="simple",
            placements="X,N,S,E,W",
            dx="26",
            dy="26",
            avoid_edges="true",
            margin="6",
            wrap_width="220",
        )
    sheet.text(
        sheet.rule(sheet.style("water-names")),
        7.5,
        theme.rivers.label,
        halo_mm=0.3,
        placement="line",
        avoid_edges="true",
        character_spacing="9",
        max_char_angle_delta="30",
        # A river that could not be joined to one line is not named on every part.
        repeat_distance="500",
    )
