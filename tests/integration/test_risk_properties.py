"""What must hold for every question over the demo city, whatever the place."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pyproj
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.crs import Crs
from geo.database import Database
from geo.obfuscation import gcj02_to_bd09, wgs84_to_gcj02
from geo.risk import Extras, RiskQuery, around_point, default_rules, risk_answer
from layers.registry import discover

REGISTRY = discover()
EXTRAS = Extras(REGISTRY, default_rules())
PLACES = st.tuples(st.floats(113.9, 116.6), st.floats(24.5, 27.1))
RADII = st.lists(st.floats(50, 20_000), min_size=1, max_size=4, unique=True)
slow = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def ask(dsn, query):
    async def once():
        database = Database(dsn)
        try:
            return await risk_answer(database, query, EXTRAS)
        finally:
            await database.close()

    return json.loads(asyncio.run(once()), parse_float=Decimal)


def members(answer):
    return {feature["id"]: feature["properties"] for feature in answer["features"]["features"]}


@slow
@given(place=PLACES, radii=RADII)
def test_rings_nest_and_counts_add_up(demo_database_url, place, radii):
    query = replace(RiskQuery.at(*place, tuple(radii), REGISTRY), limit=50_000)
    answer = ask(demo_database_url, query)
    found = members(answer)
    assert sum(row["count"] for row in answer["counts"]) == answer["total"] == len(found)
    counted = Counter((p["layer"], p["grade"] or "none", float(p["ring_m"])) for p in found.values())
    assert counted == {(row["layer"], row["grade"], float(row["ring_m"])): row["count"] for row in answer["counts"]}
    inner = members(ask(demo_database_url, replace(query, radii_m=(min(radii),))))
    assert inner.keys() == {key for key, p in found.items() if p["distance_m"] <= Decimal(repr(min(radii)))}


@slow
@given(place=PLACES)
def test_contributions_add_up_to_the_index_exactly(demo_database_url, place):
    index = ask(demo_database_url, RiskQuery.at(*place, (1000.0,), REGISTRY))["index"]
    assert sum(Decimal(str(each["points"])) for each in index["contributions"]) == Decimal(str(index["value"]))
    for each in index["contributions"]:
        listed = sum((Decimal(str(item["points"])) for item in each.get("listed", [])), Decimal(0))
        if "rest" in each:
            assert listed + Decimal(str(each["rest"]["points"])) == Decimal(str(each["points"]))
        assert 0 <= each["points"] <= each["maximum"]


@slow
@given(place=PLACES, order=st.permutations(list(REGISTRY.searchable())))
def test_the_order_of_layers_does_not_matter(demo_database_url, place, order):
    query = RiskQuery.at(*place, (3000.0,), REGISTRY)
    answer = ask(demo_database_url, query)
    shuffled = ask(demo_database_url, replace(query, layers=tuple(order)))
    assert members(answer) == members(shuffled)
    assert answer["index"] == shuffled["index"]


@slow
@given(place=PLACES)
def test_a_place_in_another_crs_is_the_same_place(demo_database_url, place):
    lon, lat = place
    gauss = pyproj.Transformer.from_crs(4490, 4548, always_xy=True).transform(lon, lat)
    gcj = [array[0] for array in wgs84_to_gcj02(np.array([lon]), np.array([lat]))]
    bd = [array[0] for array in gcj02_to_bd09(np.array([gcj[0]]), np.array([gcj[1]]))]
    plain = members(ask(demo_database_url, RiskQuery.at(lon, lat, (3000.0,), REGISTRY)))
    for crs, sent in (("EPSG:4548", gauss), ("GCJ02", gcj), ("BD09", bd)):
        where = around_point(*Crs.parse(crs).point_to_cgcs2000(*sent))
        query = replace(RiskQuery.at(lon, lat, (3000.0,), REGISTRY), where=where)
        moved = members(ask(demo_database_url, query))
        for key in plain.keys() ^ moved.keys():
            assert abs(float((plain | moved)[key]["distance_m"]) - 3000) < 0.01
        for key in plain.keys() & moved.keys():
            assert abs(plain[key]["distance_m"] - moved[key]["distance_m"]) < Decimal("0.01")
