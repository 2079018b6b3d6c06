"""``/imports``: a file is sent, imported as a job in the database, and reported on.

A run's id is random and is told to whoever ordered it alone: who knows it may see its report, which holds the rows as
they were sent.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated
from uuid import UUID, uuid4

import asyncpg
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData, UploadFile

from api.deps import AppState, LangParam, StateParam
from api.uploads import read_form, store_upload
from geo.database import Statement
from geo.errors import FileUnreadable, InputError, NotFound
from geo.ingest.into import target_named
from geo.ingest.mending import mending_workbook
from geo.ingest.options import ImportOptions
from geo.ingest.profiles import lay_under, read_profile
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["imports"])

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEXTS = ("source", "crs", "datum", "notation", "encoding", "sheet", "data_date", "save_profile")
_YES, _NO = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
_FIELDS = frozenset(("file", "again", "layer", "profile", "mapping", "dry_run", "full", *_TEXTS))
_CONFIRMING = frozenset(("confirm", "save_profile"))

_SHOWN = """
SELECT json_build_object('id', id, 'state', state, 'layer', layer, 'file', file, 'dry_run', dry_run,
    'source', coalesce(report->>'source', options->>'source'), 'profile', options->>'profile',
    'progress', progress, 'counts', report->'counts',
    'error', error, 'mends', mends, 'attempts', attempts, 'created_at', created_at, 'started_at', started_at,
    'finished_at', finished_at,
    'confirmable', dry_run AND state = 'done' AND EXISTS (SELECT FROM import_uploads u WHERE u.upload = r.upload))::text
FROM import_runs r WHERE id = $1
"""
_KEPT = """
SELECT file, upload FROM import_runs r WHERE id = $1 AND EXISTS (SELECT FROM import_uploads u WHERE u.upload = r.upload)
"""
_REPORT = """
SELECT (report::jsonb || jsonb_build_object('rows', coalesce((
    SELECT jsonb_agg(jsonb_build_object('row', "row", 'outcome', outcome, 'source_id', source_id, 'reasons', reasons,
        'candidates', candidates, 'geometry', ST_AsGeoJSON(ST_PointOnSurface(geom), 7)::jsonb) ORDER BY "row")
    FROM (SELECT * FROM import_rows WHERE run = $1 ORDER BY outcome DESC, "row" LIMIT $2) q), '[]'::jsonb),
    'rows_total', (SELECT count(*) FROM import_rows WHERE run = $1)))::text
FROM import_runs WHERE id = $1 AND report IS NOT NULL
"""

RunParam = Annotated[UUID, Path(description="导入编号 / the run's id")]


def _text(form: FormData, name: str) -> str:
    """A field's text, which no NUL gets through: PostgreSQL takes none."""
    found = form.get(name)
    return found.replace("\0", "").strip() if isinstance(found, str) else ""


def _refuse_unknown(form: FormData, known: frozenset[str]) -> None:
    """What is misspelt would not be heeded: ``dataum=gcj02`` puts a whole register 600 m off."""
    unknown = next((name for name in form if name not in known), None)
    if unknown is not None:
        told, listed = repr(unknown[:60]), ", ".join(sorted(known))
        raise InputError(
            Text(f"没有字段 {told};可用:{listed}", f"no field {told}; known: {listed}"), field=unknown[:60]
        )


def _said_yes(form: FormData, name: str) -> bool:
    """A field that is yes or no; nothing else is taken for either, least of all for "not a dry run"."""
    said = _text(form, name).lower()
    if said not in (*_YES, *_NO):
        raise InputError(
            Text(f"{name}={said[:60]!r} 应为 true 或 false", f"{name}={said[:60]!r} should be true or false"),
            field=name,
        )
    return said in _YES


def _options(form: FormData) -> ImportOptions:
    found: dict[str, object] = {name: text for name in _TEXTS if (text := _text(form, name))}
    for name in ("dry_run", "full"):
        found[name] = _said_yes(form, name)
    if mapping := _text(form, "mapping"):
        try:
            found["mapping"] = json.loads(mapping)
        except ValueError as error:
            raise InputError(
                Text("mapping 应为 JSON 对象:{列名: 字段}", "mapping should be a JSON object: {header: field}"),
                field="mapping",
            ) from error
    return ImportOptions.from_dict(found)


async def _declared(state: AppState, form: FormData) -> tuple[str, ImportOptions]:
    """What is imported into, and how: as the form says it, with its profile laid under it."""
    options, layer = _options(form), _text(form, "layer")
    if name := _text(form, "profile"):
        profile = await asyncio.to_thread(read_profile, state.settings.dsn(), name)
        return profile.layer, lay_under(options, profile, layer or None)
    return target_named(layer).name, options


async def _shown(state: AppState, run: UUID) -> dict[str, object]:
    rows = await state.database.fetch(Statement(_SHOWN, (run,)))
    if not rows:
        raise _unknown(run)
    shown: dict[str, object] = json.loads(rows[0][0])
    return shown


def _unknown(run: UUID) -> NotFound:
    return NotFound(Text(f"没有导入 {run}", f"there is no import {run}"))


async def _order(state: AppState, form: FormData) -> UUID:
    """Record the run with its file: one transaction, so that there is no order without its file."""
    if form.get("again"):
        return await _order_again(state, form)
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise InputError(Text("缺少文件(字段 file)", "there is no file (field file)"), field="file")
    layer, options = await _declared(state, form)
    run, upload = uuid4(), uuid4()
    async with state.database.connection() as connection, connection.transaction():
        if not await store_upload(connection, upload, file):
            raise FileUnreadable(Text(f"{file.filename} 是空文件", f"{file.filename} is empty"), field="file")
        await _insert(connection, run, layer, file.filename.replace("\0", ""), options, upload)
    return run


async def _order_again(state: AppState, form: FormData) -> UUID:
    """Order the file of an earlier run anew, with other declarations: it need not be sent twice."""
    before = _run_of(form, "again")
    layer, options = await _declared(state, form)
    run = uuid4()
    async with state.database.connection() as connection, connection.transaction():
        row = await connection.fetchrow(_KEPT, before)
        if row is None:
            raise _not_kept(before)
        await _insert(connection, run, layer, row["file"], options, row["upload"])
    return run


def _run_of(form: FormData, name: str) -> UUID:
    try:
        return UUID(_text(form, name))
    except ValueError as error:
        raise InputError(
            Text(f"{name} 应为先前导入的编号", f"{name} should be the id of an earlier run"), field=name
        ) from error


def _not_kept(run: UUID) -> NotFound:
    return NotFound(
        Text(f"导入 {run} 的文件已不在;请重新上传", f"the file of import {run} is kept no more; send it again")
    )


async def _insert(
    connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record],
    run: UUID,
    layer: str,
    file: str,
    options: ImportOptions,
    upload: UUID,
) -> None:
    await connection.execute(
        "INSERT INTO import_runs (id, layer, file, state, dry_run, options, upload) "
        "VALUES ($1, $2, $3, 'waiting', $4, $5, $6)",
        run,
        layer,
        file[-200:],
        options.dry_run,
        json.dumps(options.as_dict(), ensure_ascii=False).replace("\\u0000", ""),
        upload,
    )


async def _confirm(state: AppState, form: FormData) -> UUID:
    """Order in earnest what a dry run has shown: its file, its options, and what the form says anew."""
    before = _run_of(form, "confirm")
    run = uuid4()
    async with state.database.connection() as connection, connection.transaction():
        row = await connection.fetchrow(
            "SELECT layer, file, options, upload FROM import_runs r WHERE id = $1 AND dry_run AND state = 'done' "
            "AND EXISTS (SELECT FROM import_uploads u WHERE u.upload = r.upload)",
            before,
        )
        if row is None:
            raise NotFound(
                Text(
                    f"没有可确认的试运行 {before};请重新上传",
                    f"there is no dry run {before} to confirm; send the file again",
                )
            )
        anew = {"dry_run": False} | ({"save_profile": name} if (name := _text(form, "save_profile")) else {})
        options = ImportOptions.from_dict(json.loads(row["options"]) | anew)
        await _insert(connection, run, row["layer"], row["file"], options, row["upload"])
    return run


@router.post("/imports", status_code=202, summary="上传并导入 / send a file to be imported")
async def order(request: Request, state: StateParam) -> JSONResponse:
    """A multipart form: ``file``, ``layer``, and ``source``, ``crs``, ``datum``, ``notation``, ``mapping`` (JSON),
    ``encoding``, ``sheet``, ``data_date``, ``full``, ``dry_run``, ``profile``, ``save_profile`` as ``onemap import``
    has them. Instead of the file, ``again``: the id of an earlier run whose file is kept still. Or ``confirm``, with
    or without ``save_profile``: the id of a dry run that is to be done in earnest.
    """
    async with read_form(request, state.settings.upload_max_mb) as form:
        confirming = bool(form.get("confirm"))
        _refuse_unknown(form, _CONFIRMING if confirming else _FIELDS)
        run = await (_confirm(state, form) if confirming else _order(state, form))
    return JSONResponse(await _shown(state, run), 202, {"Location": f"/imports/{run}", "Cache-Control": "no-store"})


@router.get("/imports/{run}", summary="导入的进度 / how far an import is")
async def look(state: StateParam, run: RunParam) -> JSONResponse:
    """Its state (waiting, running, done, failed, cancelled), progress, counts or error."""
    return JSONResponse(await _shown(state, run), headers={"Cache-Control": "no-store"})


@router.delete("/imports/{run}", summary="取消导入 / cancel an import")
async def cancel(state: StateParam, run: RunParam) -> JSONResponse:
    """Nothing of a cancelled import is written; one that is done stays done."""
    async with state.database.connection() as connection:
        await connection.execute(
            "UPDATE import_runs SET state = 'cancelled', progress = NULL, finished_at = now() "
            "WHERE id = $1 AND state IN ('waiting', 'running')",
            run,
        )
    return JSONResponse(await _shown(state, run), headers={"Cache-Control": "no-store"})


@router.get("/imports/{run}/report.json", summary="导入报告 / the report of an import")
async def report_json(
    state: StateParam,
    run: RunParam,
    limit: Annotated[int, Query(description="最多列出的行 / most rows listed", ge=0, le=50_000)] = 1000,
) -> Response:
    """The report with its refused and flagged rows: where they are, why, and what they may have meant."""
    rows = await state.database.fetch(Statement(_REPORT, (run, limit)))
    if not rows:
        shown = await _shown(state, run)
        raise NotFound(
            Text(
                f"导入 {run} 还没有报告(状态 {shown['state']})",
                f"import {run} has no report yet (it is {shown['state']})",
            )
        )
    return Response(rows[0][0], media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/imports/{run}/report.xlsx", summary="修正表 / the workbook to mend")
async def report_xlsx(state: StateParam, run: RunParam, lang: LangParam) -> Response:
    """The refused and flagged rows in their own columns; mended and sent again, just those rows are taken."""
    content = await asyncio.to_thread(mending_workbook, state.settings.dsn(), run, lang)
    headers = {"Content-Disposition": f'attachment; filename="onemap-import-{run}.xlsx"', "Cache-Control": "no-store"}
    return Response(content, media_type=_XLSX, headers=headers)
