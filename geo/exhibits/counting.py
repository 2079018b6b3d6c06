"""Counts as tables, charts and figures: by division and grade, from the same features that the map shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.cartography.drawing import draw_mark
from geo.cartography.symbology import GRADES_WORST_FIRST, Mark, compile_layer
from geo.exhibits.content import Cell, Chart, Column, KeyFigure, Row, Series, Table
from geo.exhibits.features import Counts
from geo.exhibits.kind import Order
from geo.exhibits.region import Region, level_title
from geo.exhibits.wording import printable
from layers.layer import Family, Layer
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = [
    "by_division",
    "division_table",
    "grade_chart",
    "grade_columns",
    "grade_figures",
    "grade_mark",
    "layer_table",
    "worst",
]

Grade = RiskGrade | None
_OF_DIVISION_UNKNOWN = Text("区划不详", "division unknown")
_TOTAL = Text("合计", "All")


def worst(counts: Counts, division: str | None = None, layer: str | None = None) -> int:
    """重大 and 较大 together."""
    return sum(counts.of(grade=grade, division=division, layer=layer) for grade in (RiskGrade.RED, RiskGrade.ORANGE))


def grade_mark(order: Order, grade: Grade, signs: dict[str, str]) -> Mark:
    """The bare mark of a grade as risks have it, with its drawing put into ``signs``."""
    risk = next(layer for layer in order.registry.values() if layer.family is Family.RISK)
    mark = compile_layer(risk, order.theme).mark(grade, None)
    signs.setdefault(mark.icon, draw_mark(mark).text)
    return mark


def grade_word(grade: Grade, lang: Lang) -> str:
    """重大 … 低, 未分级."""
    return grade.label.get(lang) if grade else Text("未分级", "ungraded").get(lang)


def present_grades(counts: Counts) -> tuple[Grade, ...]:
    """The four grades, and 未分级 where there is any; nothing but 未分级 where no feature has a grade."""
    if counts.is_ungraded:
        return (None,)
    return tuple(grade for grade in GRADES_WORST_FIRST if grade is not None or counts.of(grade=None))


def grade_columns(order: Order, grades: Sequence[Grade], signs: dict[str, str], width: float = 9) -> list[Column]:
    """One column of counts for each grade, its sign in the head."""
    lang = order.lang
    return [
        Column(
            f"grade-{grade.value if grade else 'none'}",
            (grade.code_text if grade else Text("未", "–")).get(lang),
            "integer",
            width,
            sign=grade_mark(order, grade, signs).icon,
        )
        for grade in grades
    ]


def by_division(region: Region, counts: Counts) -> list[tuple[str, str, Counts]]:
    """(code, name, counts) of each counted division, the worst first; what lies in none of them last."""
    parts: dict[str, dict[tuple[str, Grade, str], int]] = {each.code: {} for each in region.parts}
    outside: dict[tuple[str, Grade, str], int] = {}
    for cell, n in counts.cells.items():
        part = region.part_of(cell[2])
        (parts[part.code] if part is not None else outside)[cell] = n
    names = {each.code: printable(each.name, 14) or each.code for each in region.parts}
    rows = [(code, names[code], Counts(cells)) for code, cells in parts.items()]
    rows.sort(key=lambda row: (*(-row[2].of(grade=grade) for grade in RiskGrade), -row[2].total, row[0]))
    return [*rows, ("", "", Counts(outside))] if outside and region.parts else rows


def division_table(
    order: Order,
    region: Region,
    counts: Counts,
    signs: dict[str, str],
    *,
    title: str,
    areas_km2: Mapping[str, float] | None = None,
    chart: bool = True,
) -> Table:
    """Counted divisions × grades with totals; with areas also the density; and a bar of what each is made of."""
    lang = order.lang
    grades = present_grades(counts)
    columns = [Column("division", level_title(region.by, lang), "text", 22), *grade_columns(order, grades, signs)]
    columns.append(Column("all", _TOTAL.get(lang), "integer", 10))
    if areas_km2 is not None:
        columns.append(Column("worst_share", Text("红橙 %", "R+O %").get(lang), "integer", 11))
        columns.append(Column("density", Text("处/百km²", "/100 km²").get(lang), "number", 14, 1))
    if chart:
        colours = tuple(order.theme.grade(grade).fill for grade in grades)
        columns.append(Column("parts", Text("构成", "Made of").get(lang), "bar", 26, colours=colours))
    rows: list[Row] = []
    for code, name, own in by_division(region, counts):
        numbers = [own.of(grade=grade) for grade in grades]
        cells: list[Cell] = [name or _OF_DIVISION_UNKNOWN.get(lang), *(n if n else "–" for n in numbers), own.total]
        if areas_km2 is not None:
            area = areas_km2.get(code)
            cells.append(_worst_share(own))
            cells.append(own.total / area * 100 if area else None)
        if chart:
            cells.append(tuple(float(n) for n in numbers))
        keys = frozenset(_key(grade) for grade, n in zip(grades, numbers, strict=True) if n)
        rows.append(Row(tuple(cells), keys=keys))
    if rows:
        sums: list[Cell] = [_TOTAL.get(lang), *(counts.of(grade=grade) for grade in grades), counts.total]
        if areas_km2 is not None:
            whole = sum(areas_km2.values())
            sums.append(_worst_share(counts))
            sums.append(counts.total / whole * 100 if whole else None)
        rows.append(Row((*sums, None) if chart else tuple(sums), "total"))
    return Table("divisions", title, tuple(columns), tuple(rows))


def _worst_share(counts: Counts) -> Cell:
    """Percent; "–" of nothing, empty (unknown) where no feature has a grade."""
    if counts.is_ungraded:
        return None
    return round(100 * worst(counts) / counts.total) if counts.total else "–"


def _key(grade: Grade) -> str:
    return grade.value if grade else "none"


def layer_table(order: Order, layers: Sequence[Layer], counts: Counts, signs: dict[str, str]) -> Table:
    """Layers × grades, a small table beside the map."""
    lang = order.lang
    graded = any(layer.graded for layer in layers)
    grades = present_grades(counts) if graded else ()
    columns = [Column("layer", Text("类别", "Kind").get(lang), "text", 20)]
    columns += grade_columns(order, grades, signs, 6)
    columns.append(Column("all", _TOTAL.get(lang), "integer", 8))
    rows = []
    for layer in layers:
        total = counts.of(layer=layer.name)
        numbers = [counts.of(layer=layer.name, grade=grade) for grade in grades]
        if total:
            shown = ("—" if not layer.graded else n if n else "–" for n in numbers)
            rows.append(Row((layer.title.get(lang), *shown, total)))
    if len(rows) > 1:
        totals = (sum(counts.of(layer=layer.name, grade=g) for layer in layers if layer.graded) for g in grades)
        rows.append(Row((_TOTAL.get(lang), *totals, counts.total), "total"))
    title = Text("分类统计", "By kind").get(lang)
    return Table("layers", title, tuple(columns), tuple(rows), compact=True)


def grade_chart(order: Order, rows: Sequence[tuple[str, Counts]], title: str, most: int = 12) -> Chart:
    """Lying bars of grades, one bar a row; the rows beyond ``most`` are left to the table, which says so."""
    lang = order.lang
    everything = Counts({cell: n for _, counts in rows for cell, n in counts.cells.items()})
    grades = present_grades(everything)
    shown = [row for row in rows if row[1].total][:most]
    series = tuple(
        Series(
            _key(grade),
            grade_word(grade, lang),
            order.theme.grade(grade).fill,
            tuple(float(counts.of(grade=grade)) for _, counts in shown),
        )
        for grade in grades
    )
    rest = sum(1 for row in rows if row[1].total) - len(shown)
    note = Text(f"另有 {rest} 个区划见表。", f"{rest} more divisions are in the table.").get(lang) if rest > 0 else ""
    return Chart("grades", title, "stacked", tuple(name for name, _ in shown), series, note=note)


def grade_figures(counts: Counts, lang: Lang, what: Text, unit: Text) -> tuple[KeyFigure, ...]:
    """All, the two worst grades, and those without one; the worst are not told where no feature has a grade."""
    every = KeyFigure(counts.total, unit.get(lang), what.get(lang))
    ungraded = KeyFigure(counts.of(grade=None), unit.get(lang), Text("未分级", "not graded").get(lang))
    if counts.is_ungraded:
        return every, ungraded
    return (
        every,
        KeyFigure(counts.of(grade=RiskGrade.RED), unit.get(lang), Text("重大（红）", "major (red)").get(lang)),
        KeyFigure(
            counts.of(grade=RiskGrade.ORANGE), unit.get(lang), Text("较大（橙）", "considerable (orange)").get(lang)
        ),
        ungraded,
    )
