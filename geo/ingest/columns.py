"""Which column of a file is which field: by explicit mapping, declared aliases, and the aliases of coordinates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from geo.errors import InputError
from geo.ingest.headers import read_header
from geo.ingest.place_columns import PLACE_ROLES, PlaceColumns, division_rank, find_places, place_role
from geo.ingest.report import Column
from geo.ingest.units import FieldUnits
from layers.field import Field
from layers.text import Text

__all__ = ["NOT_A_FIELD", "ColumnMap", "KnownHeaders", "SourceColumn", "Target", "match_columns"]

NOT_A_FIELD = "-"
"""``--map 列名=-``: the column is no field."""

_ORDINALS = ("序号", "顺序号", "no", "fid", "objectid", "ogcfid")
"""A row's place in its sheet; it identifies nothing, for it changes with every delivery."""

_PERSONAL = ("电话", "手机", "联系方式", "责任人", "联系人", "管理人", "监测人", "监测员", "负责人", "身份证", "姓名")


class Target(Protocol):
    """What a file is imported into: a layer, or a table that belongs to one."""

    @property
    def name(self) -> str:
        """Its name, which is its table's."""

    @property
    def title(self) -> Text:
        """What users call it."""

    def importable_fields(self) -> tuple[Field, ...]:
        """The fields that a source may fill."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column of the file that fills a field; ``factor`` turns its bare numbers into the stored unit.

    ``factor`` None means that the header's unit is not known: the column's numbers cannot be read.
    """

    header: str
    factor: float | None = 1.0
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A file's columns by what they are. ``fields`` lists several columns per field in order of preference."""

    fields: dict[str, tuple[SourceColumn, ...]]
    places: PlaceColumns = field(default_factory=PlaceColumns)
    ordinals: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    sensitive: frozenset[str] = frozenset()
    """Headers of personal data, mapped or not."""
    report: list[Column] = field(default_factory=list)

    @property
    def longitude(self) -> str | None:
        """The column of longitudes, or of X."""
        return self.places.longitude

    @property
    def latitude(self) -> str | None:
        """The column of latitudes, or of Y."""
        return self.places.latitude

    @property
    def coordinates(self) -> str | None:
        """The column that holds both."""
        return self.places.coordinates


class KnownHeaders:
    """The headers that are known for a layer: its fields' aliases, coordinates and ordinals."""

    def __init__(self, layer: Target) -> None:
        self._fields: dict[str, tuple[str, int]] = {}
        for each in layer.importable_fields():
            for rank, word in enumerate((each.name, *each.aliases, each.title.zh, each.title.en)):
                self._fields.setdefault(read_header(word).key, (each.name, rank))

    def field(self, text: str) -> tuple[str, int] | None:
        """The field or coordinate that ``text`` heads, and its rank among the field's aliases (0 is best)."""
        header = read_header(text)
        return self._fields.get(header.key) or place_role(text) or self._fields.get(header.bare)

    def __contains__(self, text: str) -> bool:
        return self.field(text) is not None or read_header(text).key in _ORDINALS or division_rank(text) is not None


def _check_mapping(layer: Target, headers: Iterable[str], explicit: Mapping[str, str]) -> None:
    present = set(headers)
    fields = {each.name for each in layer.importable_fields()} | {*PLACE_ROLES, NOT_A_FIELD}
    for header, target in explicit.items():
        if header not in present:
            names = "、".join(sorted(present))
            raise InputError(
                Text(
                    f"--map 的列 {header!r} 不在文件中;有:{names}", f"--map: no column {header!r}; there are: {names}"
                ),
                field="map",
            )
        if target not in fields:
            names = "、".join(sorted(fields))
            raise InputError(
                Text(f"--map 的字段 {target!r} 不存在;有:{names}", f"--map: no field {target!r}; there are: {names}"),
                field="map",
            )


def _ranked(layer: Target, headers: Iterable[str], explicit: Mapping[str, str]) -> dict[str, list[tuple[int, str]]]:
    """Field or coordinate → its columns with their rank; what is mapped explicitly stands alone."""
    found: dict[str, list[tuple[int, str]]] = {}
    headers_of_layer = KnownHeaders(layer)
    claimed = set(explicit.values()) - {NOT_A_FIELD}
    for header in headers:
        if header in explicit:
            if explicit[header] != NOT_A_FIELD:
                found.setdefault(explicit[header], []).append((-1, header))
            continue
        known = headers_of_layer.field(header)
        if known and known[0] not in claimed:
            found.setdefault(known[0], []).append((known[1], header))
    return {name: sorted(columns, key=lambda each: each[0]) for name, columns in found.items()}


def _source_column(target: Field, header: str) -> SourceColumn:
    read = read_header(header)
    if read.key == read_header(target.name).key:
        return SourceColumn(header)  # our own column name: in the stored unit, whatever custom assumes
    unit, factor = FieldUnits(target).of_column(read)
    return SourceColumn(header, factor, unit)


def _is_personal(header: str) -> bool:
    key = read_header(header).key
    return any(word in key for word in _PERSONAL)


def match_columns(layer: Target, headers: tuple[str, ...], explicit: Mapping[str, str]) -> ColumnMap:
    """Match a file's headers with the layer's fields.

    Several columns may claim one field (防灾责任人 and 监测责任人): they are kept in the order of the declared aliases,
    and per row the first readable one fills the field. An id is taken from the first column only.

    Raises:
        InputError: ``explicit`` names a column or a field that does not exist.
    """
    _check_mapping(layer, headers, explicit)
    ranked = _ranked(layer, headers, explicit)
    claims = {role: [header for _, header in ranked.pop(role)] for role in PLACE_ROLES if role in ranked}
    places = find_places(claims, (header for header in headers if explicit.get(header) != NOT_A_FIELD))
    by_name = {each.name: each for each in layer.importable_fields()}
    fields = {
        name: tuple(_source_column(by_name[name], header) for _, header in columns) for name, columns in ranked.items()
    }
    if "source_id" in fields:
        fields["source_id"] = fields["source_id"][:1]
    filled = {column.header: name for name, columns in fields.items() for column in columns}
    taken = {*filled, *places.headers}
    ordinals = tuple(h for h in headers if h not in taken and h not in explicit and read_header(h).key in _ORDINALS)
    unmapped = tuple(header for header in headers if header not in taken and header not in ordinals)
    personal = {header for header, name in filled.items() if by_name[name].sensitive}
    return ColumnMap(
        fields=fields,
        places=places,
        ordinals=ordinals,
        unmapped=unmapped,
        sensitive=frozenset(personal | {header for header in unmapped if _is_personal(header)}),
        report=[_reported(header, fields, filled, places.roles(), ordinals, by_name) for header in headers],
    )


def _reported(
    header: str,
    fields: Mapping[str, tuple[SourceColumn, ...]],
    filled: Mapping[str, str],
    roles: Mapping[str, str],
    ordinals: tuple[str, ...],
    by_name: Mapping[str, Field],
) -> Column:
    if header in filled:
        name = filled[header]
        column = next(each for each in fields[name] if each.header == header)
        return Column(header, "field", name, column.unit, by_name[name].title)
    return Column(header, roles.get(header, "ordinal" if header in ordinals else "extra"))
