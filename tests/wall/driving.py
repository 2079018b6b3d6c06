"""The real service as a child process, and a browser's page that reports whatever goes wrong."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

ROOT = Path(__file__).resolve().parents[2]

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--headless",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_START_S = 150.0


def free_port() -> int:
    """A port of the loopback interface that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_live(address: str, service: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if service.poll() is not None:
            raise RuntimeError(f"the service ended at once:\n{log.read_text('utf-8')}")
        try:
            with urllib.request.urlopen(f"{address}/health/live", timeout=1):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"the service did not answer within {_START_S:.0f} s:\n{log.read_text('utf-8')}")


def chromium_path() -> str:
    """Debian's Chromium, or the one that is named."""
    found = os.environ.get("ONEMAP_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise RuntimeError("no Chromium: apt-get install chromium, or name one by ONEMAP_CHROMIUM")
    return found


def launch(
    database_url: str,
    directory: Path,
    house: Path = ROOT,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
) -> tuple[str, subprocess.Popen[bytes]]:
    """The service of a checkout (or a copy of one) as a child; its address without a slash at the end."""
    if not (house / "api/wall/dist/index.html").is_file():
        raise RuntimeError("the wall is not built: npm --prefix api/wall run build")
    port, log = port or free_port(), directory / "service.log"
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(house),
        "ONEMAP_DATABASE_URL": database_url,
        "ONEMAP_LOG_LEVEL": "WARNING",
        **(settings or {}),
    }
    with log.open("wb") as output:
        service = subprocess.Popen(command, cwd=house, env=environment, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_live(address, service, log)
    except RuntimeError:
        end(service)
        raise
    return address, service


def end(service: subprocess.Popen[bytes]) -> None:
    """Ask it to end, then make it."""
    service.terminate()
    try:
        service.wait(20)
    except subprocess.TimeoutExpired:
        service.kill()
        service.wait(10)


@contextmanager
def serving(
    database_url: str, directory: Path, house: Path = ROOT, settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """The service on ``database_url`` for as long as the context lasts; its address."""
    address, service = launch(database_url, directory, house, settings=settings)
    try:
        yield address
    finally:
        end(service)


class Watched:
    """A page with what it asked for and complained about."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.requests: list[str] = []
        self.failed: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def _failed(self, request: Request) -> None:
        # A question that was overtaken by the next one is ended by the page itself.
        if request.failure != "net::ERR_ABORTED":
            self.failed.append(f"{request.url}: {request.failure}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" or (message.type == "warning" and "GL Driver Message" not in message.text):
            self.complaints.append(f"{message.type}: {message.text}")

    def strangers(self) -> list[str]:
        """Requests to anywhere but the service (a map's own blobs and data: pictures do not leave the page)."""
        own = urlsplit(self.address).netloc
        return [
            url for url in self.requests if urlsplit(url).scheme not in ("blob", "data") and urlsplit(url).netloc != own
        ]

    def open(self, fragment: str = "") -> Page:
        """The wall, once everything in view is drawn."""
        self.page.goto(f"{self.address}/{fragment}")
        self.drawn()
        return self.page

    def drawn(self) -> None:
        """Wait until the map has nothing left to draw."""
        self.page.wait_for_selector("main[data-drawn=true]", timeout=45_000)

    def answered(self) -> None:
        """Wait until the answer is whole."""
        self.page.wait_for_selector("[data-test=answer][data-status=ready]", timeout=45_000)


@contextmanager
def watched_page(browser: Browser, address: str, **options: object) -> Iterator[Watched]:
    """A page in a context of its own."""
    settings = {"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN", "color_scheme": "light", **options}
    context = browser.new_context(**settings)  # type: ignore[arg-type]  # playwright types each option by itself
    context.set_default_timeout(20_000)
    yield Watched(context.new_page(), address)
    context.close()
