"""Saved profiles: what is said of a source's files once, so that it need not be said with every delivery.

A profile holds the layer, the source, the CRS or datum, the notation, the encoding, the sheet and the mapping that
somebody declared. It is laid under the options of an import: what is said with the file itself stands above it, and a
column of its mapping that a file lacks is told, not refused.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg
from psycopg.rows import dict_row

from geo.errors import DatabaseUnreachable, InputError, NotFound
from geo.ingest.headers import read_header
from geo.ingest.options import ImportOptions
from geo.ingest.reading.table import Table
from layers.text import Text

__all__ = ["Profile", "keep_profile", "lay_under", "read_profile", "read_profiles", "remove_profile", "take_profile"]

_DECLARED = ("crs", "datum", "notation", "encoding", "sheet")
_SAVE = """
INSERT INTO import_profiles (name, layer, source, options) VALUES (%s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET layer = EXCLUDED.layer, source = EXCLUDED.source, options = EXCLUDED.options,
    saved_at = now()
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile. ``mapping`` is header → field; ``declared`` the other options by name, without those not given."""

    name: str
    layer: str
    source: str
    mapping: Mapping[str, str]
    declared: Mapping[str, str]
    saved_at: datetime.datetime
    used_at: datetime.datetime | None

    def as_dict(self) -> dict[str, object]:
        """As JSON."""
        return {
            "name": self.name,
            "layer": self.layer,
            "source": self.source,
            **{name: self.declared.get(name) for name in _DECLARED},
            "mapping": dict(self.mapping),
            "saved_at": self.saved_at.isoformat(),
            "used_at": self.used_at.isoformat() if self.used_at else None,
        }


@contextmanager
def _connected(dsn: str) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(dsn, application_name="onemap import") as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(Text(f"连不上数据库:{error}", f"the database cannot be reached: {error}")) from error


def read_profiles(dsn: str) -> list[Profile]:
    """Every saved profile, by name.

    Raises:
        DatabaseUnreachable: PostGIS does not answer.
    """
    with _connected(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SELECT name, layer, source, options, saved_at, used_at FROM import_profiles ORDER BY name")
        return [_profile(row) for row in cursor]


def _profile(row: Mapping[str, object]) -> Profile:
    options, saved_at, used_at = row["options"], row["saved_at"], row["used_at"]
    assert isinstance(options, Mapping)
    assert isinstance(saved_at, datetime.datetime)
    return Profile(
        str(row["name"]),
        str(row["layer"]),
        str(row["source"]),
        options["mapping"],
        {name: str(options[name]) for name in _DECLARED if options.get(name)},
        saved_at,
        used_at if isinstance(used_at, datetime.datetime) else None,
    )


def read_profile(dsn: str, name: str) -> Profile:
    """The profile of this name.

    Raises:
        NotFound: there is none; those that there are are named.
        DatabaseUnreachable: PostGIS does not answer.
    """
    profiles = {each.name: each for each in read_profiles(dsn)}
    if name not in profiles:
        names = "、".join(profiles) or "—"
        raise NotFound(
            Text(f"没有导入方案 {name!r};有:{names}", f"there is no import profile {name!r}; there are: {names}"),
            field="profile",
        )
    return profiles[name]


def remove_profile(dsn: str, name: str) -> None:
    """Forget a profile; what was imported by it stays.

    Raises:
        NotFound: there is none of this name.
        DatabaseUnreachable: PostGIS does not answer.
    """
    read_profile(dsn, name)
    with _connected(dsn) as connection:
        connection.execute("DELETE FROM import_profiles WHERE name = %s", (name,))


def keep_profile(connection: psycopg.Connection, layer: str, source: str, options: ImportOptions) -> None:
    """Save what was declared under ``options.save_profile``, and note that ``options.profile`` was used."""
    if options.profile is not None:
        connection.execute("UPDATE import_profiles SET used_at = now() WHERE name = %s", (options.profile,))
    if options.save_profile is None:
        return
    kept: dict[str, object] = {name: getattr(options, name) for name in _DECLARED}
    kept["mapping"] = dict(options.usual) | dict(options.mapping)
    words = json.dumps(kept, ensure_ascii=False).replace("\\u0000", "")
    connection.execute(_SAVE, (options.save_profile, layer, source, words))


def lay_under(options: ImportOptions, profile: Profile, layer: str | None = None) -> ImportOptions:
    """``options`` with what they leave open as ``profile`` says it. ``layer`` is the one that was asked for, if any.

    Raises:
        InputError: the profile is of another layer.
    """
    if layer and layer != profile.layer:
        raise InputError(
            Text(
                f"导入方案 {profile.name!r} 用于图层 {profile.layer},不是 {layer}",
                f"the import profile {profile.name!r} is of layer {profile.layer}, not of {layer}",
            ),
            field="profile",
        )
    placed = options.crs is not None or options.datum is not None
    notation = profile.declared.get("notation")
    return replace(
        options,
        profile=profile.name,
        usual=profile.mapping,
        source=options.source or profile.source,
        crs=options.crs if placed else profile.declared.get("crs"),
        datum=options.datum if placed else profile.declared.get("datum"),
        notation=options.notation or ("dms" if notation == "dms" else None),
        encoding=options.encoding or profile.declared.get("encoding"),
        sheet=options.sheet or profile.declared.get("sheet"),
    )


def take_profile(table: Table, options: ImportOptions) -> tuple[Table, ImportOptions]:
    """The options with the profile's mapping for the columns that this file has; what it lacks is a warning.

    A header of the profile is found again in other spaces, brackets' form or case, when just one column has it so.
    """
    if not options.usual:
        return table, options
    keys: dict[str, list[str]] = {}
    for header in table.headers:
        keys.setdefault(read_header(header).key, []).append(header)
    mapping, absent = {}, []
    for header, field in options.usual.items():
        alike = keys.get(read_header(header).key, ())
        if header in table.headers:
            mapping[header] = field
        elif len(alike) == 1:
            mapping[alike[0]] = field
        else:
            absent.append(header)
    if absent:
        names = "、".join(absent)
        warning = Text(
            f"导入方案 {options.profile!r} 中的列不在本文件中:{names}",
            f"columns of the import profile {options.profile!r} that this file lacks: {names}",
        )
        table = replace(table, warnings=(*table.warnings, warning))
    return table, replace(options, mapping=mapping | dict(options.mapping))
