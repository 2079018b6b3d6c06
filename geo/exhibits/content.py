"""The content of an exhibit: what it shows, and nothing of how. Every format is written from this one model.

A kind of exhibit makes it from Selections; the page (Typst), Word, PowerPoint, HTML and Excel only arrange it. Numbers
stay numbers and dates stay dates: ``wording.cell_text`` prints them, so that a value reads the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from geo.exhibits.marks import Item
from geo.exhibits.panel import Panel
from geo.exhibits.paper import Box, Layout
from geo.exhibits.relief import Relief
from layers.text import Text

__all__ = [
    "EMPTY",
    "Area",
    "Cell",
    "Chart",
    "ChartKind",
    "Column",
    "ColumnKind",
    "Content",
    "KeyFigure",
    "LegendEntry",
    "LegendGroup",
    "MapPart",
    "Origin",
    "Row",
    "Section",
    "Series",
    "SignCell",
    "Table",
]

EMPTY = Text("没有符合条件的要素", "No feature meets the conditions")

Dash = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One class that is drawn.

    ``key`` names the class and is the same on the map (a mark's icon, ``step-2``, ``ring-1`` …) and in the tables.
    """

    key: str
    kind: Literal["sign", "line", "fill", "hatch"]
    text: str
    sign: str | None = None
    """Of a ``sign``: its drawing, a name in ``Content.signs``, printed ``size_mm`` wide."""
    size_mm: float = 4.2
    colour: str = "#1B2733"
    edge: str | None = None
    width_mm: float = 0.3
    dash_mm: Dash = ()
    count: int | None = None
    """How many of the class are drawn, where the legend says so."""


@dataclass(frozen=True, slots=True)
class LegendGroup:
    """Entries under a caption, which says what shape, colour and size mean."""

    caption: str | None
    entries: tuple[LegendEntry, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """One division of a choropleth: GeoJSON geometry in degrees, and the class it is filled with."""

    code: str
    name: str
    geometry: Mapping[str, object]
    step: int
    value: float


@dataclass(frozen=True)
class MapPart:
    """One map: what is drawn with its frame and scale (``panel.sheet``), its legend, and the features it numbers."""

    key: str
    """A word for file names: ``map``, ``before``, ``after``."""
    title: str | None
    alt: str
    """What the map shows, for a reader who does not see it."""
    panel: Panel
    legend: tuple[LegendGroup, ...]
    items: tuple[Item, ...] = ()
    """In the order of the table. ``number`` is the number on the map."""
    areas: tuple[Area, ...] = ()
    relief: Relief | None = None
    inset: Panel | None = None
    """The locator: where the frame lies."""
    inset_caption: str = ""
    free_corner: Box | None = None
    """Ground in the frame (mm from its top left) without subject, where the legend may stand."""

    @property
    def classes(self) -> frozenset[str]:
        """The keys of everything that the legend explains."""
        return frozenset(entry.key for group in self.legend for entry in group.entries)


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One large number."""

    value: float
    unit: str
    label: str
    digits: int = 0


ColumnKind = Literal["text", "sign", "integer", "number", "date", "bar"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``width`` is a share of the table's, ``digits`` those after the point of a ``number``.

    The cells of a ``bar`` are numbers (a bar as long as its share of the column's greatest) or, with ``colours``,
    a tuple of numbers (the parts of one bar).
    """

    key: str
    title: str
    kind: ColumnKind = "text"
    width: float = 10
    digits: int = 0
    align: Literal["left", "right", "center"] | None = None
    sign: str | None = None
    """A drawing of ``Content.signs`` beside the title."""
    colours: tuple[str, ...] = ()

    @property
    def side(self) -> Literal["left", "right", "center"]:
        """Numbers stand right, the rest left, where ``align`` says nothing."""
        return self.align or ("right" if self.kind in ("integer", "number") else "left")


@dataclass(frozen=True, slots=True)
class SignCell:
    """Words beside a drawing of ``Content.signs``."""

    sign: str
    text: str


Cell = str | int | float | date | SignCell | tuple[float, ...] | None
"""None is unknown and stays empty; the text ``—`` is not applicable."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row; a ``band`` has one cell, the title of the rows that follow."""

    cells: tuple[Cell, ...]
    role: Literal["row", "band", "total"] = "row"
    tone: Literal["plain", "alert"] = "plain"
    keys: frozenset[str] = frozenset()
    """The classes of the legend that this row is one of (or counts)."""


@dataclass(frozen=True, slots=True)
class Table:
    """``of`` is how many rows there would be; more than are listed says that the table is cut."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    of: int | None = None
    note: str = ""
    compact: bool = False
    """A small table of counts that stands beside the map, not a list of features."""

    @property
    def listed(self) -> int:
        """How many rows of features it has."""
        return sum(row.role == "row" for row in self.rows)

    @property
    def is_cut(self) -> bool:
        """Whether rows are left out."""
        return self.of is not None and self.of > self.listed


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart: a value for each category."""

    key: str
    title: str
    colour: str
    values: tuple[float, ...]


ChartKind = Literal["bars", "stacked", "columns"]
"""Lying bars side by side, lying bars of parts, standing columns."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as data."""

    key: str
    title: str
    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One page and those it continues on: maps, figures, tables, charts, text."""

    key: str
    title: str | None
    maps: tuple[MapPart, ...] = ()
    figures: tuple[KeyFigure, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    paragraphs: tuple[str, ...] = ()
    heading: str = ""
    """Over the paragraphs: 风险说明, 研判要点."""
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no feature met the conditions: its maps and tables show none."""
        return not any(each.items or each.areas for each in self.maps) and not any(t.listed for t in self.tables)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where what is shown comes from."""

    layers: tuple[str, ...]
    """Whose revisions the exhibit depends on."""
    sources: str
    """The layers and grids that are shown, by title."""
    data_until: str | None
    """The newest date that any feature's data has."""
    demo: bool
    """Whether anything of it is demonstration data."""


@dataclass(frozen=True)
class Content:
    """A whole exhibit. The first section is the first page; a kind of one page has one section."""

    kind: str
    title: str
    subtitle: str
    sections: tuple[Section, ...]
    signs: Mapping[str, str]
    """Drawings (SVG) by name: the map's own, for legends and tables."""
    origin: Origin
    layout: Layout = "side"
    rules_version: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    """Further things to be told of the making: the period of a pack, the date that is compared with."""

    @property
    def maps(self) -> tuple[MapPart, ...]:
        """All maps, in order."""
        return tuple(each for section in self.sections for each in section.maps)

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables, in order."""
        return tuple(each for section in self.sections for each in section.tables)
