"""What a WMS client asks for: the parameters of GetMap and GetFeatureInfo, read and checked for both versions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo.cartography.engine import ImageFormat
from geo.cartography.kvp import Kvp, wrong
from geo.cartography.ogc_crs import Extent, MapCrs, parse_map_crs
from geo.cartography.ogc_errors import OgcError, WmsVersion
from geo.cartography.raster_tiles import RasterSource
from geo.cartography.service_frame import ServiceFrame, service_frame
from geo.cartography.theme import Themes
from geo.selection import division_prefix
from layers.layer import Family, Layer
from layers.registry import Registry
from layers.severity import RiskGrade
from layers.text import Text

__all__ = [
    "DEFAULT_THEME",
    "EVERYTHING",
    "IMAGE_FORMATS",
    "InfoRequest",
    "MapRequest",
    "Offered",
    "Shown",
    "negotiate",
    "read_filters",
    "read_info",
    "read_layers",
    "read_map",
    "read_style",
    "read_version",
]

DEFAULT_THEME = "light"
"""The style of a layer for which none is named."""

EVERYTHING = "onemap"
"""The name of the layer that holds all layers."""

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

_MOST_FEATURES = 200
_DEFAULT_STYLES = ("", "default")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list of names stands for: layers and grids, each bottom first. Grids lie below all layers."""

    layers: tuple[Layer, ...]
    grids: tuple[RasterSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be named: the registry's layers, and the loaded grids by their names in OGC services."""

    registry: Registry
    grids: Mapping[str, RasterSource]


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


def read_layers(kvp: Kvp, name: str, offered: Offered) -> Shown:
    """The layers and grids of a list. A family's name, or ``onemap``, stands for all its layers, worst on top.

    Raises:
        OgcError: ``LayerNotDefined``; missing; or too many.
    """
    found: dict[str, Layer] = {}
    grids: dict[str, RasterSource] = {}
    kvp.need(name)
    for word in kvp.names(name):
        if word in offered.grids:
            grids.pop(word, None)
            grids[word] = offered.grids[word]
            continue
        for layer in _named(word, name, offered.registry):
            # What is listed twice is drawn once, where it is listed last.
            found.pop(layer.name, None)
            found[layer.name] = layer
    return Shown(tuple(found.values()), tuple(grids.values()))


def _named(word: str, parameter: str, registry: Registry) -> Sequence[Layer]:
    if word in registry:
        return [registry[word]]
    bottom_first = list(reversed(list(registry.values())))
    if word == EVERYTHING:
        return bottom_first
    of_family = [layer for layer in bottom_first if layer.family.value == word]
    if of_family:
        return of_family
    raise OgcError(
        "LayerNotDefined",
        Text(f"没有图层 {word[:60]!r};全部图层见 GetCapabilities", f"no layer {word[:60]!r}; see GetCapabilities"),
        parameter,
    )


def read_style(words: Sequence[str], themes: Themes, locator: str = "STYLES") -> str:
    """The one theme of a picture; empty and ``default`` stand for the default theme.

    Raises:
        OgcError: ``StyleNotDefined``, also where two layers ask for two themes.
    """
    chosen = {DEFAULT_THEME if word in _DEFAULT_STYLES else word for word in words} or {DEFAULT_THEME}
    known = ", ".join(themes.names)
    if len(chosen) > 1:
        raise OgcError(
            "StyleNotDefined",
            Text("一幅图只用一种样式;请为各图层给出同一样式", "a map has one style: give every layer the same"),
            locator,
        )
    (name,) = chosen
    if name not in themes.names:
        raise OgcError(
            "StyleNotDefined",
            Text(f"没有样式 {name[:60]!r};可用 {known}", f"no style {name[:60]!r}; use {known}"),
            locator,
        )
    return name


def read_filters(kvp: Kvp) -> tuple[frozenset[RiskGrade | None] | None, str | None]:
    """``GRADES`` and ``DIVISION``, our own parameters, as at every other address.

    Raises:
        OgcError: an unknown grade, or no division code. InputError: see ``division_prefix``.
    """
    grades: frozenset[RiskGrade | None] | None = None
    if kvp.text("GRADES"):
        try:
            grades = frozenset(None if word == "none" else RiskGrade(word) for word in kvp.names("GRADES"))
        except ValueError as error:
            wanted = Text("red,orange,yellow,blue,none", "red,orange,yellow,blue,none")
            raise wrong("GRADES", kvp.need("GRADES"), wanted) from error
    division = kvp.text("DIVISION")
    if division is not None:
        division_prefix(division)
    return grades, division


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
        kvp.integer("WIDTH", 1, most_px),
        kvp.integer("HEIGHT", 1, most_px),
        image_format,
        None if transparent else background,
        _scale(kvp),
        grades,
        division,
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
