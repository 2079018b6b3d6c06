"""create_app: wiring only."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api import errors
from api.deps import AppState
from api.known_words import refuse_unknown_words
from api.logs import configure_logs
from api.memory import give_large_blocks_back
from api.middleware import RequestMiddleware
from api.own_basemap import basemap_warning
from api.risk_door import RiskDoor
from api.routes import (
    audits,
    basemap,
    batch,
    batch_jobs,
    changes,
    events,
    exhibits,
    features,
    health,
    import_profiles,
    imports,
    layers,
    legend,
    maps,
    metrics,
    pages,
    rasters,
    risk,
    search,
    statistics,
    style,
    tiles,
    views,
    wms,
    wmts,
)
from api.settings import Settings
from api.studio import close_studio
from api.tile_door import TileDoor
from api.worker import run_worker
from geo.cartography.fonts import require_fonts
from geo.database import Database
from layers.registry import discover

__all__ = ["create_app"]

_COMPRESS_FROM_BYTES = 1000
_NOT_COMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf", "application/vnd.mapbox-vector-tile")

_FAMILIES = (
    risk,
    batch,
    batch_jobs,
    health,
    metrics,
    layers,
    features,
    events,
    changes,
    views,
    exhibits,
    search,
    statistics,
    audits,
    tiles,
    style,
    legend,
    rasters,
    basemap,
    maps,
    wms,
    wmts,
    import_profiles,
    imports,
    pages,
)
"""Tried in order: what is asked most, and must be answered fastest, comes first."""

_COUNT_BY_THEMSELVES = (imports, batch)
"""They read what is sent part by part, each with a limit of its own."""

_log = structlog.get_logger("onemap.start")

_LENIENT = (health, metrics, tiles, style, wms, wmts, pages)
"""Clients of theirs add words of their own: OGC vendor parameters, versions, what a browser was given."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service. Nothing connects before the first request; settings come from the environment when not given."""
    settings = settings or Settings()
    configure_logs(settings.log_level)
    database = Database(
        settings.dsn(),
        pool_size=settings.pool_size,
        acquire_timeout_s=settings.acquire_timeout_s,
        statement_timeout_s=settings.statement_timeout_s,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        require_fonts()  # without them every map would be refused: better not to start
        warning = await asyncio.to_thread(basemap_warning, settings)
        if warning is not None:
            _log.warning("basemap_unusable", reason=warning.en)
        give_large_blocks_back()
        # What is here now stays: the collector need not walk over it again and again (a tenth of a request's time).
        gc.collect()
        gc.freeze()
        worker = asyncio.create_task(run_worker(settings)) if settings.import_worker else None
        yield
        if worker is not None:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        await app.state.onemap.events.close()
        close_studio(app)
        await database.close()

    app = FastAPI(
        title="onemap 应急一张图",
        summary="Risks, means of rescue, and what lies near, on one map",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.onemap = AppState(settings, discover(), database)
    app.add_middleware(RiskDoor)  # the first added stands innermost
    app.add_middleware(
        GZipMiddleware,
        minimum_size=_COMPRESS_FROM_BYTES,
        compresslevel=5,
        exclude_content_types=_NOT_COMPRESSED,
    )
    app.add_middleware(RequestMiddleware)
    app.add_middleware(TileDoor)
    errors.install(app)
    for family in _FAMILIES:
        strict = [] if family in _LENIENT else [Depends(refuse_unknown_words)]
        most_bytes = None if family in _COUNT_BY_THEMSELVES else settings.body_max_mb << 20
        app.include_router(family.router, dependencies=strict, max_body_size=most_bytes)
    pages.mount(app)
    return app
