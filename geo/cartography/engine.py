"""The engine: the only door to Mapnik. A drawing in (style, GeoJSON, extent), bytes of a picture out.

Features reach Mapnik as GeoJSON text, never inside its XML: a name such as ``]]>`` stays a name.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import mapnik
import numpy as np
import rasterio

from geo.cartography.pixels import Rgba, encode_png
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

IMAGE_STYLE = "image"
"""The style by which images are drawn; a drawing that has images needs it."""


@dataclass(frozen=True, slots=True)
class DrawLayer:
    """A GeoJSON FeatureCollection (text) in ``srs``, drawn with the named styles, one after the other."""

    name: str
    styles: tuple[str, ...]
    geojson: str
    srs: str = CGCS2000_DEGREES


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
    with _told_as_ours(), _mapped(drawing, scale) as mapped:
        if image_format in _ENCODERS:
            image = mapnik.Image(mapped.width, mapped.height)
            mapnik.render(mapped, image, scale)
            return _encoded(image, image_format, opaque=drawing.background is not None)
        return _vector(mapped, image_format, scale)


def draw_cells(drawing: Drawing, image_format: ImageFormat, edge_px: int, scale: float = 1.0) -> list[list[bytes]]:
    """One picture cut into square cells of ``edge_px`` device pixels, row by row from the top left: a metatile.

    Raises:
        RenderError: as ``draw``; or a format that is not made of pixels.
    """
    if image_format not in _ENCODERS:
        raise RenderError(Text(f"{image_format} 不能切成瓦片", f"{image_format} cannot be cut into tiles"))
    with _told_as_ours(), _mapped(drawing, scale) as mapped:
        image = mapnik.Image(mapped.width, mapped.height)
        mapnik.render(mapped, image, scale)
        tops, lefts = range(0, mapped.height, edge_px), range(0, mapped.width, edge_px)
        encoder = _ENCODERS[image_format]
        return [[bytes(image.view(x, y, edge_px, edge_px).to_string(encoder)) for x in lefts] for y in tops]


def _encoded(image: mapnik.Image, image_format: ImageFormat, *, opaque: bool) -> bytes:
    if image_format != "png":
        return bytes(image.to_string(_ENCODERS[image_format]))
    if not opaque:
        image.demultiply()
    return encode_png(bytes(image.to_string()), image.width(), image.height())


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
def _mapped(drawing: Drawing, scale: float) -> Iterator[mapnik.Map]:
    """The map, while the files of its images are there: Mapnik reads pixels from files only."""
    if not any(isinstance(each, DrawImage) for each in drawing.layers):
        yield _map_of(drawing, scale, Path())
        return
    with tempfile.TemporaryDirectory(prefix="onemap-image-") as folder:
        yield _map_of(drawing, scale, Path(folder))


def _map_of(drawing: Drawing, scale: float, folder: Path) -> mapnik.Map:
    mapped = mapnik.Map(round(drawing.width * scale), round(drawing.height * scale), drawing.srs)
    mapped.aspect_fix_mode = mapnik.aspect_fix_mode.RESPECT
    mapped.buffer_size = round(_BUFFER_PX * scale)
    if drawing.background:
        mapped.background = mapnik.Color(drawing.background)
    mapnik.load_map_from_string(mapped, drawing.style_xml)
    mapped.srs = drawing.srs
    for number, each in enumerate(drawing.layers):
        if isinstance(each, DrawImage):
            mapped.layers.append(_image_layer(mapped, drawing, each, folder / f"{number}.png"))
            continue
        layer = mapnik.Layer(each.name, each.srs)
        layer.datasource = mapnik.Datasource(type="geojson", inline=each.geojson)
        for style in each.styles:
            mapped.find_style(style)
            layer.styles.append(style)
        mapped.layers.append(layer)
    mapped.zoom_to_box(mapnik.Box2d(*drawing.extent))
    return mapped


def _image_layer(mapped: mapnik.Map, drawing: Drawing, image: DrawImage, path: Path) -> mapnik.Layer:
    # PNG, and not TIFF: Mapnik keeps every TIFF that it ever read in memory.
    height, width, _ = image.pixels.shape
    path.write_bytes(encode_png(image.pixels, width, height))
    mapped.find_style(IMAGE_STYLE)
    layer = mapnik.Layer(image.name, drawing.srs)
    west, south, east, north = drawing.extent
    layer.datasource = mapnik.Datasource(type="raster", file=str(path), lox=west, loy=south, hix=east, hiy=north)
    layer.styles.append(IMAGE_STYLE)
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
