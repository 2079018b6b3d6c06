"""The pages and their headers: nothing inline or from outside, compressed where it is text; the meanings of errors."""

from __future__ import annotations

from collections.abc import Iterator

from api.background import ServiceError
from api.problem_types import MEANINGS
from geo.errors import OnemapError


async def test_the_policy_allows_nothing_inline_and_no_blob_workers(client):
    policy = (await client.get("/health/live")).headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "worker-src 'self';" in policy
    docs = (await client.get("/docs")).headers["content-security-policy"]
    assert "style-src 'self' 'unsafe-inline'" in docs
    assert "script-src 'self' 'sha256-" in docs


async def test_text_is_compressed_and_still_answers_who_has_it_already(client):
    first = await client.get("/layers", headers={"Accept-Encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in first.headers["vary"]
    assert "Accept-Language" in first.headers["vary"]
    again = await client.get("/layers", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    plain = await client.get("/layers", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == first.json()


async def test_what_is_compressed_already_is_left_alone(client):
    tile = await client.get("/tiles/hazard_points/0/0/0.mvt", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in tile.headers


def kinds_of(error: type[OnemapError]) -> Iterator[type[OnemapError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


async def test_the_type_of_a_problem_leads_to_what_its_code_means(client):
    problem = (await client.get("/risk", params={"lon": 115, "lat": 25, "radius_m": -1})).json()
    address, _, code = problem["type"].partition("#")
    page = await client.get(address)
    assert page.status_code == 200
    assert f'id="{code}"' in page.text
    assert MEANINGS[code].zh in page.text


def test_every_code_of_an_error_has_its_meaning_and_no_other():
    ours = {kind for kind in kinds_of(OnemapError) if kind.__module__.startswith(("geo.", "api."))}
    assert ServiceError in ours
    of_http = {"http", "method-not-allowed", "body-too-large"}
    assert {kind.code for kind in ours} | of_http == set(MEANINGS)
