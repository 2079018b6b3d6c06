"""What ``onemap down`` does, and what starting and stopping share: the lock, and a line on stderr in both languages."""

from __future__ import annotations

import typer

from api import background
from api.settings import Settings
from geo.postgres import PrivateCluster
from geo.postgres.processes import exclusive
from layers.text import Text

__all__ = ["LOCK_TIMEOUT_S", "stop", "tell"]

LOCK_TIMEOUT_S = 1800.0
"""Longer than the first start of another ``up``, which loads the demo."""


def tell(text: Text) -> None:
    """A line on stderr, in both languages."""
    typer.echo(f"▸ {text.zh}  {text.en}", err=True)


def stop() -> None:
    """Stop the service and the private database.

    Raises:
        ServiceError: the service does not end. ClusterError: the database does not.
    """
    settings = Settings()
    state = settings.state_directory
    if not state.exists():
        tell(Text("没有在运行", "Nothing was running"))
        return
    with exclusive(state / "service.lock", LOCK_TIMEOUT_S):
        if running := background.find_running(state):
            background.stop(running)
        PrivateCluster(state).stop()
    tell(Text("已停止，数据都在；再次启动：make up", "Stopped, the data is kept; to start again: make up"))
