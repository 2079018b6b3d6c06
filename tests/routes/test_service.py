"""Health, headers, and what a client sees when the database is not there."""

from __future__ import annotations

import httpx
import pytest

from api.main import create_app
from api.settings import Settings


async def test_ready_names_postgis_and_the_migration(client):
    body = (await client.get("/health/ready")).json()
    assert body["status"] == "ready"
    assert body["database"]["postgis"]
    assert body["database"]["migration"] == body["database"]["migration_head"]


async def test_every_answer_has_an_id_and_forbids_outside_sources(client):
    response = await client.get("/layers", headers={"X-Request-ID": "desk-7"})
    assert response.headers["x-request-id"] == "desk-7"
    assert "default-src 'self'" in response.headers["content-security-policy"]
    forged = await client.get("/layers", headers={"X-Request-ID": "a b\tc"})
    assert forged.headers["x-request-id"] != "a b\tc"


async def test_an_unknown_address_is_a_problem_in_words(client):
    response = await client.get("/volcano")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


async def test_without_a_database_the_service_lives_and_says_so():
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:9/none", acquire_timeout_s=1))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://onemap") as client:
        assert (await client.get("/health/live")).status_code == 200
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["database"]["ok"] is False
        answer = await client.get("/risk", params={"lon": 115, "lat": 25})
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert answer.json()["code"] == "database-unreachable"


@pytest.mark.parametrize("address", ["/risk", "/maps/image.png", "/exhibits"])
async def test_json_without_end_is_refused_before_it_fills_the_memory(database_url, tmp_path, address):
    app = create_app(Settings(database_url=database_url, state_directory=tmp_path, body_max_mb=1))
    sent = 0

    async def without_end():
        nonlocal sent
        yield b'{"crs": "'
        while sent < 64:
            sent += 1
            yield b"x" * (1 << 18)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://onemap") as client:
        answer = await client.post(address, content=without_end(), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        assert answer.headers["content-type"] == "application/problem+json"
        assert sent < 8
        told = await client.post(address, content=b"{" * (2 << 20), headers={"Content-Type": "application/json"})
        assert told.status_code == 413
    await app.state.onemap.database.close()
