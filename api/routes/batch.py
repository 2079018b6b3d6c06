"""``POST /risk/batch``: many sites, answered line by line as they are ready, or as a job with a file at its end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.deps import GradesParam, LayersParam, ReaderParam, StateParam
from api.routes.batch_jobs import order_batch
from geo.crs import Crs
from geo.database import Database
from geo.errors import InputError, OnemapError
from geo.export import ExportFormat
from geo.risk.batch import BatchPlan, batch_answers
from geo.risk.batch_jobs import order_options
from geo.risk.sites import BadSite, Site, read_sites
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["risk"])

_KINDS = {
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/geo+json": "geojson",
    "application/json": "geojson",
}


async def _body(request: Request, most: int) -> bytes:
    """The whole body, refused as soon as it is larger than ``most`` bytes."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise InputError(
                Text(f"上传超过 {most:,} 字节;请分批", f"the upload is larger than {most:,} bytes; send it in parts"),
                field="sites",
            )
        parts.append(part)
    return b"".join(parts)


async def _lines(database: Database, sites: Iterable[Site | BadSite], plan: BatchPlan) -> AsyncIterator[bytes]:
    """The answers; a failure on the way is the last line, since the status is long sent."""
    try:
        async for line in batch_answers(database, sites, plan):
            yield line
    except OnemapError as error:
        said = {"error": error.message.as_dict(), "code": error.code, "aborted": True}
        yield json.dumps(said, ensure_ascii=False).encode() + b"\n"


@router.post("/risk/batch", summary="成批研判 / many sites at once", responses={202: {"description": "as=job"}})
async def batch(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    layers: LayersParam,
    grades: GradesParam,
    radius_m: Annotated[
        float, Query(description="没有自带半径的站点用此半径 / for sites without their own", gt=0, le=200_000)
    ] = 1000.0,
    crs: Annotated[str, Query(description="站点坐标系 / CRS of the sites")] = "CRS84",
    as_: Annotated[
        Literal["stream", "job"], Query(alias="as", description="stream: NDJSON; job: 完成后取文件 / a file at the end")
    ] = "stream",
    format_: Annotated[
        ExportFormat, Query(alias="format", description="任务的文件:gpkg, xlsx … / the file of a job")
    ] = ExportFormat.XLSX,
) -> Response:
    """CSV, NDJSON or GeoJSON of sites → one NDJSON line per row, in order; a wrong row is a line with its error.

    With ``as=job`` the answer is 202 and where to look: ``GET /risk/batch/{run}``, then its ``file``.
    """
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type not in _KINDS:
        known = ", ".join(_KINDS)
        raise InputError(
            Text(f"Content-Type 应为 {known} 之一", f"Content-Type should be one of {known}"), field="content-type"
        )
    kind, declared, settings = _KINDS[content_type], Crs.parse(crs), state.settings
    content = await _body(request, settings.batch_bytes_max)
    plan = BatchPlan(layers, grades, reader, state.grids)
    if as_ == "job":
        return await order_batch(state, content, format_, order_options(plan, kind, crs, radius_m))
    sites = read_sites(content, kind, declared, radius_m, settings.risk_limits(), settings.batch_sites_max)
    return StreamingResponse(_lines(state.database, sites, plan), media_type="application/x-ndjson")
