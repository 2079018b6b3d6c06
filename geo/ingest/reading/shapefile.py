"""Shapefiles, also zipped: which one, and the encoding of its attribute table when no .cpg says it."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from geo.errors import FileUnreadable
from geo.ingest.reading.encoding import SAMPLE_BYTES, detect_encoding
from layers.text import Text

__all__ = ["find_shapefile"]


def _text_sample(dbf: IO[bytes]) -> bytes:
    """Field names and text values of the first records.

    A value that fills its field to the last byte may be cut in the middle of a character, and is left out.
    """
    head = dbf.read(32)
    if len(head) < 32:
        return b""
    header_size, record_size = struct.unpack_from("<HH", head, 8)
    described = dbf.read(max(0, header_size - 32))
    fields, offset = [], 1
    for at in range(0, len(described) - 31, 32):
        if described[at] == 0x0D:
            break
        name, kind, width = described[at : at + 11].split(b"\0")[0], described[at + 11 : at + 12], described[at + 16]
        fields.append((name, kind, offset, width))
        offset += width
    sample = [name for name, _, _, _ in fields]
    taken = 0
    while record_size and taken < SAMPLE_BYTES and len(record := dbf.read(record_size)) == record_size:
        for _, kind, start, width in fields:
            value = record[start : start + width].rstrip(b" \0")
            if kind == b"C" and len(value) < width:
                sample.append(value)
        taken += record_size
    return b"\n".join(sample)


def _detect(dbf: IO[bytes]) -> str | None:
    return detect_encoding(_text_sample(dbf), whole=True)


def _loose(path: Path) -> tuple[str, str | None]:
    siblings = {each.suffix.lower(): each for each in path.parent.glob(f"{path.stem}.*")}
    if ".cpg" in siblings or ".dbf" not in siblings:
        return str(path), None
    with siblings[".dbf"].open("rb") as dbf:
        return str(path), _detect(dbf)


def _zipped(path: Path) -> tuple[str, str | None]:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        shapes = sorted(name for name in names if name.lower().endswith(".shp"))
        if len(shapes) != 1:
            found = "、".join(shapes) or "0"
            raise FileUnreadable(
                Text(
                    f"压缩包 {path.name} 中应有且只有一个 .shp,现有:{found}",
                    f"{path.name} should hold exactly one .shp; it holds: {found}",
                )
            )
        stem = str(PurePosixPath(shapes[0]).with_suffix(""))
        beside = {PurePosixPath(name).suffix.lower(): name for name in names if name.startswith(f"{stem}.")}
        address = f"/vsizip/{path.resolve()}/{shapes[0]}"
        if ".cpg" in beside or ".dbf" not in beside:
            return address, None
        with archive.open(beside[".dbf"]) as dbf:
            return address, _detect(dbf)


def find_shapefile(path: Path) -> tuple[str, str | None]:
    """GDAL's address of the shapefile in ``path`` (.shp or .zip), and the encoding that its bytes tell.

    The encoding is None when a .cpg beside it says it, which GDAL reads, or when it cannot be told.

    Raises:
        FileUnreadable: not a zip archive, or one without exactly one .shp.
    """
    if path.suffix.lower() == ".shp":
        return _loose(path)
    try:
        return _zipped(path)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        # A broken entry may point before the archive's beginning, or to a method that nobody knows.
        raise FileUnreadable(Text(f"{path.name} 不是有效的压缩包", f"{path.name} is no valid zip archive")) from error
