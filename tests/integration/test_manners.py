"""Manners under load: a client that leaves takes its query along; a full pool says so; nothing stays on loan."""

from __future__ import annotations

import asyncio
import contextlib
import time

import httpx
import psycopg
import pytest

from api.main import create_app
from api.settings import Settings
from tests.seeding import insert
from tests.wall.driving import serving

pytestmark = pytest.mark.anyio

_SLOW = """
CREATE FUNCTION slow_mask(name text) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT pg_sleep(20)::text';
ALTER FUNCTION onemap_mask_person(text) RENAME TO fast_mask;
ALTER FUNCTION slow_mask(text) RENAME TO onemap_mask_person;
"""
RISK = "/risk?lon=115&lat=25&radius_m=1000&include="


def slow_city(dsn: str) -> str:
    """A city in which naming a responsible person takes twenty seconds."""
    insert(dsn, "hazard_points", "POINT(115 25)", "h-1", responsible_person="张三")
    with psycopg.connect(dsn) as connection:
        connection.execute(_SLOW)
    return dsn


def running(dsn: str) -> int:
    """Queries of the service that the database is working on."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'onemap' AND state = 'active' "
            "AND datname = current_database() AND query NOT LIKE 'LISTEN%'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def wait_for(dsn: str, count: int, limit_s: float = 8.0) -> float:
    """Seconds until the database works on ``count`` queries of the service."""
    started = time.monotonic()
    while running(dsn) != count:
        assert time.monotonic() - started < limit_s, f"still {running(dsn)} queries"
        time.sleep(0.05)
    return time.monotonic() - started


def test_a_client_that_leaves_takes_its_query_along(database_url, tmp_path):
    dsn = slow_city(database_url)
    with serving(dsn, tmp_path) as address:
        with httpx.Client() as client, contextlib.suppress(httpx.ReadTimeout):
            client.get(address + RISK, timeout=2.0)
        assert wait_for(dsn, 0) < 5.0


async def test_a_full_pool_is_a_503_that_says_when_to_try_again(database_url):
    dsn = slow_city(database_url)
    app = create_app(Settings(database_url=dsn, pool_size=1, acquire_timeout_s=0.5))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as client:
        first = asyncio.create_task(client.get(RISK))
        await asyncio.to_thread(wait_for, dsn, 1)
        second = await client.get(RISK)
        assert second.status_code == 503
        assert second.json()["code"] == "busy"
        assert int(second.headers["retry-after"]) >= 1
        first.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await first
    assert app.state.onemap.database.loans == 0
    await app.state.onemap.database.close()


async def test_a_statement_over_its_time_is_stopped_and_said(database_url):
    app = create_app(Settings(database_url=slow_city(database_url), statement_timeout_s=1))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://onemap") as client:
        response = await client.get(RISK)
        assert response.status_code == 503
        assert "1 秒" in response.json()["detail"]
    assert app.state.onemap.database.loans == 0
    await app.state.onemap.database.close()
