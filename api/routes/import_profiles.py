"""``/imports/targets``, ``/imports/profiles``: what a file can be imported into, what is declared once per source."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse

from api.deps import LangParam, StateParam
from geo.ingest.into import targets
from geo.ingest.place_columns import PLACE_ROLES
from geo.ingest.profiles import read_profile, read_profiles, remove_profile
from layers.layer import Layer

__all__ = ["router"]

router = APIRouter(tags=["imports"])
_NO_STORE = {"Cache-Control": "no-store"}

NameParam = Annotated[str, Path(description="方案名 / the profile's name", min_length=1, max_length=80)]


@router.get("/imports/targets", summary="可导入的图层与字段 / what can be imported, with its fields")
async def list_targets(lang: LangParam) -> JSONResponse:
    """Each layer or table, and the fields that a column may fill; ``places`` are the roles of coordinate columns."""
    found = [
        {
            "name": each.name,
            "title": each.title.get(lang),
            "places": list(PLACE_ROLES) if isinstance(each, Layer) else [],
            "fields": [
                {
                    "name": field.name,
                    "title": field.title.get(lang),
                    "unit": field.unit.get(lang) if field.unit else None,
                }
                for field in each.importable_fields()
            ],
        }
        for each in targets().values()
    ]
    return JSONResponse({"targets": found}, headers=_NO_STORE)


@router.get("/imports/profiles", summary="已保存的导入方案 / the saved profiles")
async def list_profiles(state: StateParam) -> JSONResponse:
    """Layer, source, CRS or datum, notation, encoding, sheet and mapping of each, by name."""
    found = await asyncio.to_thread(read_profiles, state.settings.dsn())
    return JSONResponse({"profiles": [each.as_dict() for each in found]}, headers=_NO_STORE)


@router.get("/imports/profiles/{name}", summary="一个导入方案 / one profile")
async def show_profile(state: StateParam, name: NameParam) -> JSONResponse:
    """One profile as the list has it."""
    found = await asyncio.to_thread(read_profile, state.settings.dsn(), name)
    return JSONResponse(found.as_dict(), headers=_NO_STORE)


@router.delete("/imports/profiles/{name}", status_code=204, summary="删除导入方案 / forget a profile")
async def forget_profile(state: StateParam, name: NameParam) -> Response:
    """What was imported by it stays."""
    await asyncio.to_thread(remove_profile, state.settings.dsn(), name)
    return Response(status_code=204, headers=_NO_STORE)
