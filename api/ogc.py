"""What the doors of the OGC share: the status of a refusal, and tags that a client has already."""

from __future__ import annotations

from fastapi import Request

from api.errors import STATUSES
from geo.errors import OnemapError

__all__ = ["has_already", "ogc_status"]


def ogc_status(error: OnemapError) -> int:
    """The HTTP status of an exception report: 400 where the request was wrong."""
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    return 400 if status == 422 else status


def has_already(request: Request, etag: str) -> bool:
    """Whether the client sent this tag in ``If-None-Match``."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in known or "*" in known
