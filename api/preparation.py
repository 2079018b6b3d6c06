"""The database made ready before the service starts: the private cluster, the migrations, the demo in an empty one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from api.settings import Settings
from geo.cartography.fonts import require_fonts
from geo.errors import DatabaseUnreachable
from geo.migrate import head_revision, migrate
from geo.postgres import PrivateCluster
from geo.rasters import rasters_directory
from layers.registry import discover
from layers.text import Text

__all__ = ["example_place", "prepare"]

GANZHOU = (114.935, 25.831)
"""The demo city's seat (lon, lat): the example of a database that holds no hazard point."""


def prepare(settings: Settings, tell: Callable[[Text], None], *, demo: bool) -> str:
    """Start the private cluster (unless the user named a database), migrate, fill an empty database with the demo.

    Returns the database's URL; ``tell`` is called with what is being done, before it is done. Raises ClusterError,
    DatabaseUnreachable, or FontMissing where maps could not be lettered. Running it again changes nothing.
    """
    require_fonts()
    if settings.database_url is None:
        cluster = PrivateCluster(settings.state_directory)
        if not cluster.status().exists:
            tell(Text("建立数据库", "Setting up the database"))
        cluster.start()
    dsn = settings.dsn()
    before = migrate(dsn)
    if before != head_revision():
        tell(Text("数据库结构已更新", "The database's tables were brought up to date"))
    if demo:
        _load_demo_if_empty(dsn, rasters_directory(settings.state_directory), tell)
    return dsn


def _load_demo_if_empty(dsn: str, rasters: Path, tell: Callable[[Text], None]) -> None:
    # What imports files is loaded by those alone who want the demo: it takes as long as all the rest.
    from geo.demo.loading import DemoProgress, DemoState, demo_state, load_demo

    if demo_state(dsn) not in (DemoState.EMPTY, DemoState.PARTIAL):
        return
    tell(Text("数据库为空，载入演示城市（赣州）", "The database is empty: loading the demo city (Ganzhou)"))
    registry = discover()

    def show(progress: DemoProgress) -> None:
        title, place = registry[progress.layer].title, f"{progress.part}/{progress.parts}"
        tell(Text(f"演示数据 {place}：{title.zh}", f"demo {place}: {title.en}"))

    load_demo(dsn, show, rasters=rasters)


def example_place(dsn: str) -> tuple[float, float]:
    """Longitude and latitude of a place worth asking about: the first hazard point of the worst grade."""
    query = sql.SQL(
        "SELECT ARRAY[round(ST_X(geom)::numeric, 4), round(ST_Y(geom)::numeric, 4)]::float8[] FROM hazard_points "
        "ORDER BY array_position(ARRAY['red', 'orange', 'yellow', 'blue'], grade::text), source, source_id LIMIT 1"
    )
    found = _value(dsn, query)
    return (found[0], found[1]) if isinstance(found, list) else GANZHOU


def _value(dsn: str, query: sql.SQL | sql.Composed) -> object:
    try:
        with psycopg.connect(dsn) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(Text(f"连不上数据库：{error}", f"The database cannot be reached: {error}")) from error
    return None if row is None else row[0]
