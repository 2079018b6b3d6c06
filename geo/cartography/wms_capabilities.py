"""WMS capabilities: what the service offers, from the registry, as 1.3.0 and as 1.1.1 documents.

The order of elements is that of ``capabilities_1_3_0.xsd`` (OGC 06-042 annex E.1) and of ``WMS_MS_Capabilities.dtd``
(OGC 01-068r3 annex A.1): clients that validate are strict about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from geo.cartography.frame import METRES_PER_PX_AT_ZOOM_0
from geo.cartography.furniture import INTERNAL_USE
from geo.cartography.ogc_crs import MAP_CRSS, Extent
from geo.cartography.ogc_errors import WmsVersion, to_xml
from geo.cartography.ogc_offer import SERVICE_TITLE, LegendLink, Offer
from geo.cartography.raster_tiles import RasterSource
from geo.cartography.theme import Theme
from geo.cartography.wms_info import INFO_FORMATS
from geo.cartography.wms_names import EVERYTHING
from geo.cartography.wms_request import IMAGE_FORMATS
from layers.layer import Family, Layer
from layers.text import Text

__all__ = ["wms_capabilities"]

ALL_TITLE = Text("全部图层", "All layers")
GRIDS_TITLE = Text("栅格", "Grids")
_ABSTRACT = Text(
    "风险隐患、应急资源、防护目标与监测预警,一张图。" + INTERNAL_USE.zh,
    "Risks, means of rescue, protected places and monitoring on one map. " + INTERNAL_USE.en,
)

_WMS = "http://www.opengis.net/wms"
_SLD = "http://www.opengis.net/sld"
_XLINK = "http://www.w3.org/1999/xlink"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PIXEL_M = 0.00028
"""The standard's pixel, for scale denominators (OGC 06-042 clause 7.2.4.6.9)."""

_DTD_1_1_1 = (
    '<!DOCTYPE WMT_MS_Capabilities SYSTEM "http://schemas.opengis.net/wms/1.1.1/WMS_MS_Capabilities.dtd"'
    " [<!ELEMENT VendorSpecificCapabilities EMPTY>]>\n"
)
_BOXED = ("CRS:84", "EPSG:4490", "EPSG:4326", "EPSG:3857")
"""CRSs in which every layer's extent is told; the others a client computes."""

for prefix, namespace in (("sld", _SLD), ("xlink", _XLINK), ("xsi", _XSI)):
    ElementTree.register_namespace(prefix, namespace)


def wms_capabilities(offer: Offer, version: WmsVersion) -> tuple[bytes, str]:
    """The document and its media type."""
    return _Writer(offer, version).document()


class _Writer:
    def __init__(self, offer: Offer, version: WmsVersion) -> None:
        self._offer = offer
        self._new = version == "1.3.0"
        self._version = version

    def _tag(self, name: str) -> str:
        return f"{{{_WMS}}}{name}" if self._new else name

    def _add(
        self, parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
    ) -> ElementTree.Element:
        child = ElementTree.SubElement(parent, self._tag(name), attributes)
        child.text = text
        return child

    def _online(self, parent: ElementTree.Element, address: str) -> None:
        each = self._add(parent, "OnlineResource")
        if self._new:
            each.set(f"{{{_XLINK}}}type", "simple")
            each.set(f"{{{_XLINK}}}href", address)
            return
        # A DTD knows attributes by their prefixed names, and this one allows the prefix to be declared here only.
        each.set("xmlns:xlink", _XLINK)
        each.set("xlink:type", "simple")
        each.set("xlink:href", address)

    def document(self) -> tuple[bytes, str]:
        if self._new:
            ElementTree.register_namespace("", _WMS)
            root = ElementTree.Element(self._tag("WMS_Capabilities"), {"version": "1.3.0"})
            schemas = "http://schemas.opengis.net"
            root.set(
                f"{{{_XSI}}}schemaLocation",
                f"{_WMS} {schemas}/wms/1.3.0/capabilities_1_3_0.xsd {_SLD} {schemas}/sld/1.1.0/sld_capabilities.xsd",
            )
        else:
            root = ElementTree.Element("WMT_MS_Capabilities", {"version": "1.1.1"})
        self._service(root)
        self._capability(root)
        if self._new:
            return to_xml(root), "text/xml"
        return to_xml(root, _DTD_1_1_1), "application/vnd.ogc.wms_xml"

    def _service(self, root: ElementTree.Element) -> None:
        lang = self._offer.lang
        service = self._add(root, "Service")
        self._add(service, "Name", "WMS" if self._new else "OGC:WMS")
        self._add(service, "Title", SERVICE_TITLE.get(lang))
        self._add(service, "Abstract", _ABSTRACT.get(lang))
        words = self._add(service, "KeywordList")
        for word in ("应急管理", "一张图", "emergency", "one map"):
            self._add(words, "Keyword", word)
        self._online(service, self._offer.root + "/wms")
        self._add(service, "Fees", "none")
        self._add(service, "AccessConstraints", INTERNAL_USE.get(lang))
        if self._new:
            self._add(service, "LayerLimit", str(self._offer.most_layers))
            self._add(service, "MaxWidth", str(self._offer.most_px))
            self._add(service, "MaxHeight", str(self._offer.most_px))

    def _capability(self, root: ElementTree.Element) -> None:
        capability = self._add(root, "Capability")
        request = self._add(capability, "Request")
        own = "text/xml" if self._new else "application/vnd.ogc.wms_xml"
        self._operation(request, self._tag("GetCapabilities"), [own])
        self._operation(request, self._tag("GetMap"), IMAGE_FORMATS)
        self._operation(request, self._tag("GetFeatureInfo"), INFO_FORMATS)
        legend = f"{{{_SLD}}}GetLegendGraphic" if self._new else "GetLegendGraphic"
        self._operation(request, legend, ["image/png", "image/webp", "image/svg+xml", "application/pdf"])
        exception = self._add(capability, "Exception")
        old = ("application/vnd.ogc.se_xml", "application/vnd.ogc.se_inimage", "application/vnd.ogc.se_blank")
        for word in ("XML", "INIMAGE", "BLANK") if self._new else old:
            self._add(exception, "Format", word)
        self._tree(capability)

    def _operation(self, request: ElementTree.Element, tag: str, formats: Sequence[str] | Mapping[str, object]) -> None:
        operation = ElementTree.SubElement(request, tag)
        for each in formats:
            self._add(operation, "Format", each)
        get = self._add(self._add(self._add(operation, "DCPType"), "HTTP"), "Get")
        self._online(get, f"{self._offer.root}/wms?")

    def _tree(self, capability: ElementTree.Element) -> None:
        """Groups hold what may be asked for: ``onemap``, each family, its layers, the grids.

        Groups themselves have neither names nor styles: a layer may not define a style that it inherits already
        (OGC 06-042 clause 7.2.4.6.5), and every layer's styles have legends of its own.
        """
        lang, registry = self._offer.lang, self._offer.registry
        everything = list(registry.values())
        root = self._group(capability, SERVICE_TITLE, everything)
        self._layer(root, EVERYTHING, ALL_TITLE, _ABSTRACT.get(lang), (), everything)
        for family in Family:
            of_family = [layer for layer in everything if layer.family is family]
            if not of_family:
                continue
            group = self._group(root, family.label, of_family)
            whole = Text(f"{family.label.zh}(全部)", f"{family.label.en} (all)")
            members = ", ".join(layer.title.get(lang) for layer in of_family)
            self._layer(group, family.value, whole, members, (str(family.label),), of_family)
            for layer in of_family:
                words = (layer.name, family.label.get(lang), layer.title.zh, layer.title.en)
                each = self._layer(group, layer.name, layer.title, str(layer.title), words, [layer])
                self._scales(each, layer)
        if self._offer.grids:
            group = self._add(root, "Layer")
            self._add(group, "Title", GRIDS_TITLE.get(lang))
            for grid in self._offer.grids:
                self._grid(group, grid)

    def _group(self, parent: ElementTree.Element, title: Text, layers: Sequence[Layer]) -> ElementTree.Element:
        group = self._add(parent, "Layer")
        self._add(group, "Title", title.get(self._offer.lang))
        if parent.tag == self._tag("Capability"):
            for code in MAP_CRSS:
                self._add(group, "CRS" if self._new else "SRS", code)
        self._boxes(group, layers)
        return group

    def _grid(self, group: ElementTree.Element, grid: RasterSource) -> None:
        each = self._add(group, "Layer", queryable="0" if grid.light else "1")
        self._head(each, grid.ogc_name, grid.title, str(grid.title), (GRIDS_TITLE.get(self._offer.lang),))
        self._extent(each, grid.extent)
        for theme in self._offer.themes:
            self._style(each, theme, self._offer.legend_of_grid(grid, theme, self._version))

    def _layer(
        self,
        parent: ElementTree.Element,
        name: str,
        title: Text,
        abstract: str,
        keywords: Sequence[str],
        layers: Sequence[Layer],
    ) -> ElementTree.Element:
        """What may be asked for by ``name``: one layer or several."""
        is_base = all(layer.family is Family.BASE for layer in layers)
        each = self._add(parent, "Layer", queryable="0" if is_base else "1")
        self._head(each, name, title, abstract, keywords or (name,))
        self._boxes(each, layers)
        for theme in self._offer.themes:
            self._style(each, theme, self._offer.legend_of_layers(name, layers, theme, self._version))
        return each

    def _scales(self, each: ElementTree.Element, layer: Layer) -> None:
        if not layer.zooms.features:
            return
        metres_per_px = METRES_PER_PX_AT_ZOOM_0 / 2**layer.zooms.features
        if self._new:
            self._add(each, "MaxScaleDenominator", f"{metres_per_px / _PIXEL_M:.6g}")
        else:
            # The diagonal of the middle pixel (OGC 01-068r3 clause 7.1.4.5.9).
            self._add(each, "ScaleHint", min="0", max=f"{metres_per_px * 2**0.5:.6g}")

    def _head(self, each: ElementTree.Element, name: str, title: Text, abstract: str, keywords: Sequence[str]) -> None:
        self._add(each, "Name", name)
        self._add(each, "Title", title.get(self._offer.lang))
        self._add(each, "Abstract", abstract)
        words = self._add(each, "KeywordList")
        for word in dict.fromkeys(keywords):
            self._add(words, "Keyword", word)

    def _boxes(self, each: ElementTree.Element, layers: Sequence[Layer]) -> None:
        self._extent(each, self._offer.extent_of(layers))

    def _extent(self, each: ElementTree.Element, extent: Extent) -> None:
        names = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
        west, south, east, north = (f"{number:.9g}" for number in extent)
        if self._new:
            box = self._add(each, "EX_GeographicBoundingBox")
            for name, value in zip((names[0], names[2], names[1], names[3]), (west, east, south, north), strict=True):
                self._add(box, name, value)
        else:
            self._add(each, "LatLonBoundingBox", minx=west, miny=south, maxx=east, maxy=north)
        for code in _BOXED:
            crs = MAP_CRSS[code]
            numbers = crs.ordered(crs.of_degrees(*extent), by_authority=self._new)
            corners = dict(zip(("minx", "miny", "maxx", "maxy"), (f"{n:.12g}" for n in numbers), strict=True))
            self._add(each, "BoundingBox", **{"CRS" if self._new else "SRS": code}, **corners)

    def _style(self, each: ElementTree.Element, theme: Theme, link: LegendLink | None) -> None:
        style = self._add(each, "Style")
        self._add(style, "Name", theme.name)
        self._add(style, "Title", theme.title.zh if self._offer.lang == "zh" else theme.title.en)
        if link is None:
            return
        legend = self._add(style, "LegendURL", width=str(link.width), height=str(link.height))
        self._add(legend, "Format", "image/png")
        self._online(legend, link.address)
