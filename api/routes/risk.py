"""``/risk``: what is within these radii of a place, how far, how bad, why, and who can help."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Literal

import shapely
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from shapely.geometry.base import BaseGeometry

from api.answers import cached, json_answer
from api.deps import AppState, GradesParam, LangParam, LayersParam, PlaceParam, ReaderParam, StateParam, parse_list
from api.errors import wanted_lang
from api.patience import unless_gone
from geo.crs import Crs
from geo.errors import InputError
from geo.export import MEDIA_TYPES, ExportFormat, export_features
from geo.known_divisions import require_division
from geo.risk import (
    DEFAULT_RULES,
    Extras,
    RiskQuery,
    Where,
    around_geometry,
    around_point,
    choose_rules,
    in_sector,
    rings_of,
    risk_answer,
)
from geo.risk.capacity import capacity_rows
from geo.risk.list_sheet import left_out, list_sheet
from geo.risk.places import around_division, around_feature
from geo.selection import Reader, choose_layers
from layers.layer import Family
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["ALL_PARTS", "LONGEST_RULES_NAME", "NEAREST", "risk", "router"]

router = APIRouter(tags=["risk"])

_DEFAULT_RADIUS_M = (1000.0,)
_PARTS = ("index", "affected", "grids", "capacity")
ALL_PARTS = ",".join(_PARTS)
LONGEST_RULES_NAME = 100
NEAREST = 3
Include = Annotated[
    str,
    Query(description="index,affected,grids,capacity:答案中附带的部分 / parts beside the features; empty: none"),
]


FormatParam = Annotated[
    ExportFormat | None, Query(alias="format", description="要素文件格式;缺省为 JSON 答案 / the features as a file")
]


RulesParam = Annotated[
    str | None,
    Query(description="规则名,见 /risk/rules,缺省 default / the name of a rule set", max_length=LONGEST_RULES_NAME),
]


async def _answer(
    request: Request, state: AppState, query: RiskQuery, include: str, format_: ExportFormat | None, rules: str | None
) -> Response:
    """The answer, or its features as a file."""
    if format_ is None:
        whole = await unless_gone(request, risk_answer(state.database, query, _extras(state, include, rules)))
        return cached(request, whole, "application/json")
    beside = ",".join({"capacity", "grids"} & {part.strip() for part in include.split(",")})
    answer = json.loads(await unless_gone(request, risk_answer(state.database, query, _extras(state, beside, None))))
    found, total = answer["features"]["features"], answer["total"]
    tables = {**left_out(len(found), total)}
    if "capacity" in answer:
        tables["capacity"] = capacity_rows(answer["capacity"])
    first = list_sheet(found, state.registry, wanted_lang(request), total)
    content = await asyncio.to_thread(export_features, found, format_, tables, first)
    response = cached(request, content, MEDIA_TYPES[format_])
    # A format without room for a remark says it by its name.
    name = "risk" if len(found) == total else f"risk-{len(found)}-of-{total}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{format_.value}"'
    response.headers["X-Onemap-Truncated"] = f"{len(found)}/{total}"
    return response


def _extras(state: AppState, include: str, named: str | None) -> Extras:
    wanted = {part.strip() for part in include.split(",") if part.strip()}
    unknown = sorted(wanted - set(_PARTS))
    if unknown:
        known = ",".join(_PARTS)
        raise InputError(
            Text(
                f"include 中没有 {', '.join(unknown)};可用 {known}",
                f"no {', '.join(unknown)} to include; known: {known}",
            ),
            field="include",
        )
    rules = choose_rules(state.rulesets, named) if "index" in wanted else None
    grids = state.grids if "grids" in wanted else None
    return Extras(
        state.registry, rules, "affected" in wanted, state.settings.risk_limits(), grids, "capacity" in wanted
    )


def _most(state: AppState, limit: int | None, format_: ExportFormat | None) -> int:
    """How many features are listed: a screen needs the nearest; who takes a file away takes it for all there is."""
    if limit is not None:
        return limit
    return state.settings.features_default if format_ is None else state.settings.features_max


def _radii(state: AppState, radius_m: tuple[float, ...] | None, event: str | None) -> tuple[float, ...]:
    if radius_m is not None:
        return radius_m
    return rings_of(state.presets, event) if event is not None else _DEFAULT_RADIUS_M


@router.get("/risk", summary="周边风险 / what is at risk near here")
async def risk(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    place: PlaceParam,
    layers: LayersParam,
    grades: GradesParam,
    radius_m: Annotated[
        str | None, Query(description="半径(米,默认 1000),可用逗号给出多个 / metres, several with commas")
    ] = None,
    event: Annotated[str | None, Query(description="按事件类型取环,见 /risk/presets / rings by kind of event")] = None,
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    limit: Annotated[int | None, Query(description="最多列出的要素数 / most features listed", ge=1)] = None,
    nearest: Annotated[int, Query(description="每类最近资源数 / nearest resources of each kind", ge=0)] = NEAREST,
    include: Include = ALL_PARTS,
    rules: RulesParam = None,
    format_: FormatParam = None,
) -> Response:
    """Features within the outermost radius by true ellipsoidal distance; counts are complete even when truncated."""
    radii = tuple(parse_list(radius_m, "radius_m", float)) if radius_m is not None else None
    await require_division(state.database, state.registry, division, reader)
    query = RiskQuery(
        where=around_point(*place),
        radii_m=_radii(state, radii, event),
        layers=layers,
        grades=grades,
        division=division,
        limit=_most(state, limit, format_),
        nearest=nearest,
        reader=reader,
        helpers=state.registry.helpers(),
    )
    return await _answer(request, state, query, include, format_, rules)


class SectorBody(BaseModel):
    """A sector: clockwise from one bearing to another, degrees from north."""

    model_config = ConfigDict(extra="forbid")

    lon: float
    lat: float
    start_deg: float
    end_deg: float


class RiskBody(BaseModel):
    """Where is asked (exactly one of geometry, sector, division, feature), and what."""

    model_config = ConfigDict(extra="forbid")

    geometry: dict[str, object] | None = Field(
        default=None, description="GeoJSON geometry, Feature or FeatureCollection"
    )
    sector: SectorBody | None = None
    in_division: str | None = Field(default=None, description="the outline of a division, by its code")
    feature: str | None = Field(default=None, description="{layer}/{source}/{source_id}: around its shape")
    crs: str = "CRS84"
    radius_m: list[float] | float | None = None
    event: str | None = None
    layers: list[str] | None = None
    families: list[Family] | None = None
    grades: list[RiskGrade | Literal["none"]] | None = None
    division: str | None = None
    limit: int | None = Field(default=None, ge=1)
    nearest: int = Field(default=NEAREST, ge=0)
    include: str = ALL_PARTS
    rules: str | None = Field(default=None, description="the name of a rule set, see /risk/rules")


def _shape(geometry: dict[str, object]) -> BaseGeometry:
    """The shape of any GeoJSON object; several features are taken together."""
    try:
        shape: BaseGeometry = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise InputError(
            Text(f"geometry 不是有效的 GeoJSON:{error}", f"geometry is no valid GeoJSON: {error}"), field="geometry"
        ) from error
    if isinstance(shape, shapely.GeometryCollection):
        return shapely.unary_union(list(shape.geoms))
    return shape


async def _where(state: AppState, body: RiskBody, reader: Reader) -> Where:
    given = [name for name in ("geometry", "sector", "in_division", "feature") if getattr(body, name) is not None]
    if len(given) != 1:
        raise InputError(
            Text(
                "请在 geometry、sector、in_division、feature 中给出且只给出一个",
                "give exactly one of geometry, sector, in_division and feature",
            ),
            field="geometry",
        )
    limits = state.settings.where_limits()
    if body.geometry is not None:
        return around_geometry(_shape(body.geometry), Crs.parse(body.crs), limits)
    if body.sector is not None:
        lon, lat = Crs.parse(body.crs).point_to_cgcs2000(body.sector.lon, body.sector.lat)
        return in_sector(lon, lat, body.sector.start_deg, body.sector.end_deg)
    if body.in_division is not None:
        return await around_division(state.database, state.registry, body.in_division, reader, limits)
    return await around_feature(state.database, state.registry, body.feature or "", reader, limits)


@router.post("/risk", summary="任意图形周边的风险 / what is at risk near any shape")
async def risk_of_shape(
    request: Request, state: StateParam, reader: ReaderParam, body: RiskBody, format_: FormatParam = None
) -> Response:
    """The answer of ``GET /risk`` for a line, polygon, sector, division or feature; radius 0 means inside."""
    radii = (body.radius_m,) if isinstance(body.radius_m, float | int) else body.radius_m
    chosen = choose_layers(state.registry, body.layers)
    await require_division(state.database, state.registry, body.division, reader)
    query = RiskQuery(
        where=await _where(state, body, reader),
        radii_m=_radii(state, tuple(radii) if radii is not None else None, body.event),
        layers=tuple(layer for layer in chosen if body.families is None or layer.family in body.families),
        grades=None
        if body.grades is None
        else frozenset(None if grade == "none" else RiskGrade(grade) for grade in body.grades),
        division=body.division,
        limit=_most(state, body.limit, format_),
        nearest=body.nearest,
        reader=reader,
        helpers=state.registry.helpers(),
    )
    return await _answer(request, state, query, body.include, format_, body.rules)


@router.get("/risk/rules", summary="指数规则 / the rule sets of the index")
async def show_rules(request: Request, state: StateParam, rules: RulesParam = None) -> Response:
    """The rule set that holds, or the one named, as it was read; ``available`` names them all."""
    chosen = choose_rules(state.rulesets, rules).model_dump(mode="json")
    return json_answer(request, chosen | {"name": rules or DEFAULT_RULES, "available": list(state.rulesets)})


@router.get("/risk/presets", summary="按事件类型的环 / rings by kind of event")
async def presets(request: Request, state: StateParam, lang: LangParam) -> Response:
    """The rings of each kind of event."""
    listed = [
        {"event": name, "title": preset.title.get(lang), "rings_m": list(preset.rings_m)}
        for name, preset in state.presets.items()
    ]
    return json_answer(request, {"presets": listed})
