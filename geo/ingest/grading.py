"""How a feature comes by its grade, and the sentence that says so: supplied, computed by the layer's rule, or none."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from layers.layer import Layer
from layers.severity import RISK_GRADE
from layers.text import Text

__all__ = ["grade_rows"]

_NO_VALUES = Text("计算等级所需的数值未知", "the values that the rule needs are not known")
_NO_RULE = Text("来源未给定等级", "the source gives no grade")


def _basis(kind: str, why: Text, rule: Text | None = None) -> str:
    basis: dict[str, object] = {"kind": kind, **why.as_dict()}
    if rule is not None:
        basis["rule"] = rule.as_dict()
    return json.dumps(basis, ensure_ascii=False)


def grade_rows(
    layer: Layer, supplied: Sequence[object], values: Mapping[str, Sequence[object]], count: int
) -> tuple[list[object], list[object]]:
    """Grades and their bases (JSON) of ``count`` rows: as supplied, else by the layer's rule, else none."""
    rule = layer.grading.rule
    words = {level.code: level.title for level in RISK_GRADE.values}
    given = {
        code: _basis("supplied", Text(f"来源给定:{title.zh}", f"as supplied by the source: {title.en}"))
        for code, title in words.items()
    }
    nothing = _basis("none", _NO_VALUES if rule else _NO_RULE, layer.grading.title if rule else None)
    if rule is None:
        return list(supplied), [given.get(str(own), nothing) for own in supplied]
    names = list(values)
    cells = zip(*values.values(), strict=True) if names else (() for _ in range(count))
    computed: dict[tuple[str, Text], str] = {}
    grades: list[object] = []
    bases: list[object] = []
    for own, row in zip(supplied, cells, strict=True):
        grade, basis = own, given.get(str(own), nothing)
        if own is None and (decision := rule(dict(zip(names, row, strict=True)))) is not None:
            grade = decision.grade.value
            key = (decision.grade.value, decision.why)
            basis = computed.get(key) or _basis("computed", decision.why, layer.grading.title)
            if len(computed) < 10_000:
                computed[key] = basis
        grades.append(grade)
        bases.append(basis)
    return grades, bases
