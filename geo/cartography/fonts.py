"""Fonts: Noto Sans CJK SC must be there before a map is drawn, or Chinese would come out as boxes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from geo.cartography.engine import register_font
from geo.errors import RenderError
from layers.text import Text

__all__ = ["FONT_BOLD", "FONT_FOLDERS", "FONT_REGULAR", "FontMissing", "find_fonts", "require_fonts"]

FONT_REGULAR = "Noto Sans CJK SC Regular"
FONT_BOLD = "Noto Sans CJK SC Bold"

FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
)

# The collection that Debian, Ubuntu, Fedora and Arch package, and the single files of the font's own releases.
_FILES = {
    FONT_REGULAR: ("NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf"),
    FONT_BOLD: ("NotoSansCJK-Bold.ttc", "NotoSansCJKsc-Bold.otf"),
}

_registering = Lock()
_registered: set[Path] = set()


class FontMissing(RenderError):
    """A font without which maps cannot be lettered."""

    code = "font-missing"


def find_fonts(folders: Iterable[Path] = FONT_FOLDERS) -> dict[str, Path]:
    """The file of each face that maps need.

    Raises:
        FontMissing: a face is in none of the folders; the message names the package.
    """
    searched = tuple(folders)
    found: dict[str, Path] = {}
    for face, names in _FILES.items():
        hits = (hit for folder in searched for name in names for hit in sorted(folder.glob(f"**/{name}")))
        path = next(hits, None)
        if path is None:
            places = ", ".join(map(str, searched))
            raise FontMissing(
                Text(
                    f"缺少字体 {face}(已查找 {places});请安装:apt-get install fonts-noto-cjk",
                    f"the font {face} is missing (looked in {places}); install it: apt-get install fonts-noto-cjk",
                )
            )
        found[face] = path
    return found


def require_fonts(folders: Iterable[Path] = FONT_FOLDERS) -> tuple[str, ...]:
    """Find the fonts and hand them to Mapnik, once per process. Returns the faces.

    Raises:
        FontMissing: a face is missing, or its file cannot be read as a font.
    """
    fonts = find_fonts(folders)
    with _registering:
        for face, path in fonts.items():
            if path not in _registered:
                if not register_font(path, face):
                    raise FontMissing(
                        Text(
                            f"字体文件 {path} 里没有 {face};请重新安装 fonts-noto-cjk",
                            f"the font file {path} does not hold {face}; install fonts-noto-cjk again",
                        )
                    )
                _registered.add(path)
    return tuple(fonts)
