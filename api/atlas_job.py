"""An ordered atlas, drawn in a process of its own: the service stays quick, and its memory is its own.

``perform`` starts the process and watches over it; ``python -m api.atlas_job ORDER`` is that process. It writes how far
it is to the shelf, looks there whether it was cancelled, and what it has drawn is kept when it is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from uuid import UUID

import psycopg
import structlog

from api.checkout import CHECKOUT
from api.settings import Settings
from api.workshop import workshop_of
from geo.errors import ExhibitCancelled, NotFound, OnemapError
from geo.exhibits.atlas import AtlasProgress, make_atlas
from geo.exhibits.atlas_request import read_atlas
from geo.exhibits.shelf import Shelf
from layers.text import Text

__all__ = ["ATTEMPTS_MAX", "perform", "shelf_of", "waiting_atlases"]

ATTEMPTS_MAX = 5
"""An atlas whose process died that often is not tried again."""
_TOLD_EVERY_S = 0.5
_POLL_S = 0.2
_THREADS = 2
_UNDER_WAY = "SELECT args->>'order' FROM procrastinate_jobs WHERE queue_name = %s AND status IN ('todo', 'doing')"
_log = structlog.get_logger("onemap.exhibits")


def shelf_of(settings: Settings) -> Shelf:
    """The shelf of this state directory."""
    return Shelf(settings.state_directory / "exhibits")


def perform(settings: Settings, order: UUID, stop: Callable[[], bool] = lambda: False) -> None:
    """Draw the atlas of an order, unless it is done, failed or cancelled; what comes of it is on the shelf."""
    shelf = shelf_of(settings)
    try:
        opened = shelf.state(order)
    except NotFound:
        return
    if opened["state"] not in ("waiting", "running"):
        return
    attempts = int(str(opened.get("attempts", 0))) + 1
    if attempts > ATTEMPTS_MAX:
        said = Text(f"制图 {ATTEMPTS_MAX} 次均中断", f"it broke off {ATTEMPTS_MAX} times").get("zh")
        shelf.put(order, {**opened, "state": "failed", "error": {"code": "lost", "detail": said}})
        return
    shelf.put(order, {**opened, "state": "running", "attempts": attempts})
    told = {**settings.model_dump(mode="json"), "database_url": settings.dsn()}
    child = subprocess.Popen(
        [sys.executable, "-m", "api.atlas_job", str(order)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=CHECKOUT,
    )
    assert child.stdin is not None
    with child.stdin as pipe:
        pipe.write(json.dumps(told).encode())
    while child.poll() is None:
        if stop():
            child.terminate()
        time.sleep(_POLL_S)
    if child.returncode:
        _log.warning("atlas_broken_off", exhibit=str(order), status=child.returncode)


def waiting_atlases(dsn: str, queue: str, shelf: Shelf) -> list[str]:
    """The open atlases that no job in ``queue`` will bring to an end: new ones, and lost ones."""
    found = [str(order) for order in shelf.open_atlases()]
    if not found:
        return []
    with psycopg.connect(dsn, application_name="onemap worker") as connection:
        rows = connection.execute(_UNDER_WAY, (queue,)).fetchall()
    under_way = {row[0] for row in rows}
    return [order for order in found if order not in under_way]


def _draw(settings: Settings, order: UUID) -> None:
    shelf = shelf_of(settings)
    opened = shelf.state(order)
    last = 0.0

    def told(progress: AtlasProgress) -> None:
        nonlocal last
        if progress.stage != "drawing" or time.monotonic() - last > _TOLD_EVERY_S:
            last = time.monotonic()
            now = {"stage": progress.stage, "done": progress.done, "plates": progress.plates}
            shelf.put(order, {**opened, "state": "running", "progress": now})

    async def run() -> dict[str, object]:
        values = opened["request"]
        assert isinstance(values, dict)
        async with workshop_of(settings, threads=_THREADS) as workshop:
            return dict(
                await make_atlas(
                    workshop,
                    read_atlas(values),
                    shelf.path(order, "pdf"),
                    state_directory=settings.state_directory,
                    parts=shelf.parts(order),
                    plates_max=settings.atlas_plates_max,
                    told=told,
                    cancelled=lambda: shelf.is_cancelled(order),
                )
            )

    try:
        recipe = asyncio.run(run())
        shelf.put(order, {**opened, "state": "done", "pages": 1, "recipe": recipe})
    except ExhibitCancelled:
        shutil.rmtree(shelf.parts(order), ignore_errors=True)
        shelf.put(order, {**opened, "state": "cancelled"})
    except OnemapError as error:
        lang = "en" if opened.get("lang") == "en" else "zh"
        said = {"code": error.code, "detail": error.message.get("en" if lang == "en" else "zh")}
        shelf.put(order, {**opened, "state": "failed", "error": said})


def main() -> None:
    """The drawing process: its settings come through standard input."""
    os.nice(5)  # whoever asks the service goes before
    settings = Settings(**json.loads(sys.stdin.buffer.read()))
    _draw(settings, UUID(sys.argv[1]))


if __name__ == "__main__":
    main()
