"""Rows in PostgreSQL's COPY text format, column by column: an order of magnitude faster than row by row."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any

import numpy as np
import shapely

from geo.ingest.reading.table import Geometries
from layers.feature import SRID

__all__ = ["copy_column", "copy_geometry", "copy_rows", "is_constant"]

_ESCAPED = re.compile(r"[\\\t\n\r\x08\x0b\x0c]")
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\v": "\\v", "\f": "\\f"}
_AWKWARD = (*_ESCAPES, "\0")
_NULL = "\\N"


def _escape(text: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES[found.group()], text.replace("\0", ""))


def _element(value: object) -> str:
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _cell(value: object) -> str:
    if value is None:
        return _NULL
    if isinstance(value, str):
        return _escape(value) if _ESCAPED.search(value) or "\0" in value else value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return _escape("{" + ",".join(_element(each) for each in value) + "}")
    raise TypeError(f"no column holds {type(value).__name__}")


def _texts(values: list[str]) -> list[str]:
    """Texts, of which a long column rarely holds one that wants an escape."""
    whole = "".join(values)
    return [_cell(value) for value in values] if any(map(whole.__contains__, _AWKWARD)) else values


def _dates(values: list[datetime.date]) -> list[str]:
    written = {value: value.isoformat() for value in set(values)}
    return [written[value] for value in values]


# Any: each takes a list of the type that it is found by.
_WRITERS: dict[type, Callable[[list[Any]], list[str]]] = {
    str: _texts,
    int: lambda values: list(map(str, values)),
    float: lambda values: list(map(repr, values)),
    bool: lambda values: ["t" if value else "f" for value in values],
    datetime.date: _dates,
}
"""Whole columns of one type and its NULLs; each writes what ``_cell`` does."""


def copy_column(values: Sequence[object]) -> list[str]:
    """One column's values as COPY writes them."""
    kinds = set(map(type, values))
    has_nulls = NoneType in kinds
    kinds.discard(NoneType)
    if not kinds:
        return [_NULL] * len(values)
    write = _WRITERS.get(kinds.pop()) if len(kinds) == 1 else None
    if write is None:
        return [_cell(value) for value in values]
    if not has_nulls:
        return write(list(values))
    written = iter(write([value for value in values if value is not None]))
    return [_NULL if value is None else next(written) for value in values]


def is_constant(values: Sequence[object]) -> bool:
    """Whether a column holds one text throughout, which an SQL literal can be, or nothing at all."""
    if not values:
        return True
    first = values[0]
    if first is not None and (type(first) is not str or "\0" in first):
        return False
    return first == values[-1] and values.count(first) == len(values)


_POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
_KIND_WITH_SRID = 0x20000001
_DIGITS = 2 * _POINT.itemsize


def _copy_points(geometry: Geometries) -> list[str]:
    """Points as hexadecimal EWKB, written all at once: a geometry object each would cost most of an import."""
    records = np.empty(len(geometry), _POINT)
    records["order"], records["kind"], records["srid"] = 1, _KIND_WITH_SRID, SRID
    records["x"], records["y"] = shapely.get_x(geometry), shapely.get_y(geometry)
    digits = records.tobytes().hex().upper()
    return [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]


def copy_geometry(geometry: Geometries) -> list[str]:
    """Geometries as hexadecimal EWKB with the stored SRID."""
    if len(geometry) and bool((shapely.get_type_id(geometry) == shapely.GeometryType.POINT).all()):
        return _copy_points(geometry)
    return list(shapely.to_wkb(shapely.set_srid(geometry, SRID), hex=True, include_srid=True))


def copy_rows(columns: Sequence[Sequence[str]]) -> str:
    """Lines of COPY text of columns of one length."""
    lines = ["\t".join(cells) for cells in zip(*columns, strict=True)]
    return "\n".join(lines) + "\n" if lines else ""
