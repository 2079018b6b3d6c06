"""``/health``: is the process alive, and can it answer (database, PostGIS, migration, fonts); and the basemap."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.deps import StateParam
from geo.cartography.fonts import require_fonts
from geo.cartography.own_basemap import OwnBasemap
from geo.errors import RenderError
from geo.readiness import database_readiness

__all__ = ["router"]

router = APIRouter(prefix="/health", tags=["health"])


def _fonts() -> dict[str, object]:
    """Without Chinese fonts maps would print boxes, so a service without them is not ready."""
    try:
        return {"ok": True, "reason": None, "faces": list(require_fonts())}
    except RenderError as error:
        return {"ok": False, "reason": error.message.en, "faces": []}


def _basemap(basemap: OwnBasemap | None) -> dict[str, object]:
    """One that cannot be used does not make us unready: maps on it are refused, for this reason, all others drawn."""
    why = None if basemap is None else basemap.why_not()
    return {"configured": basemap is not None, "ok": why is None, "reason": why.en if why else None}


@router.get("/live", summary="进程存活 / the process is alive")
async def live() -> dict[str, str]:
    """Answers as long as the process does; asks nothing of the database."""
    return {"status": "live"}


@router.get("/ready", summary="可以服务 / it can answer")
async def ready(state: StateParam) -> JSONResponse:
    """200 when every part is there without which nothing can be answered, else 503 with the part that is not."""
    database, fonts = await database_readiness(state.database), _fonts()
    fine = database.ready and bool(fonts["ok"])
    body = {
        "status": "ready" if fine else "not ready",
        "database": {
            "ok": database.ready,
            "reason": database.reason,
            "postgis": database.postgis,
            "migration": database.migration,
            "migration_head": database.migration_head,
        },
        "fonts": fonts,
        "basemap": await asyncio.to_thread(_basemap, state.basemap),
    }
    return JSONResponse(body, 200 if fine else 503, {"Cache-Control": "no-store"})
