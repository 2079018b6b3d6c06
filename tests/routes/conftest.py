"""The service in this process, on a database of its own, asked over ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from api.main import create_app
from api.settings import Settings
from tests.seeding import insert

CENTRE = (115.0, 25.0)


@pytest.fixture
def small_city(database_url: str) -> str:
    """A few features around (115, 25), some of them hostile; its DSN."""
    hostile = "</script><b>'; DROP TABLE shelters; -- \u202e𬇙㙍"
    insert(
        database_url,
        "divisions",
        "MULTIPOLYGON(((114 24, 116 24, 116 26, 114 26, 114 24)))",
        "360721",
        name="赣县区",
        level="county",
    )
    insert(
        database_url,
        "hazard_points",
        "POINT(115.004 25)",
        "h-1",
        name="下坝组滑坡",
        grade="red",
        division_code="360721101",
        responsible_person="张三丰",
        responsible_phone="13812345678",
        data_date="2026-05-01",
    )
    insert(database_url, "hazard_points", "POINT(115.02 25)", "h-2", name=hostile, division_code="360722")
    insert(
        database_url,
        "hazard_points",
        "MULTILINESTRING((115.01 24.9, 115.01 25.1))",
        "h-3",
        name="溪沟",
        grade="blue",
        division_code="360721102",
    )
    insert(
        database_url,
        "forest_zones",
        "MULTIPOLYGON(((114.99 24.99, 115.001 24.99, 115.001 25.01, 114.99 25.01, 114.99 24.99)))",
        "f-1",
        name="林班",
        grade="orange",
        demo=True,
    )
    insert(database_url, "shelters", "POINT(115.3 25)", "s-1", name="中心小学", capacity_people=420)
    insert(database_url, "helipads", "POINT(115.05 25)", "p-1", name="停用的起降点", status="closed")
    insert(database_url, "helipads", "POINT(115.5 25)", "p-2", name="中学起降点", status="open")
    return database_url


@pytest.fixture
async def client(small_city: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service over the small city; afterwards no connection may be on loan."""
    app = create_app(Settings(database_url=small_city))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as asking:
        yield asking
    assert app.state.onemap.database.loans == 0
    await app.state.onemap.events.close()
    await app.state.onemap.database.close()
