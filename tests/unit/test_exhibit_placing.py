"""Symbols of one place part, numbers find their places, and what is crowded out shares a list: nothing is lost."""

from __future__ import annotations

import itertools
import math

import pytest

from geo.exhibits.parting import part_symbols
from geo.exhibits.placing import Label, Rect, Taken, place_beyond, place_labels
from geo.exhibits.wording import number_list

FRAME = (124.0, 132.0)


def test_symbols_of_one_place_stand_apart_each_with_a_line_to_it():
    parted = part_symbols([(60.0, 60.0)] * 7, [4.4] * 7, [], FRAME)
    for one, other in itertools.combinations(parted, 2):
        assert math.dist((one.x, one.y), (other.x, other.y)) > 0.85 * 4.4
    assert all(each.line is not None and each.line[0] == (60.0, 60.0) for each in parted if each.line)
    assert sum(each.line is None for each in parted) <= 1


def test_symbols_that_hide_nothing_stay():
    places = [(10.0 + 9 * n, 20.0) for n in range(10)]
    parted = part_symbols(places, [4.4] * 10, [], FRAME)
    assert [(each.x, each.y, each.line) for each in parted] == [(x, y, None) for x, y in places]


def test_symbols_leave_what_must_be_seen_and_stay_in_the_frame():
    point = Rect.around(60, 60, 6, 6)
    crowd = [(60 + 3 * math.cos(n), 60 + 3 * math.sin(2 * n)) for n in range(30)] + [(1.0, 1.0), (1.5, 1.0)]
    parted = part_symbols(crowd, [3.6] * 32, [point], FRAME, room=[3.4] * 32)
    assert all(0 <= each.x <= FRAME[0] and 0 <= each.y <= FRAME[1] for each in parted)
    assert not any(Rect.around(each.x, each.y, 1.2, 1.2).touches(point) for each in parted)
    assert max(math.dist((each.x, each.y), place) for each, place in zip(parted, crowd, strict=True)) <= 22.01


def test_the_same_symbols_always_part_in_the_same_way():
    crowd = [(60 + n % 5, 60 + n // 5) for n in range(25)]
    assert part_symbols(crowd, [4.0] * 25, [], FRAME) == part_symbols(crowd, [4.0] * 25, [], FRAME)


def test_places_off_the_frame_neither_move_nor_push():
    parted = part_symbols([(-3.0, 5.0), (-3.0, 5.0), (2.0, 5.0)], [4.4] * 3, [], FRAME)
    assert [(each.x, each.y) for each in parted] == [(-3.0, 5.0), (-3.0, 5.0), (2.0, 5.0)]


def test_a_name_is_placed_before_a_number_alone_where_it_fits():
    roomy, tight = Label(60, 60, 2, 2, 2.4, (20, 3)), Label(20, 20, 2, 2, 2.4, (200, 3))
    first, second = place_labels([roomy, tight], [], *FRAME)
    assert first is not None
    assert first.is_wish
    assert second is not None
    assert not second.is_wish


def test_a_label_in_a_crowd_gets_out_under_its_neighbours():
    wall = Taken(Rect.around(60 + x, 60 + y, 4, 4) for x in range(-8, 9, 4) for y in range(-8, 9, 4))
    placed = place_beyond(Label(60, 60, 2, 5, 2.4), wall, *FRAME)
    assert placed is not None
    assert placed.leader is not None
    assert math.dist((placed.x, placed.y), (60, 60)) > 8


@pytest.mark.parametrize(("numbers", "said"), [([3, 4, 5, 9], "3–5、9"), ([2, 1], "1、2"), ([], ""), ([7], "7")])
def test_numbers_in_a_row_are_told_as_a_range(numbers, said):
    assert number_list(numbers) == said
