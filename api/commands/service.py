"""``onemap up``, ``down``, ``serve`` and ``status``: the whole service of one machine by one word."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from api import background
from api.background import Service
from api.fingerprint import CHECKOUT, fingerprint
from api.preparation import example_place, prepare
from api.settings import Settings
from api.status import report
from geo.errors import ClusterError
from geo.postgres import PrivateCluster
from geo.postgres.processes import exclusive
from layers.text import Text

__all__ = ["down", "register", "serve", "status", "up"]

LOCK_TIMEOUT_S = 1800.0
"""Longer than the first start of another ``up``, which loads the demo."""

Port = Annotated[int, typer.Option(min=1, max=65535, help="端口 / the port to serve on")]
Host = Annotated[
    str, typer.Option(help="监听地址；0.0.0.0 对外开放 / the address to listen on; 0.0.0.0 opens it to others")
]
Demo = Annotated[bool, typer.Option(help="数据库为空时载入演示数据 / load the demo into an empty database")]


def up(port: Port = 8000, host: Host = "127.0.0.1", demo: Demo = True) -> None:
    """启动地图（后台）/ Start the map in the background: database, migrations, demo, service; again does no harm."""
    settings = Settings()
    state = _state_directory(settings)
    with exclusive(state / "service.lock", LOCK_TIMEOUT_S):
        code = fingerprint(settings.dsn())
        running = background.find_running(state)
        if running is not None and _is_this(running, host, port, code):
            _tell(Text("地图已在运行", "The map is running already"))
            _show(running, settings.dsn())
            return
        dsn = prepare(settings, _tell, demo=demo)
        if running is not None:
            _tell(Text("重新启动服务", "Restarting the service: its code, its settings or its database changed"))
            background.stop(running)
        background.require_free(host, port)
        _tell(Text("启动服务", "Starting the service"))
        _show(background.start(state, CHECKOUT, host, port, code), dsn)


def _is_this(running: Service, host: str, port: int, code: str) -> bool:
    """Whether the running service is the one that was asked for, and ready: then nothing need be done."""
    same = (running.host, running.port, running.fingerprint) == (host, port, code)
    return same and background.readiness(host, port)[0] == 200


def serve(port: Port = 8000, host: Host = "127.0.0.1", demo: Demo = True) -> None:
    """启动地图（前台）/ The same as ``up`` in the foreground; Ctrl-C ends it."""
    settings = Settings()
    state = _state_directory(settings)
    with exclusive(state / "service.lock", LOCK_TIMEOUT_S):
        dsn = prepare(settings, _tell, demo=demo)
        background.require_free(host, port)
        service = background.record(state, os.getpid(), host, port, fingerprint(dsn))
    _show(service, dsn)
    command = background.command_line(host, port)
    os.chdir(CHECKOUT)
    os.execv(command[0], command)  # the service takes this process's place: signals reach it, its exit status is ours


def down() -> None:
    """停止 / Stop the service and the private database; the data stays."""
    settings = Settings()
    state = settings.state_directory
    if not state.exists():
        _tell(Text("没有在运行", "Nothing was running"))
        return
    with exclusive(state / "service.lock", LOCK_TIMEOUT_S):
        if running := background.find_running(state):
            background.stop(running)
        PrivateCluster(state).stop()
    _tell(Text("已停止，数据都在；再次启动：make up", "Stopped, the data is kept; to start again: make up"))


def status(
    as_json: Annotated[bool, typer.Option("--json", help="机器可读 / for programs to read")] = False,
) -> None:
    """状态 / What runs: service, database, PostGIS, migration, the page. Exit status 3 unless all is ready."""
    found = report(Settings())
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(found.lines()))
    if not found.ready:
        raise typer.Exit(3)


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


def _tell(text: Text) -> None:
    typer.echo(f"▸ {text.zh}  {text.en}", err=True)


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


def register(app: typer.Typer) -> None:
    """Add the commands that start, stop and show the service."""
    for command in (up, serve, down, status):
        app.command(command.__name__)(command)
