"""Marks on a panel: which symbol each feature has, how large it is printed, where it stands, and its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry

from geo.cartography.drawing import draw_mark
from geo.cartography.symbology import LayerSymbology, Mark
from geo.exhibits.panel import Panel, feature, geometry_of
from geo.exhibits.paper import Box
from geo.exhibits.parting import Parted, part_symbols
from geo.exhibits.placing import Label, Line, Placed, Rect, Taken, along, place_beyond, place_labels
from geo.exhibits.sheet import PX_PER_MM, Sheet
from geo.exhibits.wording import number_list, printable
from layers.severity import RiskGrade

__all__ = ["Arranged", "Item", "add_marks", "arrange", "item_of", "size_of_drawing", "text_width_mm"]

_SIZES_MM: dict[RiskGrade | None, float] = {
    RiskGrade.RED: 4.8,
    RiskGrade.ORANGE: 4.2,
    RiskGrade.YELLOW: 3.4,
    RiskGrade.BLUE: 3.2,
    None: 3.4,
}
_FEW, _SOME, _MANY, _VERY_MANY = 30, 80, 160, 500
_MOST_NUMBERED = 300
_DIGIT_EM, _CAP_EM = 0.57, 0.82
_MM_PER_PT = 0.35278
_NAME_PT = 8.0
_APART, _APART_OF_MANY = 0.92, 0.42
"""How far symbols part: that each is seen whole; of many, that none is hidden."""
_SHARED_REACH_MM = 9.0
_SHARED_MOST = 8


@dataclass(frozen=True)
class Item:
    """One feature on the map and in the table."""

    symbology: LayerSymbology
    properties: Mapping[str, object]
    shape: BaseGeometry
    mark: Mark
    lon: float
    lat: float
    number: int | None = None

    @property
    def grade(self) -> RiskGrade | None:
        """Its risk grade."""
        return self.mark.grade

    @property
    def name(self) -> str:
        """Its name, else its id."""
        return printable(self.properties.get("name")) or printable(self.properties.get("source_id"))


@dataclass(frozen=True)
class _Note:
    """A text on the map that tells numbers: of one item, or of several that share it."""

    text: str
    placed: Placed
    pt: float
    named: bool = False


@dataclass(frozen=True)
class Arranged:
    """Where everything of a map's items stands. ``unplaced`` are numbers that the map has no room for."""

    items: tuple[Item, ...]
    stands: tuple[Parted, ...]
    sizes_mm: tuple[float, ...]
    notes: tuple[_Note, ...]
    unplaced: tuple[int, ...]


def item_of(
    symbology: LayerSymbology, properties: Mapping[str, object], shape: BaseGeometry, within: BaseGeometry
) -> Item:
    """A feature with its mark; the mark of a line or an area stands on the part of it that is ``within``."""
    grade = RiskGrade(str(properties["grade"])) if properties.get("grade") else None
    field = symbology.layer.symbol.glyph_field
    value = properties.get(field) if field else None
    glyph = symbology.glyphs.get(str(value) if value is not None else None, symbology.glyphs[None])
    seen = shape if shape.geom_type == "Point" else shape.intersection(within)
    if seen.is_empty:
        seen = shape
    if shapely.get_dimensions(seen) == 1:
        longest = max(getattr(seen, "geoms", [seen]), key=lambda part: part.length)
        place = longest.interpolate(0.5, normalized=True)
    else:
        place = seen.representative_point()
    return Item(symbology, properties, shape, symbology.mark(grade, glyph), place.x, place.y)


def _size_mm(item: Item, count: int) -> float:
    if count <= _FEW:
        return 4.4
    steps = ((_SOME, 1.0), (_MANY, 0.85), (300, 0.7), (_VERY_MANY, 0.6))
    return _SIZES_MM[item.grade] * next((factor for most, factor in steps if count <= most), 0.5)


def size_of(mark: Mark, size_mm: float) -> float:
    """The factor by which a mark's drawing is scaled so that its outline is ``size_mm`` wide."""
    return round(size_mm * PX_PER_MM / (draw_mark(mark).edge_px - 4), 4)


def _number_pt(count: int) -> float:
    return 8.5 if count <= _SOME else 7.5 if count <= _MANY else 6.5


def text_width_mm(text: str, pt: float) -> float:
    """About how wide a text is: an em for a Chinese character, a little over half for others."""
    return sum(1.0 if ord(each) > 0x2E7F else _DIGIT_EM for each in text) * pt * _MM_PER_PT


def _rank(item: Item) -> int:
    return item.grade.rank if item.grade else 5


def arrange(
    items: Sequence[Item],
    sheet: Sheet,
    obstacles: Sequence[Rect],
    *,
    named: int = 0,
    numbered: int = _MOST_NUMBERED,
) -> Arranged:
    """Part symbols that hide each other, number the items in their order, and find each number its place.

    The worst choose their place first. Only the worst ``numbered`` are numbered. Up to ``named`` of the
    worst (重大, and 较大 while there is room) carry their name as well. What finds no place of its own shares a list
    of numbers with its neighbours.
    """
    count = len(items)
    order = sorted(range(count), key=lambda at: (_rank(items[at]), at))
    chosen = order[:numbered]
    numbers = {at: number for number, at in enumerate(sorted(chosen), start=1)}
    asked = _Asked(
        sheet.box,
        [sheet.mm(item.lon, item.lat) for item in items],
        [_size_mm(item, count) for item in items],
        obstacles,
        chosen,
        numbers,
        _names(items, order, numbers, named),
        _number_pt(len(chosen)),
        _APART if count <= _MANY or len(chosen) == count else _APART_OF_MANY,
    )
    best = _stand(asked, roomy=False)
    if best.lost and asked.apart == _APART:
        other = _stand(asked, roomy=True)
        best = other if len(other.lost) < len(best.lost) else best
    made = tuple(replace(item, number=numbers.get(at)) for at, item in enumerate(items))
    unplaced = tuple(sorted(numbers[at] for at in best.unplaced))
    return Arranged(made, tuple(best.stands), tuple(asked.sizes), tuple(best.notes), unplaced)


@dataclass(frozen=True)
class _Asked:
    """What is to be arranged; lists are by item."""

    box: Box
    places: list[tuple[float, float]]
    sizes: list[float]
    obstacles: Sequence[Rect]
    chosen: list[int]
    """Items that are numbered, the most important first."""
    numbers: Mapping[int, int]
    names: Mapping[int, str]
    pt: float
    apart: float


@dataclass(frozen=True)
class _Stood:
    stands: list[Parted]
    notes: list[_Note]
    lost: list[int]
    """Those that found no place of their own."""
    unplaced: list[int]
    """Of these, those that share no list either."""


def _stand(asked: _Asked, *, roomy: bool) -> _Stood:
    """One attempt: part the symbols (``roomy``: with room for their numbers beside them), then place the numbers."""
    width, height, pt = asked.box.w, asked.box.h, asked.pt
    if len(asked.places) <= _VERY_MANY:
        texts = [str(asked.numbers.get(at, "")) for at in range(len(asked.places))]
        room = [text_width_mm(text, pt) + 0.7 for text in texts] if roomy else None
        stands = part_symbols(asked.places, asked.sizes, asked.obstacles, (width, height), apart=asked.apart, room=room)
    else:
        stands = [Parted(*each) for each in asked.places]
    labels = [
        _label(stands[at], asked.sizes[at], str(asked.numbers[at]), pt, asked.names.get(at)) for at in asked.chosen
    ]
    boxes = [Rect.around(each.x, each.y, size, size) for each, size in zip(stands, asked.sizes, strict=True)]
    hard = [*asked.obstacles, *(box for at, box in enumerate(boxes) if at not in asked.numbers)]
    # Where all stand wide apart a number may lie on the line of a moved symbol: its halo parts the line.
    lines = [each.line for each in stands if each.line is not None] if not roomy else []
    found = place_labels(labels, hard, width, height, lines=lines)
    notes = [
        _Note(asked.names[at], place, _NAME_PT, True) if place.is_wish else _Note(str(asked.numbers[at]), place, pt)
        for at, place in zip(asked.chosen, found, strict=True)
        if place is not None
    ]
    lost = [at for at, place in zip(asked.chosen, found, strict=True) if place is None]
    shared, unplaced = _share(lost, asked, stands, notes, lines)
    return _Stood(stands, [*notes, *shared], lost, unplaced)


def _names(items: Sequence[Item], order: Sequence[int], numbers: Mapping[int, int], named: int) -> dict[int, str]:
    """Number and name of the worst, as long as there are not too many."""
    worst = [at for at in order if items[at].grade in (RiskGrade.RED, RiskGrade.ORANGE) and at in numbers]
    return {at: f"{numbers[at]} {printable(items[at].name, 12)}" for at in worst[:named]}


def _label(stand: Parted, size: float, text: str, pt: float, name: str | None) -> Label:
    height = _CAP_EM * pt * _MM_PER_PT
    wish = None if name is None else (text_width_mm(name, _NAME_PT) + 0.4, _CAP_EM * 1.25 * _NAME_PT * _MM_PER_PT)
    return Label(stand.x, stand.y, size / 2, text_width_mm(text, pt) + 0.5, height, wish)


def _share(
    lost: Sequence[int], asked: _Asked, stands: Sequence[Parted], notes: Sequence[_Note], lines: Sequence[Line]
) -> tuple[list[_Note], list[int]]:
    """Lists of numbers for neighbours that found no place of their own; and those that found none even so."""
    if not lost:
        return [], []
    pt = asked.pt
    height = _CAP_EM * 1.2 * pt * _MM_PER_PT
    boxes = [
        Rect.around(note.placed.x, note.placed.y, text_width_mm(note.text, note.pt), height + 0.4) for note in notes
    ]
    boxes += [box for note in notes if note.placed.leader for box in along(note.placed.leader)]
    boxes += [Rect.around(each.x, each.y, size, size) for each, size in zip(stands, asked.sizes, strict=True)]
    taken = Taken([*boxes, *asked.obstacles, *(box for line in lines for box in along(line))])
    made, unplaced = [], []
    for group in _neighbours(lost, stands):
        text = number_list([asked.numbers[at] for at in group])
        head = group[0]
        label = Label(stands[head].x, stands[head].y, asked.sizes[head] / 2, text_width_mm(text, pt), height)
        place = place_beyond(label, taken, asked.box.w, asked.box.h)
        if place is None:
            unplaced += group
        else:
            made.append(_Note(text, place, pt))
    return made, unplaced


def _neighbours(lost: Sequence[int], stands: Sequence[Parted]) -> list[list[int]]:
    """Groups of symbols that lie near the first of each."""
    groups: list[list[int]] = []
    for at in lost:
        x, y = stands[at].x, stands[at].y
        for group in groups:
            head = stands[group[0]]
            if len(group) < _SHARED_MOST and (head.x - x) ** 2 + (head.y - y) ** 2 <= _SHARED_REACH_MM**2:
                group.append(at)
                break
        else:
            groups.append([at])
    return groups


def add_marks(panel: Panel, arranged: Arranged) -> None:
    """Areas, lines, marks (the worst on top) with lines to the places they were moved from, numbers and leaders."""
    rows = list(zip(arranged.items, arranged.stands, arranged.sizes_mm, strict=True))
    for item, stand, size_mm in sorted(rows, key=lambda row: -_rank(row[0])):
        word = item.grade.value if item.grade else item.mark.icon.split("-")[0]
        dimension = shapely.get_dimensions(item.shape)
        if dimension:
            shape = geometry_of(item.shape.simplify(panel.sheet.simplify_deg))
            panel.add("areas" if dimension == 2 else "lines", [feature(shape, paint=word)])
        place: dict[str, object] = {"type": "Point", "coordinates": [item.lon, item.lat]}
        if stand.line is not None:
            panel.add("leaders", [feature(panel.line_mm(stand.line))])
            panel.add("true-places", [feature(place)])
            place = panel.place_mm(stand.x, stand.y)
        panel.add("marks", [feature(place, icon=item.mark.icon, size=size_of(item.mark, size_mm))])
    for note in arranged.notes:
        style = "worst-names" if note.named else "numbers"
        panel.add(style, [feature(panel.place_mm(note.placed.x, note.placed.y), name=note.text, pt=note.pt)])
        if note.placed.leader is not None:
            panel.add("leaders", [feature(panel.line_mm(note.placed.leader))])


def size_of_drawing(edge_px: float, size_mm: float) -> float:
    """The factor by which a whole drawing of ``edge_px`` is scaled to ``size_mm``."""
    return round(size_mm * PX_PER_MM / edge_px, 4)
