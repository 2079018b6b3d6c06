"""What the worker has at hand for batches of sites, by the settings."""

from __future__ import annotations

from api.settings import Settings
from geo.rasters import Grids, rasters_directory
from geo.risk.batch_jobs import BatchDesk
from layers.registry import discover

__all__ = ["batch_desk"]


def batch_desk(settings: Settings) -> BatchDesk:
    """The database, the layers, the grids and the limits."""
    grids = Grids(rasters_directory(settings.state_directory))
    return BatchDesk(settings.dsn(), discover(), grids, settings.risk_limits(), settings.batch_sites_max)
