"""The division that a row names, 赣县区/江口镇 or a code, as a polygon that its coordinates should lie in.

A name that is not known, or that several divisions bear, says nothing: then no coordinate is doubted for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import psycopg
import shapely

__all__ = ["TOLERANCE_DEG", "Area", "Division", "NamedAreas", "load_divisions"]

TOLERANCE_DEG = 0.003
"""About 300 m: outlines are generalised, and a place at the border is no mistake."""

_GENERIC = re.compile(r"(特别行政区|自治州|自治县|自治旗|地区|街道办事处|街道|办事处|[省市县区州盟旗乡镇])$")
_CODE = re.compile(r"(\d{2,12})(?:\.0+)?", re.ASCII)
_SEPARATORS = re.compile(r"[/\\>,，、;；|\s-]+")
_ANCESTOR_KEYS = (
    "COUNTYNAME",
    "县市",
    "县",
    "市",
    "省",
    "县区",
    "区县",
    "所属县",
    "COUNTY",
    "CITY",
    "PROVINCE",
    "上级名称",
)

_QUERY = """
SELECT coalesce(division_code, source_id), name, coalesce(parent_code, ''), level, ST_AsBinary(geom), extra
FROM divisions WHERE name IS NOT NULL AND level IS DISTINCT FROM 'zone' AND retired_at IS NULL
ORDER BY 1, source, source_id
"""


@dataclass(frozen=True, slots=True)
class Division:
    """One division: code, name, code of its parent (or empty), level, outline (EPSG:4490), names that it is part of."""

    code: str
    name: str
    parent: str
    level: str | None
    geometry: shapely.Geometry
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """A named place: its full name and its outline, and the next larger one that the row names too."""

    name: str
    geometry: shapely.Geometry
    outer: Area | None = None

    def holds(self, lon: npt.NDArray[np.float64], lat: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Where the points lie in it, or within about 300 m."""
        shapely.prepare(self.geometry)
        inside = np.asarray(shapely.contains_xy(self.geometry, lon, lat), dtype=bool)
        for at in np.flatnonzero(~inside & np.isfinite(lon) & np.isfinite(lat)):
            inside[at] = bool(shapely.dwithin(self.geometry, shapely.Point(lon[at], lat[at]), TOLERANCE_DEG))
        return inside


@lru_cache(maxsize=50_000)
def _folded(name: str) -> str:
    """A name as it is compared: NFKC, without spaces, simplified where the two scripts write one name."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))
    return text.translate(str.maketrans("臺縣區鄉鎮東雲義蘭蓮門湖龍灣莊頭", "台县区乡镇东云义兰莲门湖龙湾庄头"))


def _bare(folded: str) -> str:
    """A name without what kind of division it is: 赣县区 and 赣县 are 赣, 南康市 and 南康区 are 南康."""
    once = _GENERIC.sub("", folded)
    return once if len(once) >= 2 else folded


class NamedAreas:
    """Looks up the areas that rows name."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._divisions = list(divisions)
        by_code = {each.code: each for each in self._divisions}
        self._by_code: dict[str, int] = {}
        self._within: list[frozenset[str]] = []
        self._named: dict[str, list[int]] = defaultdict(list)
        members: dict[str, set[int]] = defaultdict(set)
        for index, each in enumerate(self._divisions):
            above = self._ancestors(each, by_code)
            self._by_code.setdefault(each.code, index)
            self._within.append(frozenset(above))
            for key in {_folded(each.name), _bare(_folded(each.name))}:
                self._named[key].append(index)
            for name in above:
                members[name].add(index)
        # A county that is known only through its towns is the union of them.
        self._groups = {name: sorted(found) for name, found in members.items() if name not in self._named}
        self._areas: dict[tuple[str | None, ...], Area] = {}
        self._found: dict[tuple[object, ...], Area | None] = {}
        self._all: Area | None = None

    def __bool__(self) -> bool:
        return bool(self._divisions)

    @staticmethod
    def _ancestors(each: Division, by_code: dict[str, Division]) -> set[str]:
        names = {_folded(name) for name in each.within}
        codes = [each.parent] if each.parent else [each.code[:length] for length in (2, 4, 6, 9)]
        seen = {each.code}
        while codes:
            code = codes.pop()
            above = by_code.get(code)
            if above is None or above.code in seen:
                continue
            seen.add(above.code)
            names.add(_folded(above.name))
            if above.parent:
                codes.append(above.parent)
        return names

    def _area(self, name: str, indices: Sequence[int], outer: Area | None) -> Area:
        key = (outer.name if outer else None, *(self._divisions[index].code for index in indices))
        if key not in self._areas:
            shapes = [self._divisions[index].geometry for index in indices]
            whole = shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)
            self._areas[key] = Area(name if outer is None else f"{outer.name}{name}", whole, outer)
        return self._areas[key]

    def everywhere(self) -> Area | None:
        """All known divisions together; None when none is known."""
        if self._all is None and self._divisions:
            self._all = Area("", shapely.union_all([each.geometry for each in self._divisions]))
        return self._all

    def find(self, cells: Sequence[object]) -> Area | None:
        """The deepest area that the cells of one row name, from the largest division to the smallest."""
        key = tuple(cells)
        if key not in self._found:
            self._found[key] = self._find([str(cell) for cell in cells if cell is not None])
        return self._found[key]

    def _find(self, cells: Sequence[str]) -> Area | None:
        found: Area | None = None
        above: set[str] = set()
        for cell in cells:
            for word in _SEPARATORS.split(cell.strip()):
                for name, indices in self._words(_folded(word), frozenset(above)):
                    found = self._area(name, indices, found)
                    above |= {name, *(_folded(self._divisions[index].name) for index in indices[:1])}
        return found

    def _words(self, text: str, above: frozenset[str]) -> list[tuple[str, list[int]]]:
        """The areas that one word names: itself, or a larger one with a smaller one behind it (臺北市中正區)."""
        if not text:
            return []
        if code := _CODE.fullmatch(text):
            coded = self._coded(code.group(1))
            return [] if coded is None else [(text, [coded])]
        if (whole := self._lookup(text, above)) is not None:
            return [(text, whole)]
        for cut in range(len(text) - 1, 1, -1):
            if (larger := self._lookup(text[:cut], above)) is not None:
                rest = self._words(text[cut:], above | {text[:cut]})
                return [(text[:cut], larger), *rest]
        return []

    def _coded(self, code: str) -> int | None:
        """The deepest known division that a code lies in: a village's township, where no more is known."""
        known = (code[:12], code[:9], code[:6], f"{code[:4]}00", f"{code[:2]}0000")
        return next((self._by_code[each] for each in known if each in self._by_code), None)

    def _lookup(self, name: str, above: frozenset[str]) -> list[int] | None:
        if name in self._groups:
            return self._groups[name]
        named = self._named.get(name) or self._named.get(_bare(name), [])
        if len(named) > 1:
            exact = [index for index in named if _folded(self._divisions[index].name) == name]
            named = exact or named
        if above and any(self._within[index] & above for index in named):
            named = [index for index in named if self._within[index] & above]
        elif above and len(named) == 1 and self._within[named[0]] and not self._within[named[0]] & above:
            return None  # 中正区 of another city than the row's
        return named if len(named) == 1 else None


def load_divisions(connection: psycopg.Connection) -> NamedAreas:
    """The divisions that are loaded."""
    found = []
    for code, name, parent, level, geometry, extra in connection.execute(_QUERY):
        within = tuple(str(extra[key]) for key in _ANCESTOR_KEYS if extra.get(key)) if isinstance(extra, dict) else ()
        outline: shapely.Geometry = shapely.from_wkb(bytes(geometry))
        found.append(Division(str(code), str(name), str(parent), level, outline, within))
    return NamedAreas(found)
