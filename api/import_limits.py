"""What one import may take of the machine: the same for the service's jobs and on the command line."""

from __future__ import annotations

from api.settings import Settings
from geo.ingest.sandbox import Limits

__all__ = ["limits_of"]


def limits_of(settings: Settings) -> Limits:
    """The limits as the settings have them."""
    return Limits(settings.import_memory_mb, settings.import_cpu_s, settings.import_wall_s)
