"""What the service has done, in numbers that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from geo.cartography.tile_cache import TileCache
from geo.database import Database

__all__ = ["Metrics", "Watched"]

_TILE_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10)


class Watched(Protocol):
    """What is read at each scrape."""

    @property
    def database(self) -> Database:
        """The pool."""

    @property
    def tiles(self) -> TileCache:
        """Vector tiles in memory."""


class Metrics:
    """The figures of one service process. Labels hold layer names only, never what a feature holds."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.tile_seconds = Histogram(
            "onemap_tile_seconds",
            "Time to read a vector tile from the database",
            buckets=_TILE_SECONDS,
            registry=self._registry,
        )

    def watch(self, watched: Watched) -> None:
        """Tell of the cache and the pool of ``watched`` too."""
        self._registry.register(_Figures(watched))

    def text(self) -> bytes:
        """All figures in Prometheus' text format 0.0.4."""
        return generate_latest(self._registry)


class _Figures(Collector):
    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    def collect(self) -> Iterator[Metric]:
        """Read at each scrape: nothing is counted twice."""
        tiles, figures = self._watched.tiles, self._watched.tiles.figures
        requests = CounterMetricFamily("onemap_tile_requests", "Tiles by where they came from", labels=["came_from"])
        for word, count in (("memory", figures.hits), ("database", figures.misses), ("shared", figures.shared)):
            requests.add_metric([word], count)
        yield requests
        yield _by_layer("onemap_tiles_counted", "Tiles that show counts instead of features", figures.counted.items())
        yield _by_layer("onemap_tiles_truncated", "Tiles that left features out", figures.left_out.items())
        yield CounterMetricFamily("onemap_tile_cache_evicted", "Tiles put out of memory", figures.evicted)
        yield GaugeMetricFamily("onemap_tile_cache_bytes", "Memory held by tiles", tiles.bytes)
        yield GaugeMetricFamily("onemap_tile_cache_tiles", "Tiles in memory", len(tiles))
        yield GaugeMetricFamily("onemap_pool_loans", "Database connections on loan", self._watched.database.loans)


def _by_layer(name: str, about: str, counts: Iterable[tuple[str, int]]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, about, labels=["layer"])
    for layer, count in sorted(counts):
        family.add_metric([layer], count)
    return family
