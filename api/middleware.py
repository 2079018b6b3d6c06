"""What happens to every request and answer: an id, a log line, and the security headers."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import unforeseen

__all__ = ["CONTENT_SECURITY_POLICY", "FOR_EVERY_ANSWER", "RequestMiddleware", "given_request_id"]

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "worker-src 'self'; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""No outside request, no eval: command networks have no internet."""

FOR_EVERY_ANSWER = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
}
"""The security headers; an answer with a policy of its own keeps it."""

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = structlog.get_logger("onemap.requests")


def given_request_id(given: str) -> str:
    """The id that a client gave its request, if it is one; else nothing."""
    return given if _GIVEN_ID.fullmatch(given) else ""


class RequestMiddleware:
    """``X-Request-ID`` on every answer, one log line per request (path without query: it may name people)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = given_request_id(Headers(scope=scope).get("x-request-id", "")) or uuid.uuid4().hex
        started, status = time.perf_counter(), 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in FOR_EVERY_ANSWER.items():
                    headers.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception as error:
                if status:
                    raise
                await (await unforeseen(Request(scope), error))(scope, receive, send_with_headers)
            finally:
                _log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )
