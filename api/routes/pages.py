"""The pages: the wall, its hashed assets, and the documentation, all served from here alone."""

from __future__ import annotations

import base64
import hashlib
import re

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.checkout import DIST
from api.middleware import CONTENT_SECURITY_POLICY
from api.problem_types import problem_page
from geo.errors import NotFound
from layers.text import Text

__all__ = ["mount", "router"]

router = APIRouter(include_in_schema=False)


class _Forever(StaticFiles):
    """Files whose name carries a hash of their content: cached for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept by the browser."""
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


@router.get("/")
async def wall() -> FileResponse:
    """The map wall."""
    return _page("index.html")


@router.get("/import")
async def import_page() -> FileResponse:
    """Where a file is dropped, looked at and imported."""
    return _page("import.html")


def _page(name: str) -> FileResponse:
    page = DIST / name
    if not page.is_file():
        raise NotFound(
            Text(
                "网页尚未构建;请运行 make up(或 npm --prefix api/wall run build)", "the page is not built: run make up"
            )
        )
    return FileResponse(page, headers={"Cache-Control": "no-cache"})


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The addresses, tried out in the browser, without any outside script."""
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="onemap 应急一张图 · API",
        swagger_js_url="/swagger/swagger-ui-bundle.js",
        swagger_css_url="/swagger/swagger-ui.css",
        swagger_favicon_url="/swagger/favicon.svg",
    )
    # The page starts Swagger by one inline script; its hash is allowed, inline scripts in general are not.
    (script,) = re.findall(r"<script>(.*?)</script>", bytes(page.body).decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = CONTENT_SECURITY_POLICY.replace("script-src 'self'", f"script-src 'self' 'sha256-{digest}'")
    # Swagger writes style attributes; only its page may.
    policy = policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    page.headers["Content-Security-Policy"] = policy
    return page


@router.get("/docs/errors")
async def docs_errors() -> HTMLResponse:
    """What the codes of problems mean: where their ``type`` leads."""
    return HTMLResponse(problem_page())


def mount(app: FastAPI) -> None:
    """Serve the built files where they are there; a checkout without the wall still answers everything else."""
    for folder, kind in (("assets", _Forever), ("swagger", StaticFiles)):
        if (DIST / folder).is_dir():
            app.mount(f"/{folder}", kind(directory=DIST / folder), name=folder)
