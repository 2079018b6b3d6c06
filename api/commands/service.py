"""``onemap up``, ``down``, ``serve`` and ``status``: the whole service of one machine by one word."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["down", "register", "serve", "status", "up"]

Port = Annotated[int, typer.Option(min=1, max=65535, help="端口 / the port to serve on")]
Host = Annotated[
    str, typer.Option(help="监听地址；0.0.0.0 对外开放 / the address to listen on; 0.0.0.0 opens it to others")
]
Demo = Annotated[bool, typer.Option(help="数据库为空时载入演示数据 / load the demo into an empty database")]


def up(port: Port = 8000, host: Host = "127.0.0.1", demo: Demo = True) -> None:
    """启动地图（后台）/ Start the map in the background: database, migrations, demo, service; again does no harm."""
    from api.actions.start import start_in_background

    start_in_background(port, host, demo=demo)


def serve(port: Port = 8000, host: Host = "127.0.0.1", demo: Demo = True) -> None:
    """启动地图（前台）/ The same as up in the foreground; Ctrl-C ends it."""
    from api.actions.start import start_in_foreground

    start_in_foreground(port, host, demo=demo)


def down() -> None:
    """停止 / Stop the service and the private database; the data stays."""
    from api.actions.stop import stop

    stop()


def status(
    as_json: Annotated[bool, typer.Option("--json", help="机器可读 / for programs to read")] = False,
) -> None:
    """状态 / What runs: service, database, PostGIS, migration, the page. Exit status 3 unless all is ready."""
    from api.actions.status import show_status

    show_status(as_json=as_json)


def register(app: typer.Typer) -> None:
    """Add the commands that start, stop and show the service."""
    for command in (up, serve, down, status):
        app.command(command.__name__)(command)
