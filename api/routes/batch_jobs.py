"""``/risk/batch/{run}``: a batch of sites as a job: how far it is, its file, its end.

A run's id is random and is told to whoever ordered it alone: who knows it may have its answers.
"""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from api.answers import cached
from api.deps import AppState, StateParam
from geo.database import Statement
from geo.errors import NotFound
from geo.export import MEDIA_TYPES, ExportFormat
from geo.risk.batch_jobs import BATCH_PART_BYTES
from layers.text import Text

__all__ = ["order_batch", "router"]

router = APIRouter(tags=["risk"])

RunParam = Annotated[
    UUID, Path(description="POST /risk/batch?as=job 给出的编号 / the id that the order was answered with")
]

_SHOWN = """
SELECT json_build_object('id', id, 'state', state, 'format', format, 'done', done, 'total', total, 'error', error,
    'created_at', created_at, 'started_at', started_at, 'finished_at', finished_at,
    'file', CASE WHEN state = 'done' THEN '/risk/batch/' || id || '/file' END)::text
FROM batch_runs WHERE id = $1
"""
_FILE = """
SELECT r.format, string_agg(f.content, ''::bytea ORDER BY f.part) AS content FROM batch_runs r
JOIN batch_files f ON f.run = r.id AND f.role = 'answers' WHERE r.id = $1 AND r.state = 'done' GROUP BY r.format
"""


async def _shown(state: AppState, run: UUID) -> dict[str, object]:
    rows = await state.database.fetch(Statement(_SHOWN, (run,)))
    if not rows:
        raise NotFound(Text(f"没有批量研判 {run}", f"there is no batch {run}"))
    shown: dict[str, object] = json.loads(rows[0][0])
    return shown


async def order_batch(
    state: AppState, content: bytes, format_: ExportFormat, options: dict[str, object]
) -> JSONResponse:
    """Record the run with its sites: one transaction, so that there is no order without its file."""
    run = uuid4()
    parts = [content[at : at + BATCH_PART_BYTES] for at in range(0, len(content), BATCH_PART_BYTES)]
    async with state.database.connection() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO batch_runs (id, state, format, options) VALUES ($1, 'waiting', $2, $3)",
            run,
            format_.value,
            json.dumps(options, ensure_ascii=False),
        )
        await connection.executemany(
            "INSERT INTO batch_files (run, role, part, content) VALUES ($1, 'sites', $2, $3)",
            [(run, number, part) for number, part in enumerate(parts)],
        )
    headers = {"Location": f"/risk/batch/{run}", "Cache-Control": "no-store"}
    return JSONResponse(await _shown(state, run), 202, headers)


@router.get("/risk/batch/{run}", summary="批量研判的进度 / how far a batch is")
async def look(state: StateParam, run: RunParam) -> JSONResponse:
    """Its state (waiting, running, done, failed, cancelled), sites done of all, and where its file is."""
    return JSONResponse(await _shown(state, run), headers={"Cache-Control": "no-store"})


@router.delete("/risk/batch/{run}", summary="取消批量研判 / cancel a batch")
async def cancel(state: StateParam, run: RunParam) -> JSONResponse:
    """Its queries end within a second; one that is done stays done."""
    async with state.database.connection() as connection:
        await connection.execute(
            "UPDATE batch_runs SET state = 'cancelled', finished_at = now() "
            "WHERE id = $1 AND state IN ('waiting', 'running')",
            run,
        )
    return JSONResponse(await _shown(state, run), headers={"Cache-Control": "no-store"})


@router.get("/risk/batch/{run}/file", summary="批量研判的文件 / the file of a batch")
async def take(request: Request, state: StateParam, run: RunParam) -> Response:
    """The answers, a row per site; kept for a week."""
    rows = await state.database.fetch(Statement(_FILE, (run,)))
    if not rows:
        shown = await _shown(state, run)
        raise NotFound(
            Text(f"批量研判 {run} 没有文件:状态为 {shown['state']}", f"batch {run} has no file: it is {shown['state']}")
        )
    format_ = ExportFormat(rows[0]["format"])
    response = cached(request, bytes(rows[0]["content"]), MEDIA_TYPES[format_])
    response.headers["Content-Disposition"] = f'attachment; filename="sites.{format_.value}"'
    return response
