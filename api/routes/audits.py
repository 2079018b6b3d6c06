"""``/audits``: shelters inside hazards, townships without a helipad, inspections overdue …, each row explained."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.answers import cached, json_answer
from api.audit_answers import answer_dict, audit_file, beijing_today, described
from api.deps import LangParam, ReaderParam, StateParam
from geo.audits import AUDITS, AuditQuery, ask_audit, choose_audit
from geo.errors import InputError
from geo.export import MEDIA_TYPES, ExportFormat
from layers.text import Text

__all__ = ["router"]

router = APIRouter(tags=["audits"])


@router.get("/audits", summary="审查目录 / the audits")
async def list_audits(request: Request, lang: LangParam) -> Response:
    """Every audit with what it asks and the columns of its answer."""
    return json_answer(request, {"audits": [described(audit, lang) for audit in AUDITS.values()]})


def _day(today: str | None) -> date:
    if today is None:
        return beijing_today()
    try:
        return date.fromisoformat(today)
    except ValueError as error:
        raise InputError(
            Text(f"today={today!r} 应为日期,如 2026-11-22", f"today={today!r} should be a date such as 2026-11-22"),
            field="today",
        ) from error


@router.get("/audits/{audit}", summary="一项审查 / one audit")
async def run_audit(
    request: Request,
    state: StateParam,
    reader: ReaderParam,
    lang: LangParam,
    audit: Annotated[str, Path(description="see /audits", json_schema_extra={"enum": list(AUDITS)})],
    division: Annotated[str | None, Query(description="行政区划代码 / division code, descendants included")] = None,
    today: Annotated[str | None, Query(description="截至日期,缺省为今天(北京时间)/ as of this date")] = None,
    reach_m: Annotated[float | None, Query(description="隐患点影响范围(米)/ reach of hazards, metres")] = None,
    sample_share: Annotated[float, Query(description="一般风险抽查比例 / share drawn at random")] = 0.1,
    seed: Annotated[str, Query(description="抽样种子,缺省为年份 / seed of the sample", max_length=80)] = "",
    format_: Annotated[
        ExportFormat | None, Query(alias="format", description="geojson, csv, xlsx, gpkg, parquet")
    ] = None,
    limit: Annotated[int, Query(description="最多列出的行数 / most rows listed", ge=1, le=50_000)] = 5000,
) -> Response:
    """Findings as GeoJSON features, each with its values and why it is listed; or as a file with ``format``."""
    chosen = choose_audit(audit)
    query = AuditQuery(
        state.registry,
        _day(today),
        division,
        reader,
        state.grids,
        reach_m,
        sample_share,
        seed,
        river_snap_m=state.settings.river_snap_m,
        downstream_breadth_m=state.settings.downstream_breadth_m,
    )
    answer = await ask_audit(state.database, chosen, query)
    if format_ is None:
        return json_answer(request, answer_dict(chosen, answer, lang, limit))
    body = await asyncio.to_thread(audit_file, chosen, answer, format_, state.registry, lang)
    response = cached(request, body, MEDIA_TYPES[format_])
    response.headers["Content-Disposition"] = f'attachment; filename="{chosen.name}.{format_.value}"'
    return response
