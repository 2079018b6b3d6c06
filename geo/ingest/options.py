"""What a user may declare about a file before it is imported."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ImportOptions"]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Declarations about a file; whatever is None is found in the file or refused, never guessed.

    ``source`` defaults to the file's stem. ``crs`` is ``CRS84``, ``EPSG:n``, ``GCJ02`` or ``BD09`` and stands above
    what the file says of itself; ``datum`` (``gcj02`` or ``bd09``) says that longitudes and latitudes are obfuscated.
    ``mapping`` is header → field name, or header → ``-`` for a column that must not be read as a field.
    ``data_date`` dates the rows that bring no date of their own.
    """

    source: str | None = None
    crs: str | None = None
    datum: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None
    data_date: datetime.date | None = None
    demo: bool = False
    dry_run: bool = False
