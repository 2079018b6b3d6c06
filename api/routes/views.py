"""``/views``: the wall's saved views, which every wall shares; ``/scenes``: what each duty looks at."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.answers import json_answer
from api.deps import LangParam, StateParam
from geo.views import SavedView, forget_view, read_views, save_view

__all__ = ["router"]

router = APIRouter(tags=["wall"])

NameParam = Annotated[str, Path(description="视图名 / the view's name", max_length=80)]


class ViewBody(BaseModel):
    """What a view keeps beside its name."""

    model_config = ConfigDict(extra="forbid")

    link: str = Field(description="地址中 # 起的部分 / the fragment of the wall's address", max_length=8000)
    duty: str = Field(default="", description="值守任务,如 flood / the scene or duty it belongs to", max_length=40)


@router.get("/views", summary="值守视图 / saved views")
async def list_views(request: Request, state: StateParam) -> Response:
    """Every view with its duty and link, in the order in which the tour shows them."""
    found = await read_views(state.database)
    listed = [{"name": each.name, "duty": each.duty, "link": each.link} for each in found]
    return json_answer(request, {"views": listed})


@router.put("/views/{name}", summary="保存视图 / keep a view")
async def put_view(state: StateParam, name: NameParam, body: ViewBody) -> Response:
    """Keep a view under its name, in place of one that has it; open walls are told."""
    view = SavedView(name, body.link, body.duty)
    await save_view(state.database, view)
    return JSONResponse({"name": view.name, "duty": view.duty, "link": view.link})


@router.delete("/views/{name}", summary="删除视图 / remove a view", status_code=204)
async def delete_view(state: StateParam, name: NameParam) -> Response:
    """Remove a view; open walls are told."""
    await forget_view(state.database, name)
    return Response(status_code=204)


@router.get("/scenes", summary="场景预设 / what each duty looks at")
async def list_scenes(request: Request, state: StateParam, lang: LangParam) -> Response:
    """The scenes of the bureau's file with the rings of their kind of event, and what is set for the wall's screen."""
    listed = [
        {
            "name": name,
            "title": scene.title.get(lang),
            "layers": [each for each in scene.layers if each in state.registry],
            "event": scene.event,
            "rings_m": list(scene.rings_m(state.presets)),
            "overdue": scene.overdue,
        }
        for name, scene in state.scenes.items()
    ]
    settings = state.settings
    screen = {"wall_pitch_mm": settings.wall_pitch_mm, "tour_s": settings.tour_s, "tour_rest_s": settings.tour_rest_s}
    return json_answer(request, {"scenes": listed, "screen": screen})
