"""The basemap of one's own, as it is configured: opened when it is first needed, and told of while it cannot be."""

from __future__ import annotations

import threading
from pathlib import Path

from geo.cartography.basemap import LocalTiles
from geo.cartography.local_tiles import open_local_tiles
from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["OwnBasemap"]


class OwnBasemap:
    """Tiles at ``path``. What cannot be opened is tried again the next time: a mended file needs no new start."""

    def __init__(self, path: Path, attribution: str = "") -> None:
        self.path = path
        self._attribution = attribution
        self._opened: LocalTiles | None = None
        self._lock = threading.Lock()

    def tiles(self) -> LocalTiles:
        """The opened tiles. Blocking the first time.

        Raises:
            FileUnreadable: they cannot be used.
        """
        with self._lock:
            if self._opened is None:
                self._opened = open_local_tiles(self.path, self._attribution)
            return self._opened

    def why_not(self) -> Text | None:
        """Why it cannot be used; None where it can. Blocking the first time."""
        try:
            self.tiles()
        except FileUnreadable as error:
            return error.message
        return None

    def close(self) -> None:
        """Close the file, where it was opened."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None
