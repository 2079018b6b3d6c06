"""Beds against people: a verdict only where it holds whatever is unknown."""

from __future__ import annotations

import json

import pytest

from geo.rasters import PeopleEstimate
from geo.risk.capacity import Beds, beds_of, capacity_rows


def beds(capacity=0, people=None, unknown=0, share=1.0):
    return Beds(3000.0, 2, capacity, unknown, people, share if people is not None else 0.0)


@pytest.mark.parametrize(
    ("found", "short", "enough"),
    [
        (beds(500, 400), (0, 0), True),
        (beds(400, 400), (0, 0), True),
        (beds(300, 400), (100, 100), False),
        (beds(300, 400, unknown=1), (0, 100), None),
        (beds(500, 400, unknown=1), (0, 0), True),
        (beds(500, 400, share=0.5), (0, None), None),
        (beds(300, 400, share=0.5), (100, None), False),
        (beds(300, 400, unknown=1, share=0.5), (0, None), None),
        (beds(300), (None, None), None),
    ],
)
def test_the_range_and_the_verdict(found, short, enough):
    assert found.short_people == short
    assert found.enough is enough


def test_the_sentence_says_what_is_unknown():
    assert "人口未知" in beds(300).why.zh
    assert "people unknown" in beds(300).why.en
    assert "1 处容量未知" in beds(300, 400, unknown=1).why.zh
    assert "缺 0 至 100 张" in beds(300, 400, unknown=1).why.zh
    assert "至少缺 100 张" in beds(300, 400, share=0.5).why.zh
    assert "100 beds short" in beds(300, 400).why.en
    assert "enough beds" in beds(400, 400).why.en


def test_rings_add_up_from_the_innermost():
    found = json.dumps(
        [
            {"ring_m": 3000, "shelters": 1, "capacity": 200, "unknown": 0},
            {"ring_m": 1000, "shelters": 2, "capacity": 50, "unknown": 1},
        ]
    )
    people = [PeopleEstimate(40.4, 1.0, "grid", True), None, PeopleEstimate(None, 0.0, "grid", False)]
    inner, middle, outer = beds_of(found, (1000.0, 3000.0, 5000.0), people)
    assert (inner.shelters, inner.capacity_people, inner.unknown_capacity, inner.people) == (2, 50, 1, 40)
    assert (middle.shelters, middle.capacity_people, middle.unknown_capacity, middle.people) == (3, 250, 1, None)
    assert (outer.shelters, outer.capacity_people, outer.people) == (3, 250, None)
    assert inner.demo
    assert not outer.demo


def test_a_table_has_no_nested_values():
    for row in capacity_rows([beds(300, 400).as_dict(), beds(300).as_dict()]):
        assert not [value for value in row.values() if isinstance(value, list | dict)]
