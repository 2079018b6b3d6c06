"""Exhibits for tests: requests with what every page needs, and what came of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from geo.exhibits.content import Content
from geo.exhibits.manuscript import compose, prepare
from geo.exhibits.page import pages_of
from geo.exhibits.request import ExhibitRequest, read_request
from geo.exhibits.workshop import Workshop
from tests.exhibit_workshop import STATE, in_workshop

__all__ = ["composed_of", "made_of", "pdf_of", "request_of"]


def request_of(**values: object) -> ExhibitRequest:
    return read_request({"kind": "surroundings", "made_on": "2026-11-22", **values})


def pdf_of(dsn: str, **values: object) -> bytes:
    ((_, pdf),) = made_of(dsn, [values])
    return pdf


def composed_of(dsn: str, **values: object) -> Content:
    return in_workshop(dsn, lambda shop: compose(shop, request_of(**values)))


def made_of(dsn: str, wanted: Iterable[Mapping[str, object]], **more: object) -> list[tuple[Content, bytes]]:
    """Content and PDF of each request, in one workshop."""

    async def all_of(shop: Workshop) -> list[tuple[Content, bytes]]:
        made = []
        for values in wanted:
            manuscript = await prepare(shop, request_of(**values), STATE)
            made.append((manuscript.content, pages_of(manuscript, "pdf")[0]))
        return made

    return in_workshop(dsn, all_of, **more)  # type: ignore[arg-type]  # the same keywords
