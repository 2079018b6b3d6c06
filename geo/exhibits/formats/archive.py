"""Office archives: the same bytes for the same content, with the recipe as custom document properties.

Word, slides and workbooks are ZIP archives. Their writers stamp the time of writing into the entries (and a chart's
embedded workbook into its own properties); here every entry gets the same time. A custom property holds 255
characters at most where Excel reads it, so the recipe is kept in numbered parts; editors keep such properties.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

__all__ = ["read_properties", "sealed"]

PROPERTY = "OnemapRecipe"
_PART_CHARACTERS = 240
_ENTRY_MOST_BYTES = 4_000_000
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_DRAWN = (".png", ".jpg", ".jpeg")

_PATH = "docProps/custom.xml"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_CUSTOM_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_WRITTEN_AT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def sealed(archive: bytes, recipe: Mapping[str, object] | None) -> bytes:
    """The archive with the recipe in it, where there is one, and nothing that depends on when it was written."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        entries = {info.filename: old.read(info) for info in old.infolist()}
        if recipe is not None:
            entries["[Content_Types].xml"] = _declared(entries["[Content_Types].xml"])
            entries["_rels/.rels"] = _related(entries["_rels/.rels"])
            entries[_PATH] = _properties(recipe)
        for name, content in entries.items():
            _put(new, name, _embedded(content) if name.endswith(".xlsx") else content)
    return out.getvalue()


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _FIRST_DAY)
    info.create_system = 0
    info.compress_type = zipfile.ZIP_STORED if name.endswith(_DRAWN) else zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def _embedded(workbook: bytes) -> bytes:
    """A chart's workbook, whose writer writes down when it wrote."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "docProps/core.xml":
                content = _WRITTEN_AT.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", content)
            _put(new, info.filename, content)
    return out.getvalue()


def _before_end(document: bytes, end: bytes, element: str) -> bytes:
    at = document.rindex(end)
    return document[:at] + element.encode() + document[at:]


def _declared(content_types: bytes) -> bytes:
    element = f'<Override PartName="/{_PATH}" ContentType="{_CUSTOM_TYPE}"/>'
    return _before_end(content_types, b"</Types>", element)


def _related(relationships: bytes) -> bytes:
    element = f'<Relationship Id="rIdOnemap" Type="{_CUSTOM_RELATION}" Target="{_PATH}"/>'
    return _before_end(relationships, b"</Relationships>", element)


def _properties(recipe: Mapping[str, object]) -> bytes:
    # Spaces at the end of a part might be trimmed by an editor; outside of strings there are none.
    text = json.dumps(recipe, ensure_ascii=True, sort_keys=True, separators=(",", ":")).replace(" ", "\\u0020")
    parts = [text[at : at + _PART_CHARACTERS] for at in range(0, len(text), _PART_CHARACTERS)]
    elements = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{number + 1}" '
        f'name="{PROPERTY}.{number:03d}"><vt:lpwstr>{escape(part)}</vt:lpwstr></property>'
        for number, part in enumerate(parts, start=1)
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}<Properties xmlns="{_CUSTOM}" xmlns:vt="{_TYPES}">{elements}</Properties>'.encode()


def read_properties(archive: bytes) -> str | None:
    """The recipe's text in an office archive; None where there is none, or the file is no readable archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            if opened.getinfo(_PATH).file_size > _ENTRY_MOST_BYTES:
                return None
            content = opened.read(_PATH)
        # A document type could declare entities without end; none of ours has one.
        if b"<!DOCTYPE" in content:
            return None
        root = ElementTree.fromstring(content)
    except (zipfile.BadZipFile, zlib.error, KeyError, ElementTree.ParseError, NotImplementedError, RuntimeError):
        return None
    found = {each.get("name", ""): "".join(each.itertext()) for each in root if each.get("name")}
    parts = [text for name, text in sorted(found.items()) if name.startswith(f"{PROPERTY}.")]
    return "".join(parts) or None
