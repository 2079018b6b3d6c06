"""What a WMS client asks for: the parameters of GetMap and GetFeatureInfo, read and checked for both versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from geo.cartography.engine import ImageFormat
from geo.cartography.kvp import Kvp, wrong
from geo.cartography.ogc_crs import Extent, MapCrs, parse_map_crs
from geo.cartography.ogc_errors import OgcError, WmsVersion
from geo.cartography.raster_tiles import RasterSource
from geo.cartography.service_frame import ServiceFrame, service_frame
from geo.cartography.theme import Themes
from geo.cartography.wms_names import Offered, read_filters, read_layers, read_style
from layers.layer import Family, Layer
from layers.severity import RiskGrade
from layers.text import Text

__all__ = ["IMAGE_FORMATS", "InfoRequest", "MapRequest", "negotiate", "read_info", "read_map", "read_version"]

IMAGE_FORMATS: Mapping[str, ImageFormat] = {
    "image/png": "png",
    "image/png; mode=8bit": "png8",
    "image/jpeg": "jpeg",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "application/pdf": "pdf",
}
"""What GetMap draws, by media type as clients ask for it."""

_DPI = 96.0
"""At which symbols have their designed size (QGIS's default, and the pixel of CSS)."""

_LEAST_M_PER_PX = 0.02
"""1:70 on a screen: whoever needs more detail needs a plan of the house."""
_METRES_PER_DEGREE = 111_320

_MOST_FEATURES = 200


@dataclass(frozen=True)
class MapRequest:
    """A GetMap. Layers and grids come bottom first, as the client listed them; ``scale`` is device px per design px."""

    layers: tuple[Layer, ...]
    grids: tuple[RasterSource, ...]
    theme: str
    crs: MapCrs
    extent: Extent
    width: int
    height: int
    image_format: ImageFormat
    background: str | None
    """``#RRGGBB``, or None for a transparent picture."""
    scale: float
    grades: frozenset[RiskGrade | None] | None
    division: str | None

    @property
    def frame(self) -> ServiceFrame:
        """Its frame."""
        return service_frame(self.crs, self.extent, self.width, self.height, self.scale)


@dataclass(frozen=True)
class InfoRequest:
    """A GetFeatureInfo: what lies under a pixel of a map, in device px from its top left."""

    map: MapRequest
    layers: tuple[Layer, ...]
    grids: tuple[RasterSource, ...]
    x: int
    y: int
    most: int
    tolerance_px: float


def negotiate(asked: str | None) -> WmsVersion:
    """The version in which GetCapabilities answers (OGC 06-042 clause 6.2.4): the highest not above what is asked."""
    if asked is None:
        return "1.3.0"
    numbers = re.fullmatch(r"(\d{1,3})\.(\d{1,3})(?:\.(\d{1,3}))?", asked.strip())
    if numbers is None:
        raise wrong("VERSION", asked, Text("1.3.0 或 1.1.1", "1.3.0 or 1.1.1"))
    return "1.3.0" if tuple(int(part or 0) for part in numbers.groups()) >= (1, 3, 0) else "1.1.1"


def read_version(kvp: Kvp) -> WmsVersion:
    """The version of a map request: here nothing is negotiated, since it decides the order of the axes.

    Raises:
        OgcError: missing or not offered.
    """
    word = kvp.need("VERSION")
    if word == "1.3.0":
        return "1.3.0"
    if word == "1.1.1":
        return "1.1.1"
    raise wrong("VERSION", word, Text("1.3.0 或 1.1.1", "1.3.0 or 1.1.1"))


def _scale(kvp: Kvp) -> float:
    """Device pixels per design pixel: QGIS's ``DPI`` and ``MAP_RESOLUTION``, GeoServer's ``FORMAT_OPTIONS=dpi:…``."""
    dpi = kvp.number("DPI", 20, 1200) or kvp.number("MAP_RESOLUTION", 20, 1200)
    options = re.search(r"(?:^|;)\s*dpi:(\d{2,4}(?:\.\d+)?)", kvp.text("FORMAT_OPTIONS") or "", re.IGNORECASE)
    if dpi is None and options:
        dpi = min(max(float(options[1]), 20.0), 1200.0)
    return 1.0 if dpi is None else dpi / _DPI


def _format(kvp: Kvp) -> ImageFormat:
    word = kvp.need("FORMAT")
    found = IMAGE_FORMATS.get(re.sub(r"\s*;\s*", "; ", word.strip().lower()))
    if found is None:
        known = ", ".join(IMAGE_FORMATS)
        raise OgcError(
            "InvalidFormat",
            Text(f"没有图片格式 {word[:60]!r};可用 {known}", f"no image format {word[:60]!r}; use {known}"),
            "FORMAT",
        )
    return found


def read_map(kvp: Kvp, version: WmsVersion, offered: Offered, themes: Themes, most_px: int) -> MapRequest:
    """The map that a GetMap asks for, or that a GetFeatureInfo asks about.

    Raises:
        OgcError: what is missing or wrong, with the standard's code.
    """
    shown = read_layers(kvp, "LAYERS", offered)
    styles = kvp.names("STYLES")
    if len(styles) > len(kvp.names("LAYERS")):
        raise wrong("STYLES", ",".join(styles), Text("每个图层一个样式", "one style for each layer"))
    _refuse_reserved(kvp)
    name = "CRS" if version == "1.3.0" else "SRS"
    crs = parse_map_crs(kvp.need(name), f"Invalid{name}", name)
    extent = crs.ordered(kvp.box("BBOX"), by_authority=version == "1.3.0")
    width, height, scale = kvp.integer("WIDTH", 1, most_px), kvp.integer("HEIGHT", 1, most_px), _scale(kvp)
    _refuse_specks(kvp, crs, extent, width / scale, height / scale)
    image_format = _format(kvp)
    transparent = kvp.boolean("TRANSPARENT") and image_format != "jpeg"
    background = kvp.colour("BGCOLOR", "#FFFFFF")
    grades, division = read_filters(kvp)
    return MapRequest(
        shown.layers,
        shown.grids,
        read_style(styles, themes),
        crs,
        extent,
        width,
        height,
        image_format,
        None if transparent else background,
        scale,
        grades,
        division,
    )


def _refuse_specks(kvp: Kvp, crs: MapCrs, extent: Extent, width_px: float, height_px: float) -> None:
    """A box of no size to speak of: a border is millions of pixels long there, and its dashes are drawn one by one."""
    west, south, east, north = extent
    metres = _METRES_PER_DEGREE if crs.degrees else 1.0
    if min((east - west) / width_px, (north - south) / height_px) * metres < _LEAST_M_PER_PX:
        at_least = f"{_LEAST_M_PER_PX:g}"
        raise wrong(
            "BBOX",
            kvp.need("BBOX"),
            Text(f"每像素不小于 {at_least} 米的范围", f"a box of at least {at_least} m in a pixel"),
        )


def _refuse_reserved(kvp: Kvp) -> None:
    """``TIME`` is reserved: to answer a question about another day with the present map would be a lie."""
    time = kvp.text("TIME")
    if time is not None and time.lower() not in ("current", "now"):
        raise OgcError(
            "InvalidDimensionValue",
            Text(
                f"TIME={time[:60]!r}:目前只有现状数据,请省略 TIME 或写 current",
                f"TIME={time[:60]!r}: only the present is served so far; leave TIME out or write current",
            ),
            "TIME",
        )
    if kvp.text("SLD") or kvp.text("SLD_BODY"):
        raise OgcError(
            "OperationNotSupported",
            Text("不支持 SLD;请用 STYLES 选择样式", "SLD is not taken; choose a style with STYLES"),
            "SLD",
        )


def read_info(kvp: Kvp, version: WmsVersion, offered: Offered, themes: Themes, most_px: int) -> InfoRequest:
    """A GetFeatureInfo.

    Raises:
        OgcError: what is missing or wrong; ``InvalidPoint``, ``LayerNotQueryable``, ``LayerNotDefined``.
    """
    if kvp.text("FORMAT") is None:
        kvp = Kvp([*kvp.pairs(), ("FORMAT", "image/png")])  # many clients leave it out, and it changes nothing
    of_map = read_map(kvp, version, offered, themes, most_px)
    shown = read_layers(kvp, "QUERY_LAYERS", offered)
    queried = tuple(layer for layer in shown.layers if layer.family is not Family.BASE)
    grids = tuple(grid for grid in shown.grids if grid.light is None)
    if not queried and not grids:
        raise OgcError(
            "LayerNotQueryable",
            Text("底图与晕渲不能查询", "base map and hillshade cannot be queried"),
            "QUERY_LAYERS",
        )
    across, down = ("I", "J") if version == "1.3.0" else ("X", "Y")
    try:
        x, y = kvp.integer(across, 0, of_map.width - 1), kvp.integer(down, 0, of_map.height - 1)
    except OgcError as error:
        if error.exception_code == "InvalidParameterValue":
            raise OgcError("InvalidPoint", error.message, error.field) from error
        raise
    most = kvp.integer("FEATURE_COUNT", 1, 1_000_000, default=1)
    tolerances = [kvp.number(name, 0, 100) for name in ("FI_POINT_TOLERANCE", "FI_LINE_TOLERANCE", "BUFFER")]
    tolerance = max((each for each in tolerances if each is not None), default=0.0)
    return InfoRequest(of_map, queried, grids, x, y, min(most, _MOST_FEATURES), tolerance)
