"""``/health``: is the process alive, and can it answer (database, PostGIS, migration, fonts)."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.deps import StateParam
from geo.readiness import database_readiness

__all__ = ["router"]

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="进程存活 / the process is alive")
async def live() -> dict[str, str]:
    """Answers as long as the process does; asks nothing of the database."""
    return {"status": "live"}


@router.get("/ready", summary="可以服务 / it can answer")
async def ready(state: StateParam) -> JSONResponse:
    """200 when every part is there, else 503 with the part that is not."""
    database = await database_readiness(state.database)
    body = {
        "status": "ready" if database.ready else "not ready",
        "database": {
            "ok": database.ready,
            "reason": database.reason,
            "postgis": database.postgis,
            "migration": database.migration,
            "migration_head": database.migration_head,
        },
    }
    return JSONResponse(body, 200 if database.ready else 503, {"Cache-Control": "no-store"})
