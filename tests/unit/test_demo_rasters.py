"""The demo's grids: nine million people where its villages are, unknown outside the city, the same on every run."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.demo.figures import CITY_PEOPLE
from geo.demo.ground import city_ground
from geo.demo.rasters import elevation_grid, population_grid
from geo.demo.villages import city_villages

WEST, NORTH, CELL = 113.84, 27.24, 0.0025


def cells(lon, lat):
    return np.floor((NORTH - lat) / CELL).astype(int), np.floor((lon - WEST) / CELL).astype(int)


def test_the_citys_people_live_in_the_city_and_outside_it_is_unknown():
    people = population_grid()
    known = people >= 0
    assert people[known].sum(dtype=float) == pytest.approx(CITY_PEOPLE, rel=1e-4)
    assert np.all(people[~known] == np.float32(-99999.0))
    row, column = np.nonzero(known)
    rng = np.random.default_rng(1)
    picked = rng.choice(len(row), 300, replace=False)
    places = shapely.points(WEST + (column[picked] + 0.5) * CELL, NORTH - (row[picked] + 0.5) * CELL)
    assert len(city_ground().tree.query(places, predicate="intersects")[0]) >= 300


def test_more_people_live_at_villages_than_elsewhere():
    people, villages = population_grid(), city_villages()
    at_villages = people[cells(villages.places.lon, villages.places.lat)]
    assert np.median(at_villages) > 4 * np.median(people[people > 0])


def test_heights_follow_the_terrain():
    ground, heights = city_ground(), elevation_grid()
    places = city_villages().places
    there = heights[cells(places.lon, places.lat)]
    terrain = ground.terrain.elevation_at(places.lon, places.lat)
    assert np.corrcoef(there, terrain)[0, 1] > 0.98
    assert heights.min() >= 1.0


def test_the_grids_are_the_same_when_they_are_made_again():
    assert np.array_equal(population_grid(), population_grid())
    assert np.array_equal(elevation_grid(), elevation_grid())
