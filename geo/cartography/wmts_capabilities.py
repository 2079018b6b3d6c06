"""WMTS 1.0.0 capabilities (OGC 07-057r7): every layer of the registry in both tile matrix sets, as KVP and REST."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import quote
from xml.etree import ElementTree

from geo.cartography.furniture import INTERNAL_USE
from geo.cartography.ogc_crs import Extent
from geo.cartography.ogc_errors import to_xml
from geo.cartography.ogc_offer import SERVICE_TITLE, LegendLink, Offer
from geo.cartography.theme import Theme
from geo.cartography.wms_info import INFO_FORMATS
from geo.cartography.wms_names import DEFAULT_THEME, EVERYTHING
from geo.cartography.wmts_grids import GRIDS, TILE_PX, TileGrid
from layers.layer import Family, Layer
from layers.text import Text

__all__ = ["TILE_FORMATS", "wmts_capabilities"]

TILE_FORMATS = {"image/png": "png", "image/webp": "webp"}
"""File endings by media type."""

_WMTS = "http://www.opengis.net/wmts/1.0"
_OWS = "http://www.opengis.net/ows/1.1"
_XLINK = "http://www.w3.org/1999/xlink"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def wmts_capabilities(offer: Offer) -> bytes:
    """The document."""
    address = f"{offer.root}/wmts"
    ElementTree.register_namespace("", _WMTS)
    root = ElementTree.Element(f"{{{_WMTS}}}Capabilities", {"version": "1.0.0"})
    root.set(
        f"{{{_XSI}}}schemaLocation", f"{_WMTS} http://schemas.opengis.net/wmts/1.0/wmtsGetCapabilities_response.xsd"
    )
    identification = _ows(root, "ServiceIdentification")
    _ows(identification, "Title", SERVICE_TITLE.get(offer.lang))
    _ows(identification, "ServiceType", "OGC WMTS")
    _ows(identification, "ServiceTypeVersion", "1.0.0")
    _ows(identification, "Fees", "none")
    _ows(identification, "AccessConstraints", INTERNAL_USE.get(offer.lang))
    operations = _ows(root, "OperationsMetadata")
    for name in ("GetCapabilities", "GetTile", "GetFeatureInfo"):
        _operation(operations, name, f"{address}?")
    contents = _own(root, "Contents")
    _layers(contents, offer)
    for grid in GRIDS.values():
        _matrices(contents, grid)
    link = _own(root, "ServiceMetadataURL")
    link.set(f"{{{_XLINK}}}href", f"{address}/1.0.0/WMTSCapabilities.xml")
    return to_xml(root)


def _own(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{_WMTS}}}{tag}", attributes)
    child.text = text
    return child


def _ows(parent: ElementTree.Element, tag: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{_OWS}}}{tag}", attributes)
    child.text = text
    return child


def _operation(operations: ElementTree.Element, name: str, address: str) -> None:
    http = _ows(_ows(_ows(operations, "Operation", name=name), "DCP"), "HTTP")
    get = _ows(http, "Get")
    get.set(f"{{{_XLINK}}}href", address)
    values = _ows(_ows(get, "Constraint", name="GetEncoding"), "AllowedValues")
    _ows(values, "Value", "KVP")


def _layers(contents: ElementTree.Element, offer: Offer) -> None:
    every = list(offer.registry.values())
    _layer(contents, offer, EVERYTHING, SERVICE_TITLE, every)
    for family in Family:
        of_family = [layer for layer in every if layer.family is family]
        if of_family:
            _layer(contents, offer, family.value, family.label, of_family)
    for layer in every:
        _layer(contents, offer, layer.name, layer.title, [layer])
    for grid in offer.grids:
        legend = partial(offer.legend_of_grid, grid)
        _described(contents, offer, grid.ogc_name, grid.title, grid.extent, legend, queryable=grid.light is None)


def _layer(contents: ElementTree.Element, offer: Offer, name: str, title: Text, layers: Sequence[Layer]) -> None:
    legend = partial(offer.legend_of_layers, name, layers)
    queryable = any(layer.family is not Family.BASE for layer in layers)
    _described(contents, offer, name, title, offer.extent_of(layers), legend, queryable=queryable)


def _described(
    contents: ElementTree.Element,
    offer: Offer,
    name: str,
    title: Text,
    extent: Extent,
    legend: Callable[[Theme], LegendLink | None],
    *,
    queryable: bool,
) -> None:
    each = _own(contents, "Layer")
    _ows(each, "Title", title.get(offer.lang))
    west, south, east, north = extent
    box = _ows(each, "WGS84BoundingBox")
    _ows(box, "LowerCorner", f"{west:.9g} {south:.9g}")
    _ows(box, "UpperCorner", f"{east:.9g} {north:.9g}")
    _ows(each, "Identifier", name)
    for theme in offer.themes:
        _style(each, offer, theme, legend(theme))
    for media_type in TILE_FORMATS:
        _own(each, "Format", media_type)
    for media_type in INFO_FORMATS if queryable else ():
        _own(each, "InfoFormat", media_type)
    for grid in GRIDS:
        _own(_own(each, "TileMatrixSetLink"), "TileMatrixSet", grid)
    for media_type, ending in TILE_FORMATS.items():
        place = "{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}"
        template = f"{offer.root}/wmts/1.0.0/{quote(name)}/{place}.{ending}"
        _own(each, "ResourceURL", format=media_type, resourceType="tile", template=template)


def _style(each: ElementTree.Element, offer: Offer, theme: Theme, link: LegendLink | None) -> None:
    style = _own(each, "Style", isDefault="true" if theme.name == DEFAULT_THEME else "false")
    _ows(style, "Title", theme.title.zh if offer.lang == "zh" else theme.title.en)
    _ows(style, "Identifier", theme.name)
    if link is not None:
        legend = _own(style, "LegendURL", format="image/png", width=str(link.width), height=str(link.height))
        legend.set(f"{{{_XLINK}}}href", link.address)


def _matrices(contents: ElementTree.Element, grid: TileGrid) -> None:
    matrices = _own(contents, "TileMatrixSet")
    _ows(matrices, "Identifier", grid.name)
    _ows(matrices, "SupportedCRS", grid.urn)
    if grid.well_known:
        _own(matrices, "WellKnownScaleSet", grid.well_known)
    # In the order of the CRS's axes: latitude first for EPSG:4490.
    corner = (grid.top, grid.left) if grid.crs.north_first else (grid.left, grid.top)
    for level in range(grid.first, grid.last + 1):
        each = _own(matrices, "TileMatrix")
        columns, rows = grid.size(level)
        _ows(each, "Identifier", str(level))
        _own(each, "ScaleDenominator", repr(grid.scale_denominator(level)))
        _own(each, "TopLeftCorner", " ".join(f"{number:.16g}" for number in corner))
        _own(each, "TileWidth", str(TILE_PX))
        _own(each, "TileHeight", str(TILE_PX))
        _own(each, "MatrixWidth", str(columns))
        _own(each, "MatrixHeight", str(rows))
