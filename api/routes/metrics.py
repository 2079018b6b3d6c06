"""``/metrics``: figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from api.deps import StateParam

__all__ = ["router"]

router = APIRouter(tags=["health"])


@router.get("/metrics", summary="运行指标 / figures for Prometheus", response_class=Response)
async def metrics(state: StateParam) -> Response:
    """Tile times, tiles from memory and from the database, truncations, memory of the cache, use of the pool."""
    return Response(state.metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
