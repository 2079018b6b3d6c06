"""The risk index of a place, explained: contributions that add up to it, a range for what is unknown, a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from geo.risk.rules import Escalation, Factor, RuleSet
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["compose_index"]

_WHOLE = 0.995
"""A reach of which more than this is known counts as known: the rest is a border's."""

_CENT = Decimal("0.01")
_NOTHING: dict[str, object] = {"points": 0, "features": 0, "ungraded": 0, "might_add": 0, "listed": []}


def _people_factor(factor: Factor, people: float | None, known_share: float) -> dict[str, object]:
    """The points of the people within reach; where people are unknown, the range widens by all that they might add."""
    assert factor.full_at_people is not None
    if people is None:
        return {"points": Decimal(0), "people": None, "might_add": Decimal(str(factor.maximum))}
    share = min(1.0, people / factor.full_at_people)
    points = (Decimal(str(factor.maximum)) * Decimal(str(share))).quantize(_CENT)
    whole = known_share >= _WHOLE
    might_add = Decimal(0) if whole else Decimal(str(factor.maximum)) - points
    unknown = {} if whole else {"known_share": round(known_share, 3)}
    return {"points": points, "people": round(people), "might_add": might_add, **unknown}


def _described(factor: Factor, found: dict[str, object]) -> dict[str, object]:
    head: dict[str, object] = {
        "factor": factor.id,
        "title": {"zh": factor.title.zh, "en": factor.title.en},
        "maximum": factor.maximum,
        "reach_m": factor.reach_m,
    }
    might = Decimal(str(found["might_add"]))
    points = Decimal(str(found["points"])).quantize(_CENT)
    room = Decimal(str(factor.maximum)) - points
    return {**head, **found, "points": points, "might_add": min(might, room).quantize(_CENT)}


def _sentence(factors: list[dict[str, object]], index: Decimal, upper: Decimal, grade: Text) -> Text:
    given = sorted((each for each in factors if each["points"]), key=lambda each: -Decimal(str(each["points"])))
    reasons_zh, reasons_en = [], []
    for each in given[:3]:
        title = each["title"]
        assert isinstance(title, dict)
        if "people" in each:
            reasons_zh.append(f"{title['zh']}约 {each['people']:,} 人({each['points']} 分)")
            reasons_en.append(f"{title['en']}: about {each['people']:,} ({each['points']})")
        else:
            reasons_zh.append(f"{title['zh']} {each['features']} 处({each['points']} 分)")
            reasons_en.append(f"{title['en']}: {each['features']} ({each['points']})")
    zh = f"风险指数 {index},{grade.zh};" + (
        "主要来自" + "、".join(reasons_zh) if given else "规则范围内没有已分级的风险"
    )
    en = f"Risk index {index}, {grade.en}; " + (
        "mainly " + "; ".join(reasons_en) if given else "no graded risk within the rules' reach"
    )
    if upper > index:
        unknown = sum(int(str(each.get("ungraded", 0))) for each in factors)
        blind = any(each.get("people", 0) is None or "known_share" in each for each in factors)
        why_zh = "、".join([*([f"{unknown} 处未分级"] if unknown else []), *(["人口未知"] if blind else [])])
        why_en = " and ".join([*([f"{unknown} not graded"] if unknown else []), *(["people unknown"] if blind else [])])
        zh, en = f"{zh}。因{why_zh},指数最高可能为 {upper}", f"{en}. With {why_en} it may be up to {upper}"
    return Text(f"{zh}。", f"{en}.")


def _worse(one: RiskGrade, other: RiskGrade | None) -> RiskGrade:
    return one if other is None or one.rank <= other.rank else other


def _reached(rule: Escalation, closest: Mapping[str, Mapping[str, object]]) -> bool:
    nearest = closest.get(rule.feature.value)
    return nearest is not None and Decimal(str(nearest["distance_m"])) <= Decimal(str(rule.within_m))


def _escalation(rules: RuleSet, closest: Mapping[str, Mapping[str, object]]) -> RiskGrade | None:
    """The worst grade that a single near feature asks for."""
    asked = [rule.grade for rule in rules.escalation if _reached(rule, closest)]
    return min(asked, key=lambda grade: grade.rank, default=None)


def _escalated(sentence: Text, grade: RiskGrade, closest: Mapping[str, Mapping[str, object]], rules: RuleSet) -> Text:
    rule = next(each for each in rules.escalation if each.grade is grade and _reached(each, closest))
    nearest = closest[rule.feature.value]
    away, within = f"{nearest['distance_m']}", f"{rule.within_m:g}"
    colour = rule.feature.code_text.zh
    zh = f"{within} 米内有{colour}色要素({nearest['name']},{away} 米),等级不低于{grade.label.zh}。"
    en = f" A {rule.feature.value} feature within {within} m ({away} m) makes it at least {grade.label.en}."
    return Text(sentence.zh + zh, sentence.en + en)


def compose_index(
    scored_json: str | bytes, rules: RuleSet, people: float | None, known_share: float = 1.0
) -> dict[str, object]:
    """The index of what ``index_statement`` scored; its contributions add up to it exactly (in hundredths).

    ``people`` is the estimate within the people factor's reach, None when no population grid covers it;
    ``known_share`` is how much of the reach the estimate is of.
    """
    scored = json.loads(scored_json, parse_float=Decimal)
    by_factor = {each.pop("factor"): each for each in scored["factors"]}
    factors = [
        _described(
            factor,
            _people_factor(factor, people, known_share)
            if factor.kind == "people"
            else by_factor.get(factor.id, dict(_NOTHING)),
        )
        for factor in rules.factor
    ]
    index = sum((Decimal(str(each["points"])) for each in factors), Decimal(0))
    upper = min(Decimal(100), index + sum((Decimal(str(each["might_add"])) for each in factors), Decimal(0)))
    escalated = _escalation(rules, scored["closest"])
    grade = _worse(rules.grade_of(float(index)), escalated)
    sentence = _sentence(factors, index, upper, Text(f"{grade.code_text.zh} {grade.label.zh}", grade.label.en))
    if escalated is not None and escalated is grade and escalated is not rules.grade_of(float(index)):
        sentence = _escalated(sentence, escalated, scored["closest"], rules)
    return {
        "value": index,
        "range": [index, upper],
        "grade": grade.value,
        "grade_by_index": rules.grade_of(float(index)).value,
        "grade_if_worst": _worse(grade, rules.grade_of(float(upper))).value,
        "closest": scored["closest"],
        "why": sentence.as_dict(),
        "contributions": factors,
        "rules": rules.version,
    }
