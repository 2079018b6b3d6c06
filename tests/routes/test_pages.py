"""The pages' own headers: nothing inline, nothing from outside, compressed where it is text."""

from __future__ import annotations


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
