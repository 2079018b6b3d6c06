"""``/exhibits``: a page is ordered, drawn in the studio's threads, and fetched; kept on disk for a day."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path as FilePath
from typing import Annotated, Literal
from uuid import UUID, uuid4

import structlog
from fastapi import APIRouter, Body, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from api.deps import LangParam, ReaderParam, StateParam
from api.studio import StudioParam
from geo.errors import NotFound, OnemapError
from geo.exhibits.exhibit import make_exhibit
from geo.exhibits.request import ExhibitRequest, read_request
from geo.exhibits.shelf import Shelf
from geo.exhibits.workshop import Workshop
from geo.risk import Extras
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["exhibits"])
_log = structlog.get_logger("onemap.exhibits")

_MEDIA = {"pdf": "application/pdf", "png": "image/png"}
_NO_STORE = {"Cache-Control": "private, no-store"}

OrderParam = Annotated[UUID, Path(description="专题图编号 / the exhibit's id")]


def _shelf(state: StateParam) -> Shelf:
    return Shelf(state.settings.state_directory / "exhibits")


@router.post("/exhibits", summary="制作专题图 / order an exhibit", status_code=202, response_class=Response)
async def order_exhibit(
    request: Request,
    state: StateParam,
    studio: StudioParam,
    reader: ReaderParam,
    lang: LangParam,
    body: Annotated[dict[str, object], Body(description="见 ExhibitRequest / see ExhibitRequest")],
    format: Annotated[Literal["pdf", "png"], Query(description="PDF,或第一页的 PNG / page one")] = "pdf",
    dpi: Annotated[float, Query(description="PNG 的分辨率 / of a PNG", ge=72, le=300)] = 200.0,
) -> Response:
    """Answers at once with the exhibit's address; ``made_on`` is today and ``lang`` the reader's where not given."""
    wanted = read_request({"made_on": date.today().isoformat(), "lang": lang, **body})
    extras = Extras(state.registry, state.rules, limits=state.settings.risk_limits(), grids=state.grids)
    workshop = Workshop(studio, state.database, studio.themes.get("print"), reader, extras)
    shelf, order = _shelf(state), uuid4()
    await asyncio.to_thread(shelf.clear)
    opened: dict[str, object] = {"id": str(order), "kind": wanted.kind, "format": format, "state": "running"}
    await asyncio.to_thread(shelf.put, order, opened)
    png_dpi = dpi if format == "png" else None
    work = asyncio.create_task(_make(workshop, wanted, shelf, order, opened, state.settings.state_directory, png_dpi))
    # The loop holds tasks weakly: the application keeps them until they are done.
    running: set[asyncio.Task[None]] = getattr(request.app.state, "exhibit_tasks", set())
    request.app.state.exhibit_tasks = running
    running.add(work)
    work.add_done_callback(running.discard)
    return JSONResponse(opened, 202, {"Location": f"/exhibits/{order}", **_NO_STORE})


async def _make(
    workshop: Workshop,
    wanted: ExhibitRequest,
    shelf: Shelf,
    order: UUID,
    opened: dict[str, object],
    state_directory: FilePath,
    png_dpi: float | None,
) -> None:
    try:
        made = await make_exhibit(workshop, wanted, state_directory, png_dpi=png_dpi)
        done = {**opened, "state": "done", "pages": len(made.pages), "recipe": made.recipe}
        await asyncio.to_thread(shelf.put, order, done, made.pages[0])
    except OnemapError as error:
        _log.warning("exhibit_failed", exhibit=str(order), code=error.code, reason=error.message.en)
        said = {"code": error.code, "detail": error.message.get(wanted.lang)}
        await asyncio.to_thread(shelf.put, order, {**opened, "state": "failed", "error": said})
    except Exception as error:  # noqa: BLE001 - whatever it is, the order must not stay "running" for ever
        _log.error("exhibit_failed", exhibit=str(order), exc_info=error)
        internal = Text("制图时内部错误,已记录", "an internal error, logged").get(wanted.lang)
        said = {"code": "internal", "detail": internal}
        await asyncio.to_thread(shelf.put, order, {**opened, "state": "failed", "error": said})


@router.get("/exhibits/{exhibit}", summary="专题图的状态 / how an order stands", response_class=Response)
async def exhibit_state(state: StateParam, exhibit: OrderParam) -> Response:
    """``running``, ``done`` with the recipe, or ``failed`` with the reason."""
    return JSONResponse(await asyncio.to_thread(_shelf(state).state, exhibit), headers=_NO_STORE)


@router.get("/exhibits/{exhibit}/file", summary="专题图文件 / the finished page", response_class=Response)
async def exhibit_file(state: StateParam, exhibit: OrderParam) -> Response:
    """The PDF or PNG; 404 while it is being made."""
    shelf = _shelf(state)
    known = await asyncio.to_thread(shelf.state, exhibit)
    if known["state"] != "done":
        raise NotFound(
            Text(f"专题图尚未完成(状态 {known['state']})", f"the exhibit is not finished (it is {known['state']})"),
            field="exhibit",
        )
    ending = str(known["format"])
    content = await asyncio.to_thread(shelf.content, exhibit, ending)
    disposition = f'inline; filename="onemap-{known["kind"]}-{exhibit}.{ending}"'
    return Response(content, media_type=_MEDIA[ending], headers={"Content-Disposition": disposition, **_NO_STORE})
