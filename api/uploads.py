"""A file sent with a form: read with a limit, and put into the database in parts for whoever performs the job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.errors import ForeignPage
from geo.errors import FileTooLarge, InputError
from layers.text import Text

__all__ = ["read_form", "store_upload"]

_PART_BYTES = 1 << 20
_OVERHEAD_BYTES = 1 << 20
"""What the form's other fields and its boundaries may take."""
_MOST_FIELDS = 40


def _too_large(limit_mb: int) -> FileTooLarge:
    return FileTooLarge(
        Text(
            f"文件超过 {limit_mb} MB 的上限;请拆分,或用 onemap import 在服务器上导入",
            f"the file is over the limit of {limit_mb} MB; split it, or import it on the server with onemap import",
        ),
        field="file",
    )


async def _limited(request: Request, limit_mb: int) -> AsyncGenerator[bytes, None]:
    most, taken = limit_mb * (1 << 20) + _OVERHEAD_BYTES, 0
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(limit_mb)
    async for chunk in request.stream():
        taken += len(chunk)
        if taken > most:
            raise _too_large(limit_mb)
        yield chunk


def _refuse_foreign_page(request: Request) -> None:
    """Forms are sent from any page to any address without asking; who imports from a browser does so on our own page.

    Clients that are no browsers send no ``Origin``.
    """
    origin = request.headers.get("origin")
    hosts = {request.headers.get(name, "").lower() for name in ("host", "x-forwarded-host")}
    if origin is not None and urlsplit(origin).netloc.lower() not in hosts - {""}:
        raise ForeignPage(
            Text(
                f"表单来自另一个网站的页面({origin[:80]});请从本系统的 /import 导入,或让代理转发 Host",
                f"the form comes from a page of another site ({origin[:80]}); import from /import of this service, "
                "or let the proxy pass Host on",
            ),
            field="file",
        )


@asynccontextmanager
async def read_form(request: Request, limit_mb: int) -> AsyncIterator[FormData]:
    """The fields of a multipart form; the file lies in a temporary file until the end of the block.

    Raises:
        InputError: no multipart form, or a broken one. ForeignPage: a page of another site sent it.
        FileTooLarge: more than ``limit_mb`` was declared or sent.
    """
    _refuse_foreign_page(request)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InputError(
            Text("请以 multipart/form-data 上传,文件字段为 file", "send multipart/form-data with a field named file"),
            field="file",
        )
    parser = MultiPartParser(request.headers, _limited(request, limit_mb), max_files=1, max_fields=_MOST_FIELDS)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        said = getattr(error, "message", "no boundary")
        raise InputError(Text(f"上传的表单有误:{said}", f"the form is broken: {said}"), field="file") from error
    try:
        yield form
    finally:
        await form.close()


async def store_upload(
    connection: asyncpg.pool.PoolConnectionProxy[asyncpg.Record], upload: UUID, file: UploadFile
) -> int:
    """Copy the file into ``import_uploads`` in parts; its size in bytes."""
    part = size = 0
    while chunk := await asyncio.to_thread(file.file.read, _PART_BYTES):
        await connection.execute(
            "INSERT INTO import_uploads (upload, part, content) VALUES ($1, $2, $3)", upload, part, chunk
        )
        part, size = part + 1, size + len(chunk)
    return size
