"""The workshop: what every kind of exhibit is made with."""

from __future__ import annotations

from dataclasses import dataclass, field

from geo.cartography.studio import Studio
from geo.cartography.theme import Theme
from geo.database import Database
from geo.exhibits.template import Templates
from geo.risk import Extras
from geo.selection import Reader

__all__ = ["Workshop"]


@dataclass(frozen=True)
class Workshop:
    """The studio's threads and icons, the database, the theme, the reader's scope, and what a risk answer holds."""

    studio: Studio
    database: Database
    theme: Theme
    reader: Reader
    extras: Extras
    templates: Templates = field(default_factory=Templates)
    """A bureau's own."""
