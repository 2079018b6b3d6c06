"""What a page of surroundings says in sentences and figures, from the risk answer that the map was drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from geo.exhibits.content import Column, Row, Table
from geo.exhibits.marks import Item
from geo.exhibits.wording import compass, count_text, full_width, kilometres, printable
from layers.layer import Family
from layers.severity import RiskGrade
from layers.text import Lang, Text

__all__ = ["paragraphs_of", "ring_table_of"]


def _counts(answer: Mapping[str, object]) -> list[dict[str, object]]:
    counts = answer["counts"]
    assert isinstance(counts, list)
    return counts


def ring_table_of(answer: Mapping[str, object], radii: Sequence[float], lang: Lang) -> Table:
    """Rows of people, risks, protected places and resources by ring; people only where a grid tells."""
    words = {
        "people": Text("人口（万）", "People (1000)"),
        "risk": Text("风险隐患", "Risks"),
        "worst": Text("其中重大、较大", "of these red, orange"),
        "ungraded": Text("其中未分级", "not graded"),
        "protected": Text("防护目标", "Protected"),
        "resource": Text("应急资源", "Resources"),
    }
    edges = [0.0, *radii]
    spans = [f"{inner / 1000:g}–{outer / 1000:g}" for inner, outer in pairwise(edges)]
    rows: list[Row] = []
    if (people := _people(answer)) is not None:
        rings = [people[0], *(max(outer - inner, 0) for inner, outer in pairwise(people))]
        per = 1e4 if lang == "zh" else 1e3
        told = (f"{each / per:.2f}" for each in (*rings, people[-1]))
        rows.append(Row((words["people"].get(lang), *told)))
    told_of = _told_of(answer)
    groups = [[each for each in _counts(answer) if each["ring_m"] == radius] for radius in radii]
    for key in ("risk", "worst", "ungraded", "protected", "resource"):
        numbers = [_sum(each for each in group if _is_of(each, key)) for group in groups]
        if key in told_of or key not in ("worst", "ungraded"):
            rows.append(Row((words[key].get(lang), *numbers, sum(numbers))))
    columns = (
        Column("ring", Text("圈层 km", "Ring km").get(lang), "text", 19),
        *(Column(f"ring-{at}", span, "integer", 9 if len(span) < 5 else 11) for at, span in enumerate(spans)),
        Column("all", Text("合计", "All").get(lang), "integer", 9),
    )
    return Table("rings", Text("圈层数字", "By ring").get(lang), columns, tuple(rows), compact=True)


_GRADES = frozenset(grade.value for grade in RiskGrade)


def _told_of(answer: Mapping[str, object]) -> frozenset[str]:
    """重大、较大 are told where any risk has a grade (or there is none), 未分级 where any has not: no 0 for unknown."""
    risks = [each for each in _counts(answer) if each["family"] == "risk" and each["count"]]
    graded = not risks or any(each["grade"] in _GRADES for each in risks)
    ungraded = any(each["grade"] not in _GRADES for each in risks)
    return frozenset((*(("worst",) if graded else ()), *(("ungraded",) if ungraded else ())))


def _sum(counts: Iterable[Mapping[str, object]]) -> int:
    return sum(int(str(each["count"])) for each in counts)


def _is_of(count: Mapping[str, object], key: str) -> bool:
    if key == "worst":
        return count["family"] == "risk" and count["grade"] in ("red", "orange")
    if key == "ungraded":
        return count["family"] == "risk" and count["grade"] not in _GRADES
    return count["family"] == key


def _people(answer: Mapping[str, object]) -> list[float] | None:
    """People within each radius, or None where any is unknown."""
    rings = answer["rings"]
    assert isinstance(rings, dict)
    found: list[float] = []
    for each in rings["features"]:
        said = each["properties"].get("people")
        if not isinstance(said, dict) or not isinstance(said.get("people"), int | float):
            return None
        found.append(float(said["people"]))
    return found or None


def paragraphs_of(answer: Mapping[str, object], items: Sequence[Item], reach_m: float, lang: Lang) -> tuple[str, ...]:
    """The index and its reasons, the risks, the protected places, the nearest help."""
    found = [
        _index(answer, lang),
        _risks(answer, items, reach_m, lang),
        _protected(items, reach_m, lang),
        _help(answer, lang),
    ]
    return tuple(each for each in found if each)


def _index(answer: Mapping[str, object], lang: Lang) -> str:
    index = answer.get("index")
    if not isinstance(index, dict):
        return ""
    why = str(index["why"][lang])
    return f"{full_width(why)}" if lang == "zh" else why


def _named(item: Item, lang: Lang) -> str:
    name = printable(item.properties.get("name"), 40) or printable(item.properties.get("source_id"), 40)
    if item.number is None:
        return name
    return f"{name}（{item.number} 号）" if lang == "zh" else f"{name} (no. {item.number})"


def _away(item: Item, lang: Lang) -> str:
    distance = item.properties["distance_m"]
    assert isinstance(distance, int | float)
    bearing = compass(item.properties.get("bearing_deg"), lang)
    if lang == "zh":
        return f"距 {kilometres(distance)} km" + (f"，方位{bearing}" if bearing != "—" else "")
    return f"{kilometres(distance)} km" + (f" {bearing}" if bearing != "—" else "")


def _risks(answer: Mapping[str, object], items: Sequence[Item], reach_m: float, lang: Lang) -> str:
    counts = [each for each in _counts(answer) if each["family"] == "risk"]
    total = _sum(counts)
    reach = f"{reach_m / 1000:g} km"
    if total == 0:
        return Text(f"{reach} 内没有已登记的风险隐患。", f"No registered risk within {reach}.").get(lang)
    parts = []
    for grade in RiskGrade:
        if number := _sum([each for each in counts if each["grade"] == grade.value]):
            parts.append(f"{grade.label.get(lang)} {number}" + (" 处" if lang == "zh" else ""))
    risks = [item for item in items if item.symbology.layer.family is Family.RISK and item.grade is not None]
    worst = min(risks, key=lambda item: (item.grade.rank, item.properties["distance_m"]), default=None)  # type: ignore[union-attr]  # graded ones only
    if lang == "zh":
        said = f"中心点周边 {reach} 内有风险隐患 {total} 处" + (
            f"，其中{'、'.join(parts)}。" if parts else "，均未分级。"
        )
        return said + (f"等级最高且最近的是{_named(worst, lang)}，{_away(worst, lang)}。" if worst else "")
    said = f"Within {reach}: {total} risks" + (f" ({', '.join(parts)})." if parts else ", none graded.")
    return said + (f" Worst and nearest: {_named(worst, lang)}, {_away(worst, lang)}." if worst else "")


_LOADS = {"students": Text("在校生", "students"), "beds": Text("床位", "beds")}


def _protected(items: Sequence[Item], reach_m: float, lang: Lang) -> str:
    own = [item for item in items if item.symbology.layer.family is Family.PROTECTED]
    if not own:
        return ""
    titles: dict[str, int] = {}
    for item in own:
        title = item.symbology.layer.title.get(lang)
        titles[title] = titles.get(title, 0) + 1
    loads = []
    for name, word in _LOADS.items():
        known = [value for item in own if isinstance(value := item.properties.get(name), int | float)]
        if known:
            loads.append(f"{word.get(lang)} {count_text(sum(known))}")
    if lang == "zh":
        listed = "、".join(f"{title} {number} 处" for title, number in titles.items())
        said = f"圈内防护目标有{listed}" + (f"，已知{'、'.join(loads)}" if loads else "")
        return f"{said}；最近的是{_named(own[0], lang)}，{_away(own[0], lang)}。"
    listed = ", ".join(f"{title} {number}" for title, number in titles.items())
    said = f"Protected places: {listed}" + (f" ({', '.join(loads)})" if loads else "")
    return f"{said}; nearest {_named(own[0], lang)}, {_away(own[0], lang)}."


def _help(answer: Mapping[str, object], lang: Lang) -> str:
    nearest = answer["nearest"]
    assert isinstance(nearest, list)
    titles = {
        "shelters": Text("避难场所", "shelter"),
        "helipads": Text("直升机起降点", "helipad"),
        "rescue_teams": Text("救援队伍", "rescue team"),
        "supply_depots": Text("物资储备库", "supply depot"),
    }
    parts = []
    for group in nearest:
        if not group["features"]:
            continue
        properties = group["features"][0]["properties"]
        title = titles.get(group["layer"], Text("资源", "resource")).get(lang)
        name = printable(properties["name"], 40) or printable(properties["source_id"], 40)
        away = f"{kilometres(properties['distance_m'])} km"
        parts.append(f"{title}{name}（{away}）" if lang == "zh" else f"{title} {name} ({away})")
    if not parts:
        return ""
    return f"最近的可用资源：{'、'.join(parts)}。" if lang == "zh" else f"Nearest help: {'; '.join(parts)}."
