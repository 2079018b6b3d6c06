"""What an audit is: a question, who asks it and when, and findings that are features with a reason."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import asyncpg

from geo.database import Database, StatementBuilder
from geo.errors import InputError
from geo.rasters import Grids, RasterEntry
from geo.selection import Reader, Selection, quote
from layers.layer import Layer
from layers.registry import Registry
from layers.severity import Choices, Level, RiskGrade
from layers.text import Lang, Text

__all__ = [
    "GRADE_WORDS",
    "NOT_ASKED",
    "UNGRADED",
    "UNKNOWN",
    "Audit",
    "AuditAnswer",
    "AuditQuery",
    "Column",
    "Finding",
    "base_columns",
    "finding",
    "grade_code",
    "rows_of",
    "unreadable_notes",
    "words_of",
]


NOT_ASKED, UNKNOWN, UNGRADED = Text("—", "—"), Text("未知", "unknown"), Text("未分级", "not graded")
"""What an empty value may be called."""

GRADE_WORDS: Mapping[str, Text] = MappingProxyType(
    {
        grade.value: Text(f"{grade.code_text.zh} {grade.label.zh}", f"{grade.value}, {grade.label.en}")
        for grade in RiskGrade
    }
)
"""A grade by its code: colour and word."""


def words_of(choices: Choices[Level]) -> Mapping[str, Text]:
    """A scheme's words by code."""
    return {each.code: each.title for each in choices.values}


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a finding: its name (with the unit), its title, and how people read it."""

    name: str
    title: Text
    words: Mapping[str, Text] = field(default_factory=dict)
    """What its codes are called."""
    is_share: bool = False
    """Whether it is a part of 1, to be read in percent."""
    none: Text = NOT_ASKED
    """What an empty value is called: it does not apply, or nobody knows it."""


@dataclass(frozen=True)
class AuditQuery:
    """Who asks, of which division, as of which day. What an audit does not need it leaves alone."""

    registry: Registry
    today: date
    division: str | None = None
    reader: Reader = field(default_factory=Reader)
    grids: Grids | None = None
    reach_m: float | None = None
    """How far a hazard that is a point reaches; None: each layer's own."""
    sample_share: float = 0.1
    """The share of 一般 enterprises that the random inspection takes."""
    seed: str = ""
    """What the random sample is drawn by; empty: the year."""
    river_snap_m: float = 500.0
    """How far from a tailings pond a river may lie whose line the water is taken to follow."""
    downstream_breadth_m: float = 200.0
    """How far to either side of the water's way tailings are taken to spread."""

    def check(self) -> None:
        """Accept the question or say what is wrong with it.

        Raises:
            InputError: a reach or a share out of bounds.
        """
        if self.reach_m is not None and not (math.isfinite(self.reach_m) and 0 <= self.reach_m <= 5000):
            raise InputError(
                Text(
                    f"reach_m={self.reach_m:g} 应在 0 到 5,000 米之间",
                    f"reach_m={self.reach_m:g} should be 0 to 5,000 m",
                ),
                field="reach_m",
            )
        if not 0 <= self.sample_share <= 1:
            raise InputError(
                Text(
                    f"sample_share={self.sample_share:g} 应在 0 到 1 之间",
                    f"sample_share={self.sample_share:g} should be 0 to 1",
                ),
                field="sample_share",
            )

    def asked(self, layer: Layer) -> Selection:
        """The features that are audited: of the asked division, as far as the reader may see."""
        return Selection((layer,), division=self.division, reader=self.reader)

    def seen(self, layer: Layer) -> Selection:
        """The features that they are held against: wherever they lie, as far as the reader may see."""
        return Selection((layer,), reader=self.reader)


@dataclass(frozen=True)
class Finding:
    """One row: the feature that it is about, the audit's own values, and why it is here."""

    feature: Mapping[str, object]
    """GeoJSON with the properties that every finding has; personal data is masked as the reader's scope says."""
    values: Mapping[str, object]
    why: Text

    def as_feature(self, lang: Lang) -> dict[str, object]:
        """GeoJSON with the values and the reason in one language."""
        properties = self.feature["properties"]
        assert isinstance(properties, Mapping)
        return {**self.feature, "properties": {**properties, **self.values, "why": self.why.get(lang)}}


@dataclass(frozen=True)
class AuditAnswer:
    """``audited`` is how many features were looked at, ``notes`` say what the answer does not know."""

    audited: int
    findings: tuple[Finding, ...]
    summary: Text
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Audit:
    """One audit, declared once."""

    name: str
    title: Text
    about: Text
    layers: tuple[str, ...]
    columns: tuple[Column, ...]
    run: Callable[[Database, AuditQuery], Awaitable[AuditAnswer]]


_BASE = ("source", "source_id", "name", "grade", "division_code", "responsible_person", "responsible_phone", "demo")


def rows_of(selection: Selection, layer: Layer, sql: StatementBuilder) -> str:
    """A subselect of the layer's rows that the selection holds."""
    return f"(SELECT * FROM {quote(layer.name)} WHERE {selection.where(layer, sql)})"


def base_columns(selection: Selection, layer: Layer, alias: str) -> str:
    """What every finding tells of its feature, masked by the selection, and its geometry."""
    columns = ", ".join(f"{selection.column(layer, name, alias)} AS {quote(name)}" for name in _BASE)
    return f"{columns}, ST_AsGeoJSON({alias}.geom, 8, 0) AS geojson"


async def unreadable_notes(query: AuditQuery, entries: tuple[RasterEntry, ...]) -> tuple[Text, ...]:
    """What to say of grids that are registered and whose file cannot be opened."""
    names = [] if query.grids is None else await asyncio.to_thread(query.grids.unreadable, entries)
    return tuple(
        Text(
            f"栅格 {name} 的文件打不开,未用;请重新运行 onemap rasters add,或用 onemap rasters remove {name} 除去",
            f"the file of raster {name} cannot be opened and was not used; add it again, or remove it with "
            f"onemap rasters remove {name}",
        )
        for name in names
    )


def grade_code(finding: Finding) -> str | None:
    """The grade of the feature that a finding is about."""
    properties = finding.feature["properties"]
    assert isinstance(properties, Mapping)
    return None if properties["grade"] is None else str(properties["grade"])


def finding(layer: Layer, row: asyncpg.Record, values: Mapping[str, object], why: Text) -> Finding:
    """A finding about the feature of ``row``, which has ``base_columns``."""
    properties = {"layer": layer.name, **{name: row[name] for name in _BASE}}
    return Finding(
        {
            "type": "Feature",
            "id": f"{layer.name}/{row['source']}/{row['source_id']}",
            "geometry": json.loads(row["geojson"]),
            "properties": properties,
        },
        values,
        why,
    )
