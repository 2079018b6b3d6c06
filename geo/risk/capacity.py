"""Are there enough beds: the capacity of the shelters within each ring against the people who live there.

Neither number is known whole: a shelter may have no capacity on record, a grid may not cover the ring. What is unknown
is counted and widens the stated range; a verdict is given only where it holds whatever the unknown may be.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from geo.database import Statement, StatementBuilder, Template
from geo.json_sql import as_bytes
from geo.rasters import PeopleEstimate
from geo.risk.form import Form, slot_values
from geo.risk.hits import Asked, hits, pieces_cte
from geo.risk.query import RiskQuery
from geo.selection import quote
from layers.layer import Layer
from layers.text import Text

__all__ = ["Beds", "beds_of", "capacity_rows", "capacity_statement"]

WHOLE = 0.995
"""A ring of which more than this is known counts as known: the rest is a border's."""


_BY_RING = """coalesce(json_agg(json_build_object('ring_m', ring_m, 'shelters', shelters, 'capacity', capacity,
'unknown', unknown)), '[]'::json)::text"""


def capacity_statement(query: RiskQuery, shelters: Layer) -> Statement:
    """SQL whose single value is a JSON list (UTF-8): shelters, capacity and unknown capacities by innermost ring.

    All usable shelters that the reader may see, whatever layers, grades or division were asked for.
    """
    whole = replace(query, layers=(shelters,), grades=None, division=None, nearest=0)
    return _template(Form.of(whole)).fill(slot_values(whole))


@lru_cache(maxsize=64)
def _template(form: Form) -> Template:
    sql = StatementBuilder()
    asked, (shelters,) = Asked.of(form, sql), form.layers
    usable = [
        f"({quote(column)} IS NULL OR {quote(column)} <> ALL ({sql.value(list(codes), 'text[]')}))"
        for column, codes in shelters.unusable.items()
    ]
    found = ",\n".join([*pieces_cte(asked), hits(shelters, asked)])
    return sql.template(
        f"""
WITH {found}
SELECT {as_bytes(_BY_RING)}
FROM (SELECT {asked.ring("distance_m")} AS ring_m, count(*) AS shelters, coalesce(sum(capacity_people), 0) AS capacity,
             count(*) FILTER (WHERE capacity_people IS NULL) AS unknown
      FROM {quote(shelters.name + "_hits")} WHERE {" AND ".join(usable) or "true"} GROUP BY 1) AS by_ring""",
        one_plan=form.one_plan,
    )


@dataclass(frozen=True, slots=True)
class Beds:
    """Beds and people within one radius."""

    radius_m: float
    shelters: int
    capacity_people: int
    """The capacities on record, added up: at least so many find a bed."""
    unknown_capacity: int
    """Shelters without a capacity on record."""
    people: int | None
    """None: no population grid says."""
    known_share: float
    """The share of the ring that the people are counted of."""
    demo: bool = False

    @property
    def people_whole(self) -> bool:
        """Whether the people are counted of the whole ring."""
        return self.people is not None and self.known_share >= WHOLE

    @property
    def short_people(self) -> tuple[int | None, int | None]:
        """For how many there is no bed, at least and at most; None where nothing bounds it."""
        if self.people is None:
            return None, None
        gap = max(0, self.people - self.capacity_people)
        return 0 if self.unknown_capacity else gap, gap if self.people_whole else None

    @property
    def enough(self) -> bool | None:
        """Whether there is a bed for everybody; None where the unknown decides it."""
        least, most = self.short_people
        if least:
            return False
        return True if most == 0 else None

    def as_dict(self) -> dict[str, object]:
        """For answers."""
        return {
            "radius_m": self.radius_m,
            "shelters": self.shelters,
            "capacity_people": self.capacity_people,
            "unknown_capacity": self.unknown_capacity,
            "people": self.people,
            "known_share": round(self.known_share, 3),
            "short_people": list(self.short_people),
            "enough": self.enough,
            "demo": self.demo,
            "why": self.why.as_dict(),
        }

    @property
    def why(self) -> Text:
        """The answer in a sentence."""
        zh = f"{_km(self.radius_m)} 公里内避难场所 {self.shelters} 处,可容纳 {self.capacity_people:,} 人"
        en = f"within {_km(self.radius_m)} km {self.shelters} shelters take {self.capacity_people:,} people"
        if self.unknown_capacity:
            zh += f"(另有 {self.unknown_capacity} 处容量未知)"
            en += f" ({self.unknown_capacity} of them have no capacity on record)"
        if self.people is None:
            return Text(
                f"{zh};人口未知,无法判断床位是否够用。",
                f"{en}; people unknown, so it cannot be told if that is enough.",
            )
        zh, en = f"{zh};人口约 {self.people:,} 人", f"{en}; about {self.people:,} live there"
        if not self.people_whole:
            zh += f"(只知道 {self.known_share:.0%} 的面积)"
            en += f" (of {self.known_share:.0%} of the area)"
        said = self._verdict()
        return Text(f"{zh}:{said.zh}。", f"{en}: {said.en}.")

    def _verdict(self) -> Text:
        least, most = self.short_people
        if self.enough:
            return Text("床位够用", "enough beds")
        if least:
            if most is None:
                return Text(f"床位至少缺 {least:,} 张", f"at least {least:,} beds short")
            return Text(f"床位缺 {least:,} 张", f"{least:,} beds short")
        if most is None:
            return Text("床位是否够用取决于未知部分", "whether that is enough hangs on what is unknown")
        return Text(
            f"床位缺 0 至 {most:,} 张,取决于容量未知的场所",
            f"0 to {most:,} beds short, by the capacities not on record",
        )


def _km(radius_m: float) -> str:
    return f"{radius_m / 1000:g}"


def beds_of(
    found_json: str | bytes, radii_m: Sequence[float], people: Sequence[PeopleEstimate | None]
) -> tuple[Beds, ...]:
    """What ``capacity_statement`` found, added up from the innermost ring outwards, against each ring's people."""
    by_ring = json.loads(found_json)
    beds = []
    for at, radius_m in enumerate(radii_m):
        inside = [each for each in by_ring if each["ring_m"] <= radius_m]
        estimate = people[at] if at < len(people) else None
        known = estimate is not None and estimate.people is not None
        beds.append(
            Beds(
                radius_m,
                sum(each["shelters"] for each in inside),
                int(sum(each["capacity"] for each in inside)),
                sum(each["unknown"] for each in inside),
                round(estimate.people) if estimate is not None and estimate.people is not None else None,
                estimate.known_share if estimate is not None and known else 0.0,
                estimate.demo if estimate is not None else False,
            )
        )
    return tuple(beds)


def capacity_rows(capacity: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    """The ``capacity`` of an answer as the rows of a table."""
    rows = []
    for each in capacity:
        short, why = each["short_people"], each["why"]
        assert isinstance(short, list)
        assert isinstance(why, dict)
        rows.append(
            {
                **{name: value for name, value in each.items() if name not in ("short_people", "why")},
                "short_at_least": short[0],
                "short_at_most": short[1],
                "why_zh": why["zh"],
                "why_en": why["en"],
            }
        )
    return rows
