"""The OGC's own schemas, as MapProxy's package ships them for its tests: nothing is fetched, nothing is copied here."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from lxml import etree

__all__ = ["faults_by_dtd", "faults_by_schema"]


def _folder() -> Path:
    found = importlib.util.find_spec("mapproxy")
    assert found is not None, "the OGC's schemas come with mapproxy; install .[dev]"
    assert found.origin is not None
    return Path(found.origin).parent / "test" / "schemas"


def _offline() -> etree.XMLParser:
    return etree.XMLParser(no_network=True, resolve_entities=False)


@cache
def _schema(main: str, further: tuple[str, ...]) -> etree.XMLSchema:
    """One schema of several documents of different namespaces."""
    folder = _folder()
    root = etree.Element("{http://www.w3.org/2001/XMLSchema}schema")
    for path in (main, *further):
        space = etree.parse(folder / path, _offline()).getroot().get("targetNamespace")
        etree.SubElement(
            root,
            "{http://www.w3.org/2001/XMLSchema}import",
            {"namespace": space, "schemaLocation": (folder / path).as_uri()},
        )
    return etree.XMLSchema(etree.ElementTree(root))


def faults_by_schema(document: bytes, main: str, *further: str) -> list[str]:
    """What an XML Schema (``wms/1.3.0/capabilities_1_3_0.xsd``) finds wrong with a document, line by line."""
    schema = _schema(main, further)
    schema.validate(etree.fromstring(document, _offline()))
    return [f"{each.line}: {each.message}" for each in schema.error_log]


def faults_by_dtd(document: bytes, path: str) -> list[str]:
    """What a DTD (``wms/1.1.1/WMS_MS_Capabilities.dtd``) finds wrong with a document that names it, line by line."""
    told = etree.fromstring(document, _offline()).getroottree()
    named = told.docinfo.system_url
    assert named is not None, "the document names no DTD"
    assert named.endswith(path), f"the document names {named}"
    with (_folder() / path).open("rb") as file:
        dtd = etree.DTD(file)
    dtd.validate(told)
    return [f"{each.line}: {each.message}" for each in dtd.error_log]
