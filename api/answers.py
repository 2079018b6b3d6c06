"""Answers that can be cached: a content ETag, and 304 for who has it already."""

from __future__ import annotations

import hashlib
import json

from fastapi import Request, Response

__all__ = ["cached", "has_already", "json_answer"]


def has_already(request: Request, etag: str) -> bool:
    """Whether the client sent this tag in ``If-None-Match``."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known


def cached(request: Request, body: bytes, media_type: str, *, cache_control: str = "no-cache") -> Response:
    """``body`` with its ETag, or 304 when the client's copy is the same. ``no-cache`` means: ask before using."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"ETag": etag, "Cache-Control": cache_control, "Vary": "Accept-Language"}
    if has_already(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def json_answer(request: Request, value: object) -> Response:
    """``value`` as JSON with an ETag."""
    return cached(request, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), "application/json")
