"""What ``onemap up`` and ``onemap serve`` do: make the database ready, start the service, show its addresses."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from api import background
from api.actions.stop import LOCK_TIMEOUT_S, tell
from api.background import Service
from api.checkout import CHECKOUT
from api.fingerprint import fingerprint
from api.own_basemap import basemap_warning
from api.preparation import example_place, prepare
from api.settings import Settings
from api.unread_settings import unread_variables
from geo.errors import ClusterError
from geo.postgres.processes import exclusive
from layers.text import Text

__all__ = ["start_in_background", "start_in_foreground"]


def _is_this(running: Service, host: str, port: int, code: str) -> bool:
    """Whether the running service is the one that was asked for, and ready: then nothing need be done."""
    same = (running.host, running.port, running.fingerprint) == (host, port, code)
    return same and background.readiness(host, port)[0] == 200


def _state_directory(settings: Settings) -> Path:
    try:
        settings.state_directory.mkdir(parents=True, exist_ok=True)
        (settings.state_directory / "service.lock").touch()
    except OSError as error:
        raise ClusterError(
            Text(
                f"无法写入 {settings.state_directory}（{error.strerror}）。请以其所有者身份运行，"
                "或设置 ONEMAP_STATE_DIRECTORY",
                f"{settings.state_directory} cannot be written ({error.strerror}). Run as its owner, "
                "or set ONEMAP_STATE_DIRECTORY",
            )
        ) from error
    return settings.state_directory


def _warn_of_basemap(settings: Settings) -> None:
    warning = basemap_warning(settings)
    if warning is not None:
        tell(warning)


def _show(service: Service, dsn: str) -> None:
    """What can be opened now, one address a line."""
    lon, lat = example_place(dsn)
    addresses = {
        Text("地图", "the map"): "/",
        Text("接口文档", "the API's documentation"): "/docs",
        Text("附近有何风险", "what is at risk near here"): f"/risk?lon={lon}&lat={lat}&radius_m=1000",
        Text("地图图片", "a map as a picture"): f"/maps/image.png?lon={lon}&lat={lat}&radius_m=5000",
    }
    for title, address in addresses.items():
        typer.echo(f"  {service.url}{address}\n      {title.zh} {title.en}")


def start_in_background(port: int, host: str, *, demo: bool) -> None:
    """Start the service as a process of its own; where the same one runs and is ready, nothing is done.

    Raises:
        OnemapError: the port is taken, the database or the service does not start.
    """
    settings = Settings()
    for unread in unread_variables():
        tell(unread)
    state = _state_directory(settings)
    with exclusive(state / "service.lock", LOCK_TIMEOUT_S):
        code = fingerprint(settings.dsn())
        running = background.find_running(state)
        if running is not None and _is_this(running, host, port, code):
            tell(Text("地图已在运行", "The map is running already"))
            _warn_of_basemap(settings)
            _show(running, settings.dsn())
            return
        dsn = prepare(settings, tell, demo=demo)
        if running is not None:
            tell(Text("重新启动服务", "Restarting the service: its code, its settings or its database changed"))
            background.stop(running)
        background.require_free(host, port)
        _warn_of_basemap(settings)
        tell(Text("启动服务", "Starting the service"))
        _show(background.start(state, CHECKOUT, host, port, code), dsn)


def _require_none_running(state: Path) -> None:
    """There is one record of a service: a second one would take it, and ``down`` would never end the first."""
    running = background.find_running(state)
    if running is not None:
        raise background.ServiceError(
            Text(
                f"地图已在 {running.url} 运行;请先 onemap down,或另设 ONEMAP_STATE_DIRECTORY",
                f"the map runs at {running.url} already; run onemap down first, or set another ONEMAP_STATE_DIRECTORY",
            )
        )


def start_in_foreground(port: int, host: str, *, demo: bool) -> None:
    """The service takes this process's place.

    Raises:
        OnemapError: one runs already, the port is taken, or the database does not start.
    """
    settings = Settings()
    for unread in unread_variables():
        tell(unread)
    state = _state_directory(settings)
    with exclusive(state / "service.lock", LOCK_TIMEOUT_S):
        _require_none_running(state)
        dsn = prepare(settings, tell, demo=demo)
        background.require_free(host, port)
        service = background.record(state, os.getpid(), host, port, fingerprint(dsn))
    _warn_of_basemap(settings)
    _show(service, dsn)
    command = background.command_line(host, port)
    os.chdir(CHECKOUT)
    os.execv(command[0], command)  # the service takes this process's place: signals reach it, its exit status is ours
