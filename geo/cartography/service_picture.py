"""Pictures for WMS and WMTS: only the layers that were asked for, in the client's own frame, without furniture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.cartography.engine import DrawImage, Drawing, DrawLayer, ImageFormat, draw_cells
from geo.cartography.furniture import Furniture, text_width
from geo.cartography.picture_cells import fetch_crowd, plate_layers
from geo.cartography.picture_features import PictureFeatures, fetch_features
from geo.cartography.raster_tiles import RasterSource
from geo.cartography.service_frame import ServiceFrame
from geo.cartography.steady import draw_steadily
from geo.cartography.studio import Studio
from geo.cartography.style_mapnik import mapnik_style, with_halo
from geo.cartography.theme import Theme
from geo.cartography.underlay import is_dark
from geo.database import Database
from geo.selection import Selection

__all__ = ["ServicePicture", "ServiceTiles", "draw_message", "draw_service_picture", "draw_service_tiles"]

_MESSAGE_PX = 13.0
_LEAST_MESSAGE_PX = 30


@dataclass(frozen=True, slots=True)
class ServicePicture:
    """The bytes, and by layer how many features were left out of how many (absent: none)."""

    content: bytes
    left_out: dict[str, tuple[int, int]]

    @property
    def weight_bytes(self) -> int:
        """Of the picture."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class ServiceTiles:
    """The cells of a metatile, row by row from the top left, and what was left out of it."""

    cells: list[list[bytes]]
    left_out: dict[str, tuple[int, int]]

    @property
    def weight_bytes(self) -> int:
        """Of all cells."""
        return sum(len(cell) for row in self.cells for cell in row)


async def draw_service_picture(
    studio: Studio,
    database: Database,
    selection: Selection,
    frame: ServiceFrame,
    theme_name: str,
    background: str | None,
    image_format: ImageFormat,
    scale: float = 1.0,
    grids: Sequence[RasterSource] = (),
) -> ServicePicture:
    """The selection's layers, the first at the bottom. Areas and lines lie below points whatever the order of layers.

    Raises:
        ThemeError, FontMissing, Busy, DatabaseUnreachable, RenderError: as ``draw_picture``.
    """
    theme = studio.themes.get(theme_name)
    features, plates = await _features(studio, database, theme, selection, frame)

    def drawn() -> bytes:
        images, faces = _images(studio, grids, frame, scale, theme), studio.faces(image_format)
        return draw_steadily(
            _drawing(studio, theme, features, plates, frame, background, images, faces), image_format, scale
        )

    made = await studio.queue.run(drawn)
    return ServicePicture(made, features.left_out)


async def draw_service_tiles(
    studio: Studio,
    database: Database,
    selection: Selection,
    frame: ServiceFrame,
    theme_name: str,
    image_format: ImageFormat,
    edge_px: int,
    grids: Sequence[RasterSource] = (),
) -> ServiceTiles:
    """The same as transparent tiles of ``edge_px``; the frame is that of the whole metatile.

    Raises:
        ThemeError, FontMissing, Busy, DatabaseUnreachable, RenderError: as ``draw_picture``.
    """
    theme = studio.themes.get(theme_name)
    features, plates = await _features(studio, database, theme, selection, frame)

    def drawn() -> list[list[bytes]]:
        images, faces = _images(studio, grids, frame, 1.0, theme), studio.faces(image_format)
        return draw_cells(_drawing(studio, theme, features, plates, frame, None, images, faces), image_format, edge_px)

    cells = await studio.queue.run(drawn)
    return ServiceTiles(cells, features.left_out)


async def _features(
    studio: Studio, database: Database, theme: Theme, selection: Selection, frame: ServiceFrame
) -> tuple[PictureFeatures, list[DrawLayer]]:
    """The features, and the plates of what is too many to be drawn one by one."""
    top_first = studio.symbologies(theme, reversed(selection.layers))
    crowd = await fetch_crowd(database, top_first, selection, frame)
    features = await fetch_features(database, top_first, selection, frame, layers_in_order=True, counted=crowd.names)
    return features, plate_layers(crowd, frame, theme, top_first)


def _images(
    studio: Studio, grids: Sequence[RasterSource], frame: ServiceFrame, scale: float, theme: Theme
) -> list[DrawImage]:
    directory, dark = studio.grounds.directory or Path(), is_dark(theme)
    return [DrawImage(grid.name, grid.pixels(directory, frame, scale, dark=dark)) for grid in grids]


def _drawing(
    studio: Studio,
    theme: Theme,
    features: PictureFeatures,
    plates: Sequence[DrawLayer],
    frame: ServiceFrame,
    background: str | None,
    images: Sequence[DrawImage],
    faces: Mapping[str, str],
) -> Drawing:
    # On a transparent picture the base map is its lines and names: its ground would hide the client's own map.
    land = [DrawLayer("land", ("land",), features.ground)] if background is not None and features.ground else []
    below = [
        ("waters", features.ground),
        ("boundaries", features.ground),
        ("areas", features.areas),
        ("marks", features.marks),
    ]
    above = [("ground-names", features.ground_names), ("names", features.names)]
    under, over = (
        [DrawLayer(name, (name,), told, csv=name == "marks") for name, told in part if told is not None]
        for part in (below, above)
    )
    named = [with_halo(layer, theme) for layer in over]
    return _with_style(studio, theme, frame, [*land, *images, *under, *plates, *named], background, faces)


def _with_style(
    studio: Studio,
    theme: Theme,
    frame: ServiceFrame,
    layers: Sequence[DrawLayer | DrawImage],
    background: str | None,
    faces: Mapping[str, str],
) -> Drawing:
    folder: Path = studio.icon_folder(theme)
    hatches = {grade: folder / f"hatch-{grade}.svg" for grade in ("red", "orange", "yellow", "blue")}
    style = mapnik_style(theme, frame.zoom, folder, hatches, faces)
    return Drawing(frame.width, frame.height, frame.srs, frame.extent, style, tuple(layers), background)


def draw_message(
    studio: Studio, theme_name: str, frame: ServiceFrame, said: str, background: str | None, image_format: ImageFormat
) -> bytes:
    """A sentence on an otherwise empty picture (``EXCEPTIONS=INIMAGE``), or nothing but the background when it is "".

    Raises:
        FontMissing, RenderError: as ``draw_picture``.
    """
    theme = studio.themes.get(theme_name)
    made, faces = Furniture(frame), studio.faces(image_format)
    if said and frame.width >= _LEAST_MESSAGE_PX:
        for number, line in enumerate(_lines(said, frame.width - 16)):
            made.text(8, 14 + number * _MESSAGE_PX * 1.4, line, _MESSAGE_PX, kind="notice")
    layers = made.layers(["furniture-texts"])
    return draw_steadily(_with_style(studio, theme, frame, layers, background, faces), image_format)


def _lines(said: str, width_px: float) -> list[str]:
    lines = [""]
    for char in said:
        if text_width(lines[-1] + char, _MESSAGE_PX) > max(width_px, _MESSAGE_PX):
            lines.append("")
        lines[-1] += char
    return lines
