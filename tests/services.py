"""The service in this process, asked over ASGI, with settings of a test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from api.main import create_app
from api.settings import Settings
from api.studio import close_studio

__all__ = ["service"]


@asynccontextmanager
async def service(dsn: str, state: Path, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service over a database, with a state directory and further settings."""
    app = create_app(Settings(database_url=dsn, state_directory=state, **settings))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://onemap") as asking:
        yield asking
    close_studio(app)
    await app.state.onemap.events.close()
    await app.state.onemap.database.close()
