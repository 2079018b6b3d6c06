"""``/exhibits``: a page in any format, or an atlas, is ordered, drawn, and fetched; kept on disk for a day."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from api.atlas_job import shelf_of
from api.deps import AppState, LangParam, ReaderParam, StateParam
from api.memory import give_back_what_is_free
from api.studio import StudioParam
from geo.errors import InputError, NotFound, OnemapError
from geo.exhibits.atlas_request import read_atlas
from geo.exhibits.formats.writing import FORMATS, Format, FormatName, write
from geo.exhibits.manuscript import prepare
from geo.exhibits.request import KINDS, ExhibitRequest, read_request
from geo.exhibits.shelf import Shelf
from geo.exhibits.template import Templates
from geo.exhibits.workshop import Workshop
from geo.risk import Extras
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["exhibits"])
_log = structlog.get_logger("onemap.exhibits")

_NO_STORE = {"Cache-Control": "private, no-store"}
_HIDDEN = ("request", "attempts")

OrderParam = Annotated[UUID, Path(description="专题图编号 / the exhibit's id")]


def _shelf(state: AppState) -> Shelf:
    return shelf_of(state.settings)


@router.get("/exhibits", summary="种类、格式与模板 / kinds, formats and templates", response_class=Response)
async def catalogue(state: StateParam, lang: LangParam) -> Response:
    """What can be ordered; the body of an order is an ExhibitRequest, with ``atlas`` for a whole atlas."""
    own = Templates(state.settings.templates)
    names = await asyncio.to_thread(lambda: own.names)
    body = {
        "kinds": [{"name": name, "title": title.get(lang)} for name, title in KINDS.items()],
        "formats": [{"name": name, "title": each.title.get(lang)} for name, each in FORMATS.items()],
        "templates": list(names),
    }
    return JSONResponse(body, headers=_NO_STORE)


@router.post("/exhibits", summary="制作专题图 / order an exhibit", status_code=202, response_class=Response)
async def order_exhibit(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    lang: LangParam,
    body: Annotated[dict[str, object], Body(description="见 ExhibitRequest / see ExhibitRequest")],
    format: Annotated[FormatName, Query(description="PNG、SVG 每页一个文件 / PNG and SVG are a file a page")] = "pdf",
    dpi: Annotated[float, Query(description="PNG 及文档中地图的分辨率 / of pictures", ge=72, le=300)] = 200.0,
) -> Response:
    """Answers at once with the exhibit's address; ``made_on`` is today and ``lang`` the reader's where not given."""
    values = {"made_on": date.today().isoformat(), "lang": lang, **body}
    shelf, order = _shelf(state), uuid4()
    await asyncio.to_thread(shelf.clear)
    if "atlas" in values:
        return await _order_atlas(state, shelf, order, values, format, reader.divisions)
    wanted = read_request(values)
    extras = Extras(state.registry, state.rules, limits=state.settings.risk_limits(), grids=state.grids)
    templates = Templates(state.settings.templates)
    workshop = Workshop(studio, state.database, studio.themes.get("print"), reader, extras, templates)
    opened: dict[str, object] = {"id": str(order), "kind": wanted.kind, "format": format, "state": "running"}
    await asyncio.to_thread(shelf.put, order, opened)
    work = asyncio.create_task(_make(workshop, wanted, shelf, order, opened, state, FORMATS[format], dpi))
    # The loop holds tasks weakly: the application keeps them until they are done.
    running: set[asyncio.Task[None]] = getattr(request.app.state, "exhibit_tasks", set())
    request.app.state.exhibit_tasks = running
    running.add(work)
    work.add_done_callback(running.discard)
    return JSONResponse(opened, 202, {"Location": f"/exhibits/{order}", **_NO_STORE})


async def _order_atlas(
    state: AppState,
    shelf: Shelf,
    order: UUID,
    values: dict[str, object],
    format: FormatName,
    divisions: tuple[str, ...] | None,
) -> Response:
    """Put an atlas on the shelf, where a worker finds it."""
    if format != "pdf":
        raise InputError(Text("图集只有 PDF 格式", "an atlas is a PDF"), field="format")
    if divisions is not None:
        raise InputError(
            Text("权限限于部分区划的用户不能制作图集", "a reader of some divisions only may order no atlas"),
            field="atlas",
        )
    wanted = read_atlas(values)
    opened: dict[str, object] = {
        "id": str(order),
        "kind": str(values.get("kind")),
        "format": "pdf",
        "state": "waiting",
        "lang": values["lang"],
        "atlas": wanted.atlas.model_dump(mode="json", exclude_none=True, exclude={"sites"}),
        "request": wanted.as_dict(),
    }
    await asyncio.to_thread(shelf.put, order, opened)
    return JSONResponse(_shown(opened), 202, {"Location": f"/exhibits/{order}", **_NO_STORE})


def _shown(known: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in known.items() if name not in _HIDDEN}


async def _make(
    workshop: Workshop,
    wanted: ExhibitRequest,
    shelf: Shelf,
    order: UUID,
    opened: dict[str, object],
    state: AppState,
    form: Format,
    dpi: float,
) -> None:
    try:
        manuscript = await prepare(workshop, wanted, state.settings.state_directory)
        pages = await workshop.studio.queue.run(lambda: write(manuscript, form, dpi))
        done = {**opened, "state": "done", "pages": len(pages), "recipe": dict(manuscript.recipe)}
        await asyncio.to_thread(shelf.put, order, done, pages)
    except OnemapError as error:
        _log.warning("exhibit_failed", exhibit=str(order), code=error.code, reason=error.message.en)
        said = {"code": error.code, "detail": error.message.get(wanted.lang)}
        await _told_failed(shelf, order, {**opened, "state": "failed", "error": said})
    except Exception as error:  # noqa: BLE001 - whatever it is, the order must not stay "running" for ever
        _log.error("exhibit_failed", exhibit=str(order), exc_info=error)
        internal = Text("制图时内部错误,已记录", "an internal error, logged").get(wanted.lang)
        said = {"code": "internal", "detail": internal}
        await _told_failed(shelf, order, {**opened, "state": "failed", "error": said})
    finally:
        await asyncio.to_thread(give_back_what_is_free)


async def _told_failed(shelf: Shelf, order: UUID, state: dict[str, object]) -> None:
    try:
        await asyncio.to_thread(shelf.put, order, state)
    except OnemapError as error:  # a full disk takes no word either; the order then counts as lost after a while
        _log.error("exhibit_state_lost", exhibit=str(order), reason=error.message.en)


@router.get("/exhibits/{exhibit}", summary="专题图的状态 / how an order stands", response_class=Response)
async def exhibit_state(state: StateParam, exhibit: OrderParam) -> Response:
    """``waiting`` or ``running`` (an atlas with its progress), ``done`` with the recipe, ``failed``, ``cancelled``."""
    known = await asyncio.to_thread(_shelf(state).state, exhibit)
    return JSONResponse(_shown(known), headers=_NO_STORE)


@router.delete("/exhibits/{exhibit}", summary="取消图集 / cancel an atlas", response_class=Response)
async def cancel_exhibit(state: StateParam, exhibit: OrderParam) -> Response:
    """An atlas stops before its next plate; a single page is done in a moment and is not stopped."""
    shelf = _shelf(state)
    known = await asyncio.to_thread(shelf.state, exhibit)
    if "atlas" in known and known["state"] in ("waiting", "running"):
        await asyncio.to_thread(shelf.cancel, exhibit)
        if known["state"] == "waiting":
            known = {**known, "state": "cancelled"}
            await asyncio.to_thread(shelf.put, exhibit, known)
    return JSONResponse(_shown(known), headers=_NO_STORE)


@router.get("/exhibits/{exhibit}/file", summary="专题图文件 / the finished file", response_class=Response)
async def exhibit_file(
    state: StateParam,
    exhibit: OrderParam,
    page: Annotated[int, Query(description="PNG、SVG 的第几页 / page of a PNG or SVG", ge=1, le=10_000)] = 1,
) -> Response:
    """The file; 404 while it is being made, or when there is no such page."""
    shelf = _shelf(state)
    known = await asyncio.to_thread(shelf.state, exhibit)
    if known["state"] != "done":
        raise NotFound(
            Text(f"专题图尚未完成(状态 {known['state']})", f"the exhibit is not finished (it is {known['state']})"),
            field="exhibit",
        )
    form = next(each for each in FORMATS.values() if each.name == known["format"])
    content = await asyncio.to_thread(shelf.content, exhibit, form.name, page)
    name = f"onemap-{known['kind']}-{exhibit}{'' if page == 1 else f'-{page}'}.{form.name}"
    shown = "inline" if form.name in ("pdf", "png") else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{name}"', **_NO_STORE}
    return FileResponse(content, media_type=form.media, headers=headers)
