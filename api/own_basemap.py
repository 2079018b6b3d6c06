"""The basemap that the settings name, and what is said at the start when it cannot be used."""

from __future__ import annotations

from api.settings import Settings
from geo.cartography.own_basemap import OwnBasemap
from layers.text import Text

__all__ = ["basemap_warning", "own_basemap_of"]


def own_basemap_of(settings: Settings) -> OwnBasemap | None:
    """Not opened yet; None where ``ONEMAP_BASEMAP`` is not set."""
    return None if settings.basemap is None else OwnBasemap(settings.basemap, settings.basemap_attribution)


def basemap_warning(settings: Settings) -> Text | None:
    """Why the basemap cannot be used, where it lies and what that means; None where all is well. For who starts us."""
    basemap = own_basemap_of(settings)
    if basemap is None:
        return None
    try:
        why = basemap.why_not()
    finally:
        basemap.close()
    if why is None:
        return None
    return Text(
        f"{why.zh}(路径 {basemap.path})。用它的图会被拒绝,其余照常;改好后不必重启。",
        f"{why.en} (path {basemap.path}). Maps on it are refused, all else works; once mended it needs no new start.",
    )
