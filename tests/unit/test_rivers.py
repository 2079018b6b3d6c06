"""Down a river: along what is joined, with the water, and both ways only where nobody says which way it runs."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.rivers import Flow, Reach, follow, nearest_reach

FORWARD, BACKWARD, UNKNOWN = Flow.FORWARD, Flow.BACKWARD, Flow.UNKNOWN


def reach(key: str, *places: tuple[float, float], flow: Flow = FORWARD) -> Reach:
    return Reach(key, key, shapely.LineString(places), flow)


# The main river runs east in two reaches that meet at 600; a tributary comes in there from the north.
FORK = [
    reach("upper", (0, 0), (600, 0)),
    reach("lower", (600, 0), (1500, 0)),
    reach("tributary", (600, 500), (600, 0)),
]


def names(course) -> list[str]:
    return [each.key for each in course.reaches]


def test_the_way_goes_down_the_river_through_a_confluence_and_not_up_the_tributary():
    course = follow(FORK, 0, 200, 1000)
    assert names(course) == ["upper", "lower"]
    assert course.shape.length == pytest.approx(1000)
    assert course.longest_m == pytest.approx(1000)
    assert shapely.bounds(course.shape).tolist() == [200, 0, 1200, 0]


def test_down_a_tributary_the_way_turns_into_the_river_downstream_only():
    course = follow(FORK, 2, 100, 1000)
    assert names(course) == ["tributary", "lower"]
    assert shapely.bounds(course.shape).tolist() == [600, 0, 1200, 400]


def test_a_line_drawn_against_the_water_is_followed_against_its_drawing():
    turned = [reach("upper", (600, 0), (0, 0), flow=BACKWARD), *FORK[1:]]
    course = follow(turned, 0, 400, 1000)
    assert shapely.bounds(course.shape).tolist() == [200, 0, 1200, 0]


def test_where_nobody_says_which_way_it_runs_both_ways_are_followed_and_that_is_told():
    unsure = [reach("upper", (0, 0), (600, 0), flow=UNKNOWN), *FORK[1:]]
    course = follow(unsure, 0, 200, 1000)
    assert shapely.bounds(course.shape).tolist() == [0, 0, 1200, 0]
    assert course.reaches[0].flow is UNKNOWN


def test_a_tributary_that_ends_beside_an_uncut_river_joins_it_and_a_bridge_does_not():
    river = [
        reach("river", (0, 0), (3000, 0)),
        reach("brook", (1000, 400), (1000, 1.5)),
        reach("aqueduct", (1300, 400), (1300, -400)),
        reach("near miss", (1200, 300), (1200, 2.5)),
    ]
    course = follow(river, 1, 0, 1000)
    assert names(course) == ["brook", "river"]
    assert shapely.bounds(course.shape)[2] == pytest.approx(1000 + 1000 - 398.5)
    assert names(follow(river, 0, 500, 1000)) == ["river"]


def test_where_a_river_parts_every_branch_is_followed():
    parting = [*FORK, reach("canal", (900, 0), (900, -700))]
    course = follow(parting, 0, 200, 1000)
    assert set(names(course)) == {"upper", "lower", "canal"}
    assert shapely.bounds(course.shape).tolist() == [200, -300, 1200, 0]
    assert course.shape.length == pytest.approx(1000 + 300)


def test_a_way_that_ends_early_says_how_far_it_went():
    course = follow(FORK, 1, 500, 1000)
    assert course.longest_m == pytest.approx(400)


def test_a_ring_is_gone_around_once():
    ring = [reach("east", (0, 0), (100, 0), (100, 100)), reach("west", (100, 100), (0, 100), (0, 0))]
    course = follow(ring, 0, 0, 1000)
    assert course.shape.length == pytest.approx(400)
    assert course.longest_m <= 400 + 1e-6


def test_from_the_mouth_nothing_is_downstream():
    course = follow([FORK[1]], 0, 900, 1000)
    assert course.shape.length == 0
    assert course.longest_m == 0


def test_the_nearest_place_is_that_of_the_pond_s_outline():
    pond = shapely.box(650, 100, 700, 150)
    assert nearest_reach(FORK, pond) == (2, pytest.approx(350), pytest.approx(50))
    assert nearest_reach([], pond) is None


def _network(rng: np.random.Generator) -> tuple[list[Reach], dict[int, int]]:
    """A random tree of reaches that all run to one mouth, drawn either way; by place the next one downstream."""
    places = rng.uniform(0, 30_000, (40, 2))
    reaches, downstream = [], {}
    for at in range(1, len(places)):
        below = int(np.argmin(np.hypot(*(places[:at] - places[at]).T)))
        middle = (places[at] + places[below]) / 2 + rng.normal(0, 200, 2)
        line, flow = np.array([places[at], middle, places[below]]), FORWARD
        if rng.uniform() < 0.5:
            line, flow = line[::-1], BACKWARD
        reaches.append(Reach(str(at), None, shapely.LineString(line), flow))
        downstream[at] = below
    return reaches, downstream


@pytest.mark.parametrize("seed", range(12))
def test_in_a_random_network_the_way_is_that_from_place_to_place(seed):
    reaches, downstream = _network(np.random.default_rng(seed))
    for first in range(1, 40):
        start = reaches[first - 1]
        course = follow(reaches, first - 1, 0.0 if start.flow is FORWARD else start.line.length, 9000)
        passed, gone_m, at = [], 0.0, first
        while at != 0 and gone_m < 9000:
            passed.append(str(at))
            gone_m += reaches[at - 1].line.length
            at = downstream[at]
        # In a tree there is one way down: as long as asked, or to the mouth.
        assert names(course) == passed
        assert course.longest_m == pytest.approx(min(9000, gone_m))
        assert course.shape.length == pytest.approx(course.longest_m)
