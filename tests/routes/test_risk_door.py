"""``GET /risk`` by its short way says what the ordinary way says, to the byte, right questions and wrong ones."""

from __future__ import annotations

from unittest.mock import patch
from urllib.parse import urlencode

import pytest

from api import risk_door

PLACE = {"lon": "115", "lat": "25", "radius_m": "3000"}

PLAIN = {
    "all parts": {},
    "features alone": {"include": "", "nearest": "0"},
    "several rings": {"radius_m": "1000, 1500,3000"},
    "an event": {"radius_m": None, "event": "forest_fire"},
    "decimals": {"lon": "115.00000000000001", "lat": "25.0004"},
    "layers": {"layers": "shelters,hazard_points"},
    "families": {"families": "risk,resource"},
    "grades": {"grades": "red,none"},
    "a division": {"division": "360721101000"},
    "a short list": {"limit": "2"},
    "much help": {"nearest": "20"},
    "named rules": {"rules": "default"},
    "a plane": {"lon": "115", "lat": "25", "crs": "EPSG:4490"},
    "GCJ-02": {"crs": "GCJ-02"},
    "English": {"lang": "en"},
}
WRONG = {
    "no place on earth": {"lon": "181"},
    "swapped": {"lon": "25", "lat": "115"},
    "no radius": {"radius_m": ","},
    "a radius too large": {"radius_m": "200001"},
    "no such layer": {"layers": "nowhere"},
    "an empty layer": {"layers": ""},
    "no such family": {"families": "nobody"},
    "no such grade": {"grades": "pink"},
    "no such division": {"division": "x"},
    "no such rules": {"rules": "nobody's"},
    "no such part": {"include": "everything"},
    "no such event": {"radius_m": None, "event": "rain"},
    "no such crs": {"crs": "EPSG:1"},
    "too much help": {"nearest": "21"},
    "too long a list": {"limit": "999999"},
}
ROUNDABOUT = {
    "not a number": "lon=here&lat=25",
    "not finite": "lon=NaN&lat=25",
    "an exponent": "lon=1.15e2&lat=25",
    "spaces": "lon=%20115&lat=25",
    "twice": "lon=114&lon=115&lat=25",
    "absent": "lon=115",
    "no limit": "lon=115&lat=25&limit=0",
    "a negative count": "lon=115&lat=25&nearest=-1",
    "rules with a very long name": f"lon=115&lat=25&rules={'r' * 101}",
    "a file": "lon=115&lat=25&format=csv",
    "an unknown word": "lon=115&lat=25&colour=red",
}


class Passed(Exception):
    """The door has answered by itself."""


def written(changes: dict[str, str | None]) -> str:
    return urlencode({name: value for name, value in (PLACE | changes).items() if value is not None})


def roundabout(query: str) -> str:
    """The same question, with a space before the latitude: the door does not read that."""
    return query.replace("lat=", "lat=%20", 1)


async def asked(client, query: str) -> tuple[int, dict[str, str], bytes]:
    response = await client.get(f"/risk?{query}")
    told = {name: value for name, value in response.headers.items() if name not in ("x-request-id", "date")}
    return response.status_code, told, response.content


async def passes(client, query: str) -> bool:
    """Whether the door takes the question."""
    with patch.object(risk_door, "risk", side_effect=Passed):
        return (await client.get(f"/risk?{query}")).status_code == 500


@pytest.mark.parametrize("what", PLAIN)
async def test_the_short_way_answers_as_the_ordinary_one(client, what):
    query = written(PLAIN[what])
    short = await asked(client, query)
    assert short[0] == 200
    assert short == await asked(client, roundabout(query))
    assert await passes(client, query)
    assert not await passes(client, roundabout(query))


@pytest.mark.parametrize("what", WRONG)
async def test_what_is_wrong_is_told_in_the_same_words(client, what):
    query = written(WRONG[what])
    short = await asked(client, query)
    assert short[0] == 422
    assert short == await asked(client, roundabout(query))


@pytest.mark.parametrize("what", ROUNDABOUT)
async def test_what_is_not_written_plainly_goes_the_ordinary_way(client, what):
    assert not await passes(client, ROUNDABOUT[what])


async def test_what_the_client_has_already_is_not_sent_again(client):
    query = urlencode(PLACE)
    tag = (await client.get(f"/risk?{query}")).headers["etag"]
    again = await client.get(f"/risk?{query}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
async def test_other_methods_are_the_routes_own(client, method):
    assert (await client.request(method, f"/risk?{urlencode(PLACE)}")).status_code == 405
