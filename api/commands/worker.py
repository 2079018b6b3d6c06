"""``onemap worker``: performs import jobs, beside the service or on another machine."""

from __future__ import annotations

import typer

__all__ = ["register"]


def worker() -> None:
    """执行排队的导入任务,Ctrl-C 结束 / Perform queued import jobs; Ctrl-C ends it."""
    import asyncio

    from api.logs import configure_logs
    from api.settings import Settings
    from api.worker import run_worker

    settings = Settings()
    configure_logs(settings.log_level)
    asyncio.run(
        run_worker(settings, install_signal_handlers=True, told=lambda: typer.echo("onemap worker ▸ imports", err=True))
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker")(worker)
