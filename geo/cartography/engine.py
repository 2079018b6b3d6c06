"""The engine: the only door to Mapnik. A drawing in (style, GeoJSON, extent), bytes of a picture out.

Features reach Mapnik as GeoJSON text, never inside its XML: a name such as ``]]>`` stays a name. In a PNG halos are
laid around letters by ``halo.py``, in all other formats by Mapnik.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Literal

import mapnik
import numpy as np
import rasterio

from geo.cartography.halo import Halo, lay_over
from geo.cartography.pixels import Rgba, Scratch, encode_png
from geo.errors import FileUnreadable, RenderError
from layers.text import Text

__all__ = [
    "CGCS2000_DEGREES",
    "DrawImage",
    "DrawLayer",
    "Drawing",
    "ImageFormat",
    "draw",
    "draw_cells",
    "register_font",
]

# Mapnik's wheel sets PROJ_LIB to a directory of its own in which there is no proj.db; rasterio would believe it.
if not Path(os.environ.get("PROJ_LIB", "/"), "proj.db").is_file():
    os.environ.pop("PROJ_LIB", None)
# Once inside its environment rasterio knows its own proj.db; rio_tiler asks for EPSG codes as it is imported, outside.
with rasterio.Env():
    pass

CGCS2000_DEGREES = "+proj=longlat +ellps=GRS80 +no_defs"
"""Longitude and latitude as stored. No datum is named, so that none is shifted."""

ImageFormat = Literal["png", "png8", "jpeg", "webp", "pdf", "svg"]
"""``png8`` is a PNG with a palette of its own; ``jpeg`` cannot be transparent."""

_ENCODERS = {
    "png": "png32:z=4",
    "png8": "png8:m=h:z=4",
    "jpeg": "jpeg88",
    "webp": "webp:quality=88:method=2",
}
_BUFFER_PX = 96
_MOST_KEPT_PX = 2_500_000

IMAGE_STYLE = "image"
"""The style by which images are drawn; a drawing that has images needs it."""


@dataclass(frozen=True, slots=True)
class DrawLayer:
    """A GeoJSON FeatureCollection (text) in ``srs``, drawn with the named styles, one after the other."""

    name: str
    styles: tuple[str, ...]
    geojson: str
    srs: str = CGCS2000_DEGREES
    csv: bool = False
    """``geojson`` is CSV instead: points by x, y and their properties, read in a quarter of the time.

    For declared words and numbers only: Mapnik guesses what a value is, and a name of digits becomes a number.
    """
    halo: Halo | None = None
    """What ``styles`` draw around this layer's letters, where Mapnik need not do it ..."""
    bare_styles: tuple[str, ...] = ()
    """... and the same styles without it. All that such a layer draws is text."""


@dataclass(frozen=True, slots=True)
class DrawImage:
    """Pixels that fill the whole picture; best as many as its device pixels."""

    name: str
    pixels: Rgba


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture: size in pixels, extent (west, south, east, north) in units of ``srs``, style XML, layers."""

    width: float
    height: float
    srs: str
    extent: tuple[float, float, float, float]
    style_xml: str
    layers: tuple[DrawLayer | DrawImage, ...]
    background: str | None = None
    """``#RRGGBB``, or None for a transparent picture."""


def register_font(path: Path, face: str) -> bool:
    """Give Mapnik a font file; whether the file is a font and Mapnik then knows the face."""
    return bool(mapnik.FontEngine.register_font(str(path))) and face in set(mapnik.FontEngine.face_names())


def read_picture(content: bytes) -> Rgba:
    """The pixels of a PNG, JPEG or WebP.

    Raises:
        FileUnreadable: it is no such picture.
    """
    try:
        image = mapnik.Image.from_string(content)
    except RuntimeError as error:
        raise FileUnreadable(Text("瓦片不是可读的图片", "the tile is no picture that can be read")) from error
    if image.premultiplied():
        image.demultiply()
    return np.frombuffer(image.to_string(), np.uint8).reshape(image.height(), image.width(), 4)


def draw(drawing: Drawing, image_format: ImageFormat = "png", scale: float = 1.0) -> bytes:
    """The picture in ``image_format``; ``scale`` 2 gives twice the pixels of the same drawing. Releases the GIL.

    Raises:
        RenderError: Mapnik could not read a style or a layer, or could not draw it. Never a blank picture instead.
    """
    with _told_as_ours(), _image_folder(drawing) as folder:
        if image_format == "png":
            pixels = _pixels(drawing, scale, folder)
            return encode_png(pixels, pixels.shape[1], pixels.shape[0])
        mapped = _map_of(drawing, drawing.layers, scale, folder)
        if image_format in _ENCODERS:
            image = mapnik.Image(mapped.width, mapped.height)
            mapnik.render(mapped, image, scale)
            return bytes(image.to_string(_ENCODERS[image_format]))
        return _vector(mapped, image_format, scale)


def draw_cells(drawing: Drawing, image_format: ImageFormat, edge_px: int, scale: float = 1.0) -> list[list[bytes]]:
    """One picture cut into square cells of ``edge_px`` device pixels, row by row from the top left: a metatile.

    Raises:
        RenderError: as ``draw``; or a format that is not made of pixels.
    """
    if image_format not in _ENCODERS:
        raise RenderError(Text(f"{image_format} 不能切成瓦片", f"{image_format} cannot be cut into tiles"))
    with _told_as_ours(), _image_folder(drawing) as folder:
        mapped = _map_of(drawing, drawing.layers, scale, folder)
        image = mapnik.Image(mapped.width, mapped.height)
        mapnik.render(mapped, image, scale)
        tops, lefts = range(0, mapped.height, edge_px), range(0, mapped.width, edge_px)
        encoder = _ENCODERS[image_format]
        return [[bytes(image.view(x, y, edge_px, edge_px).to_string(encoder)) for x in lefts] for y in tops]


def _pixels(drawing: Drawing, scale: float, folder: Path) -> Rgba:
    """The whole picture, not premultiplied. Text with a halo is drawn apart, and laid over what is below it."""
    groups = [
        (halo, tuple(layer for layer in group if layer is not None))
        for halo, group in groupby((None, *drawing.layers), lambda layer: getattr(layer, "halo", None))
    ]
    mapped = _map_of(drawing, groups[0][1], scale, folder)
    # One for all groups: a name keeps off what was drawn before it.
    detector = mapnik.LabelCollisionDetector(mapped)
    drawn = _canvas.draw(mapped, detector, scale)
    if len(groups) == 1:
        return drawn
    base = _base.array(*drawn.shape)
    np.copyto(base, drawn)
    del drawn
    for halo, layers in groups[1:]:
        mapped = _map_of(drawing, layers, scale, folder, over=True)
        lay_over(base, _canvas.draw(mapped, detector, scale), halo, scale)
    return base


class _Canvas(threading.local):
    """The image on which a thread draws one picture after the other."""

    def __init__(self) -> None:
        self._kept: mapnik.Image | None = None

    def draw(self, mapped: mapnik.Map, detector: mapnik.LabelCollisionDetector, scale: float) -> Rgba:
        """The map's pixels, not premultiplied and not to be changed."""
        width, height = mapped.width, mapped.height
        image = self._kept
        if image is not None and (image.width(), image.height()) == (width, height):
            image.clear()
        else:
            image = mapnik.Image(width, height)
            self._kept = image if width * height <= _MOST_KEPT_PX else None
        mapnik.render_with_detector(mapped, image, detector, scale)
        return np.frombuffer(image.to_string(), np.uint8).reshape(height, width, 4)


_canvas = _Canvas()
_base = Scratch()


@contextmanager
def _told_as_ours() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, KeyError) as error:
        # What Mapnik says may quote a style, never a feature: names are not parsed.
        raise RenderError(
            Text(f"地图没有画成:{error};请把本句报给管理员", f"the map could not be drawn: {error}; tell your admin")
        ) from error


@contextmanager
def _image_folder(drawing: Drawing) -> Iterator[Path]:
    """Where the files of a drawing's images are for as long as it is drawn: Mapnik reads pixels from files only."""
    if not any(isinstance(each, DrawImage) for each in drawing.layers):
        yield Path()
        return
    with tempfile.TemporaryDirectory(prefix="onemap-image-") as folder:
        yield Path(folder)


@lru_cache(maxsize=32)
def _styles_of(style_xml: str) -> mapnik.Map:
    """A map that only holds the styles: to read them takes longer than to copy the few that a drawing uses."""
    styles = mapnik.Map(1, 1)
    mapnik.load_map_from_string(styles, style_xml)
    return styles


def _map_of(
    drawing: Drawing, layers: tuple[DrawLayer | DrawImage, ...], scale: float, folder: Path, *, over: bool = False
) -> mapnik.Map:
    """A map of these layers; ``over``: on nothing, and their text without halos."""
    mapped = mapnik.Map(round(drawing.width * scale), round(drawing.height * scale), drawing.srs)
    mapped.aspect_fix_mode = mapnik.aspect_fix_mode.RESPECT
    mapped.buffer_size = round(_BUFFER_PX * scale)
    if drawing.background and not over:
        mapped.background = mapnik.Color(drawing.background)
    styles = _styles_of(drawing.style_xml)
    wanted: tuple[str, ...]
    for each in layers:
        if isinstance(each, DrawImage):
            layer, wanted = _image_layer(drawing, each, folder / f"{id(each)}.png"), (IMAGE_STYLE,)
        else:
            layer, wanted = mapnik.Layer(each.name, each.srs), each.bare_styles if over and each.halo else each.styles
            layer.datasource = mapnik.Datasource(type="csv" if each.csv else "geojson", inline=each.geojson)
        for style in wanted:
            mapped.append_style(style, styles.find_style(style))
            layer.styles.append(style)
        mapped.layers.append(layer)
    mapped.zoom_to_box(mapnik.Box2d(*drawing.extent))
    return mapped


def _image_layer(drawing: Drawing, image: DrawImage, path: Path) -> mapnik.Layer:
    # PNG, and not TIFF: Mapnik keeps every TIFF that it ever read in memory.
    height, width, _ = image.pixels.shape
    path.write_bytes(encode_png(image.pixels, width, height))
    layer = mapnik.Layer(image.name, drawing.srs)
    west, south, east, north = drawing.extent
    layer.datasource = mapnik.Datasource(type="raster", file=str(path), lox=west, loy=south, hix=east, hiy=north)
    return layer


def _vector(mapped: mapnik.Map, image_format: str, scale: float) -> bytes:
    # Cairo writes to a file only.
    handle, name = tempfile.mkstemp(suffix=f".{image_format}")
    os.close(handle)
    path = Path(name)
    try:
        mapnik.render_to_file(mapped, name, image_format, scale)
        return path.read_bytes()
    finally:
        path.unlink(missing_ok=True)
