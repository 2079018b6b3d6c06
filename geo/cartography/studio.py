"""The studio: what all maps of a service share: themes, icons, sprites, style versions, rendering threads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from geo.cartography.drawing import Svg, draw_obstacle
from geo.cartography.drawn_cache import DrawnCache
from geo.cartography.engine import ImageFormat
from geo.cartography.fonts import FONT_BOLD, FONT_REGULAR, require_fonts
from geo.cartography.icons import OBSTACLE_ICON, IconFolder, drawings_of
from geo.cartography.print_fonts import BOLD, REGULAR, print_fonts
from geo.cartography.rendering import RenderQueue
from geo.cartography.sprites import Sprite, draw_sprite
from geo.cartography.style_maplibre import Json, maplibre_style
from geo.cartography.symbology import LayerSymbology, compile_layer
from geo.cartography.theme import Theme, Themes
from geo.cartography.tiles import TILE_FORMAT
from geo.cartography.underlay import Grounds
from geo.errors import InputError
from layers.layer import Layer
from layers.registry import Registry
from layers.text import Lang, Text

__all__ = ["PIXEL_RATIOS", "Studio"]

PIXEL_RATIOS = (1, 2, 3)

_CACHE_BYTES = 64 * 2**20


class Studio:
    """One per service or command. Themes are read and checked here; fonts are checked at the first rendering."""

    def __init__(
        self,
        registry: Registry,
        *,
        own_themes: Path | None = None,
        threads: int = 2,
        waiting: int = 16,
        cache_bytes: int = _CACHE_BYTES,
        themes_kept: int = 32,
        grounds: Grounds | None = None,
        state_directory: Path | None = None,
    ) -> None:
        self.registry = registry
        self._state_directory = state_directory
        self._has_fonts = False
        self.grounds = grounds or Grounds()
        self.themes = Themes(own_themes)
        self.icons = IconFolder()
        self.queue = RenderQueue(threads, waiting)
        self.drawn = DrawnCache(cache_bytes)
        self._sprite = lru_cache(maxsize=themes_kept * len(PIXEL_RATIOS))(self._draw_sprite)
        self._icon_folder = lru_cache(maxsize=themes_kept)(self._write_icons)
        self._version = lru_cache(maxsize=themes_kept)(self._compute_version)

    def symbologies(self, theme: Theme, layers: Iterable[Layer] | None = None) -> tuple[LayerSymbology, ...]:
        """The symbology of each of these layers (all of the registry when not given), in their order."""
        return tuple(compile_layer(layer, theme) for layer in (self.registry.values() if layers is None else layers))

    def drawings(self, theme: Theme) -> dict[str, Svg]:
        """Every icon of a theme by name."""
        return drawings_of(self.symbologies(theme), theme)

    def faces(self, image_format: ImageFormat) -> dict[str, str]:
        """The fonts of a format: a PDF's text is found again only in copies that map each glyph to one character.

        Raises:
            FontMissing: no Chinese font. FileUnwritable: the copies cannot be kept.
        """
        if not self._has_fonts:
            # Once: to look through the machine's fonts takes longer than the style of a map.
            require_fonts()
            self._has_fonts = True
        if image_format != "pdf" or self._state_directory is None:
            return {}
        print_fonts(self._state_directory)
        return {FONT_REGULAR: REGULAR, FONT_BOLD: BOLD}

    def icon_folder(self, theme: Theme) -> Path:
        """The folder of a theme's icons for Mapnik, ``{icon}.svg``."""
        return self._icon_folder(theme.name)

    def _write_icons(self, theme_name: str) -> Path:
        return self.icons.folder({**self.drawings(self.themes.get(theme_name)), OBSTACLE_ICON: draw_obstacle()})

    async def sprite(self, theme_name: str, ratio: int) -> Sprite:
        """The sprite of a theme at a pixel ratio.

        Raises:
            ThemeError: no such theme. InputError: no such ratio. Busy, RenderError: see the render queue and engine.
        """
        self.themes.get(theme_name)
        if ratio not in PIXEL_RATIOS:
            known = ", ".join(f"@{each}x" for each in PIXEL_RATIOS[1:])
            raise InputError(Text(f"图标倍率 @{ratio}x 不存在;可用 {known}", f"no ratio @{ratio}x; use {known}"))
        return await self.queue.run(lambda: self._sprite(theme_name, ratio))

    def _draw_sprite(self, theme_name: str, ratio: int) -> Sprite:
        theme = self.themes.get(theme_name)
        return draw_sprite(self.drawings(theme), self.icon_folder(theme), ratio)

    def style(self, theme_name: str, lang: Lang, tile_urls: Mapping[str, str], sprite_url: str) -> dict[str, Json]:
        """The MapLibre style of a theme.

        Raises:
            ThemeError: no such theme.
        """
        theme = self.themes.get(theme_name)
        return maplibre_style(self.symbologies(theme), theme, lang, tile_urls, sprite_url)

    def style_version(self, theme_name: str) -> str:
        """Changes when anything in how this theme is drawn does: declarations, colours, drawings, tile format."""
        return self._version(theme_name)

    def _compute_version(self, theme_name: str) -> str:
        theme = self.themes.get(theme_name)
        style = maplibre_style(self.symbologies(theme), theme, "zh", dict.fromkeys(self.registry, ""), "")
        drawn = {name: svg.text for name, svg in self.drawings(theme).items()}
        whole = json.dumps([TILE_FORMAT, style, drawn, theme.model_dump()], sort_keys=True)
        return hashlib.blake2b(whole.encode(), digest_size=6).hexdigest()

    @property
    def tile_version(self) -> str:
        """The part of a tile's version that is not data: how declarations become tiles."""
        return self.style_version(self.themes.names[0])

    def close(self) -> None:
        """End the rendering threads, and close the basemap."""
        self.queue.close()
        if self.grounds.local is not None:
            self.grounds.local.close()
