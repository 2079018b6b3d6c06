"""OGC exceptions: a refusal with the standard's own code, and the XML reports in which clients expect it."""

from __future__ import annotations

import re
from typing import Literal
from xml.etree import ElementTree

from geo.errors import InputError
from layers.text import Text

__all__ = ["OgcError", "WmsVersion", "exception_report", "service_exception_report", "to_xml"]

WmsVersion = Literal["1.1.1", "1.3.0"]

_OGC = "http://www.opengis.net/ogc"
_OWS = "http://www.opengis.net/ows/1.1"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped; what a client sent may be quoted in a report."""

_DTD_1_1_1 = '<!DOCTYPE ServiceExceptionReport SYSTEM "http://schemas.opengis.net/wms/1.1.1/exception_1_1_1.dtd">\n'

for prefix, namespace in (("ogc", _OGC), ("ows", _OWS), ("xsi", _XSI)):
    ElementTree.register_namespace(prefix, namespace)


class OgcError(InputError):
    """A request that WMS or WMTS refuses. ``exception_code`` is the standard's (``LayerNotDefined``, ``InvalidCRS`` …).

    ``locator`` is the parameter that was wrong.
    """

    code = "ogc"

    def __init__(self, exception_code: str, message: Text, locator: str | None = None) -> None:
        super().__init__(message, field=locator)
        self.exception_code = exception_code


def to_xml(root: ElementTree.Element, doctype: str = "") -> bytes:
    """The document in UTF-8 with its declaration."""
    for each in root.iter():
        if each.text:
            each.text = _NOT_XML.sub("\ufffd", each.text)
        for name, value in each.attrib.items():
            each.set(name, _NOT_XML.sub("\ufffd", value))
    body = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}{body}\n'.encode()


def service_exception_report(version: WmsVersion, exception_code: str | None, said: str) -> tuple[bytes, str]:
    """A WMS ``ServiceExceptionReport`` (OGC 06-042 annex E.2; 01-068r3 annex A.3) and its media type."""
    if version == "1.3.0":
        root = ElementTree.Element(f"{{{_OGC}}}ServiceExceptionReport", {"version": "1.3.0"})
        root.set(f"{{{_XSI}}}schemaLocation", f"{_OGC} http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd")
        each = ElementTree.SubElement(root, f"{{{_OGC}}}ServiceException")
        media_type, doctype = "text/xml", ""
    else:
        root = ElementTree.Element("ServiceExceptionReport", {"version": "1.1.1"})
        each = ElementTree.SubElement(root, "ServiceException")
        media_type, doctype = "application/vnd.ogc.se_xml", _DTD_1_1_1
    if exception_code:
        each.set("code", exception_code)
    each.text = said
    return to_xml(root, doctype), media_type


def exception_report(exception_code: str, said: str, locator: str | None, lang: str) -> bytes:
    """An OWS Common 1.1 ``ExceptionReport`` (OGC 06-121r3 clause 8), as WMTS 1.0.0 answers."""
    root = ElementTree.Element(
        f"{{{_OWS}}}ExceptionReport",
        {"version": "1.0.0", "{http://www.w3.org/XML/1998/namespace}lang": "zh-CN" if lang == "zh" else "en"},
    )
    each = ElementTree.SubElement(root, f"{{{_OWS}}}Exception", {"exceptionCode": exception_code})
    if locator:
        each.set("locator", locator)
    ElementTree.SubElement(each, f"{{{_OWS}}}ExceptionText").text = said
    return to_xml(root)
