"""What ``onemap status`` does: tell of service, cluster, database and the page's build, without starting any."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

import typer

from api.background import Service, find_running, readiness
from api.checkout import DIST
from api.fingerprint import fingerprint
from api.own_basemap import basemap_warning
from api.settings import Settings
from geo.database import Database
from geo.postgres import ClusterStatus, PrivateCluster
from geo.readiness import Readiness, database_readiness
from layers.text import Text

__all__ = ["Status", "report", "show_status"]


@dataclass(frozen=True, slots=True)
class Status:
    """The state of each part; ``cluster`` is None when the user named a database of his own."""

    service: Service | None
    service_ready: bool
    code_is_current: bool
    cluster: ClusterStatus | None
    database: Readiness
    wall_built: bool
    basemap: Text | None
    """What is wrong with the configured basemap; None where all is well."""

    @property
    def ready(self) -> bool:
        """Whether the service runs and can answer."""
        return self.service_ready

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        service, cluster = self.service, self.cluster
        return {
            "ready": self.ready,
            "service": {
                "running": service is not None,
                "ready": self.service_ready,
                "pid": service.pid if service else None,
                "url": service.url if service else None,
                "code_is_current": self.code_is_current,
            },
            "cluster": None
            if cluster is None
            else {
                "running": cluster.running,
                "pid": cluster.pid,
                "postgresql": cluster.major,
                "data_directory": str(cluster.data_directory),
            },
            "database": {
                "ready": self.database.ready,
                "reason": self.database.reason,
                "postgis": self.database.postgis,
                "migration": self.database.migration,
                "migration_head": self.database.migration_head,
            },
            "wall": {"built": self.wall_built},
            "basemap": {"ok": self.basemap is None, "reason": self.basemap.en if self.basemap else None},
        }

    def lines(self) -> list[str]:
        """For people."""
        service, cluster, database = self.service, self.cluster, self.database
        state = "未运行 not running：make up"
        if service is not None:
            state = (
                f"{service.url}（进程 pid {service.pid}）{'就绪 ready' if self.service_ready else '未就绪 not ready'}"
            )
        if service is not None and not self.code_is_current:
            state += " · 程序或设置已变 code or settings changed：make up"
        private = "使用者自己的 the user's own（ONEMAP_DATABASE_URL）"
        if cluster is not None:
            private = (
                f"PostgreSQL {cluster.major}（进程 pid {cluster.pid}）" if cluster.running else "未运行 not running"
            )
        return [
            f"服务 service      {state}",
            f"数据库 cluster    {private}",
            f"PostGIS           {database.postgis or '—'}",
            f"结构 migration    {database.migration or '—'} / {database.migration_head or '—'}"
            + ("" if database.ready else f" · {database.reason}"),
            f"页面 wall         {'已构建 built' if self.wall_built else '未构建 not built：make up'}",
            *([f"底图 basemap      {self.basemap.zh} {self.basemap.en}"] if self.basemap else []),
        ]


def report(settings: Settings) -> Status:
    """Look at each part."""
    service = find_running(settings.state_directory)
    own = settings.database_url is not None
    return Status(
        service=service,
        service_ready=service is not None and readiness(service.host, service.port)[0] == 200,
        code_is_current=service is not None and service.fingerprint == fingerprint(settings.dsn()),
        cluster=None if own else PrivateCluster(settings.state_directory).status(),
        database=asyncio.run(_database(settings)),
        wall_built=(DIST / "index.html").is_file(),
        basemap=basemap_warning(settings),
    )


async def _database(settings: Settings) -> Readiness:
    database = Database(settings.dsn(), pool_size=1, acquire_timeout_s=settings.acquire_timeout_s)
    try:
        return await database_readiness(database)
    finally:
        await database.close()


def show_status(*, as_json: bool) -> None:
    """Print it.

    Raises:
        typer.Exit: 3, unless all is ready.
    """
    found = report(Settings())
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(found.lines()))
    if not found.ready:
        raise typer.Exit(3)
