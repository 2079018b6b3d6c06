"""The one error table: the engine's exceptions → HTTP problems (RFC 9457); for commands see ``api/exit_codes.py``."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from api.patience import ClientGone
from geo import errors
from layers.text import Lang, Text

__all__ = ["STATUSES", "ForeignPage", "foreseen", "install", "problem", "unforeseen", "wanted_lang"]


class ForeignPage(errors.InputError):
    """A form that a page of another site made a browser send."""

    code = "foreign-page"


STATUSES: Mapping[type[errors.OnemapError], int] = {
    errors.InputError: 422,
    errors.FileTooLarge: 413,
    ForeignPage: 403,
    errors.ImportCancelled: 409,
    errors.ExhibitCancelled: 409,
    errors.NotFound: 404,
    errors.Busy: 503,
    errors.ImporterLost: 503,
    errors.DatabaseUnreachable: 503,
    errors.ClusterError: 503,
    errors.RenderError: 500,
    errors.OnemapError: 500,
}
"""The nearest class in an exception's ancestry decides."""

_RETRY_AFTER_S = "2"
_log = structlog.get_logger("onemap.errors")


def _nearest(table: Mapping[type[errors.OnemapError], int], error: errors.OnemapError) -> int:
    return next(table[kind] for kind in type(error).__mro__ if kind in table)


def wanted_lang(request: Request) -> Lang:
    """``lang`` of the query, else what ``Accept-Language`` prefers, else Chinese."""
    asked = request.query_params.get("lang")
    if asked in ("zh", "en"):
        return "en" if asked == "en" else "zh"
    for part in request.headers.get("accept-language", "").split(","):
        language = part.split(";")[0].strip().lower()
        if language.startswith(("zh", "en")):
            return "en" if language.startswith("en") else "zh"
    return "zh"


def problem(
    status: int, code: str, detail: str, *, fields: list[dict[str, str]] | None = None, title: str | None = None
) -> JSONResponse:
    """An ``application/problem+json`` answer. What was asked is told again, but for what has no form in UTF-8."""
    detail = detail.encode("utf-8", "replace").decode()
    fields = [{k: v.encode("utf-8", "replace").decode() for k, v in each.items()} for each in fields or []]
    body: dict[str, object] = {
        "type": f"/docs/errors#{code}",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if fields:
        body["errors"] = fields
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": _RETRY_AFTER_S} if status == 503 else {})
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def engine_error(request: Request, error: Exception) -> JSONResponse:
    """The answer to an error of the engine, by the one table."""
    assert isinstance(error, errors.OnemapError)
    status = _nearest(STATUSES, error)
    detail = error.message.get(wanted_lang(request))
    if status >= 500:
        _log.error("request_failed", code=error.code, path=request.url.path, reason=error.message.en)
    fields = [{"field": error.field, "detail": detail}] if error.field else None
    return problem(status, error.code, detail, fields=fields)


_FIELD_MESSAGES: Mapping[str, Text] = {
    "missing": Text("缺少参数", "is missing"),
    "float_parsing": Text("不是数字", "is not a number"),
    "finite_number": Text("不是有限的数", "is not a finite number"),
    "int_parsing": Text("不是整数", "is not a whole number"),
    "bool_parsing": Text("不是布尔值", "is not a boolean"),
}


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    lang = wanted_lang(request)
    fields: list[dict[str, str]] = []
    for each in error.errors():
        name = ".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0])
        known = _FIELD_MESSAGES.get(each["type"])
        said = known.get(lang) if known else str(each["msg"])
        given = "" if each["type"] == "missing" else f" ({str(each.get('input'))[:80]!r})"
        fields.append({"field": name, "detail": f"{name}{given}: {said}"})
    return problem(422, "input", "; ".join(field["detail"] for field in fields), fields=fields)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    known = {
        404: Text(f"没有地址 {request.url.path};全部地址见 /docs", f"no address {request.url.path}; see /docs for all"),
        413: Text("发送的内容过大(ONEMAP_BODY_MAX_MB)", "more was sent than is taken (ONEMAP_BODY_MAX_MB)"),
        405: Text(f"{request.url.path} 不接受 {request.method}", f"{request.url.path} does not take {request.method}"),
    }
    text = known.get(error.status_code)
    detail = text.get(wanted_lang(request)) if text else str(error.detail)
    codes = {404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}
    return problem(error.status_code, codes.get(error.status_code, "http"), detail)


async def unforeseen(request: Request, error: Exception) -> JSONResponse:
    """The answer to a defect of ours: 500, with the traceback in the log alone."""
    _log.error("unforeseen", path=request.url.path, exc_info=error)
    text = Text(
        "服务内部错误,已记录;请把请求编号告诉管理员", "an internal error, logged; tell the request id to your admin"
    )
    return problem(500, "internal", text.get(wanted_lang(request)))


async def foreseen(request: Request, error: Exception) -> Response:
    """The answer to an error of the engine, and to a client that is gone."""
    if isinstance(error, ClientGone):
        return Response(status_code=499)  # what proxies log for this; nobody reads the answer
    return await engine_error(request, error)


def install(app: FastAPI) -> None:
    """Answer every failure as a problem."""
    app.add_exception_handler(errors.OnemapError, foreseen)
    app.add_exception_handler(ClientGone, foreseen)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
