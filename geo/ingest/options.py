"""What a user may declare about a file before it is imported."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError

from geo.errors import InputError
from layers.text import Text

__all__ = ["ImportOptions"]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Declarations about a file; whatever is None is found in the file or refused, never guessed.

    ``source`` defaults to the file's stem. ``crs`` is ``CRS84``, ``EPSG:n``, ``GCJ02`` or ``BD09`` and stands above
    what the file says of itself; ``datum`` (``gcj02`` or ``bd09``) says that longitudes and latitudes are obfuscated.
    ``notation`` ``dms`` says that bare numbers are degrees, minutes and seconds (115.56.38.4, 1155638.4, 115.5638).
    ``mapping`` is header → field name, or header → ``-`` for a column that must not be read as a field.
    ``data_date`` dates the rows that bring no date of their own. ``full``: the file holds everything that the source
    has, so what it lacks is retired. ``profile`` names the saved profile that was laid under these options, ``usual``
    is its mapping, of which a file need not have every column; ``save_profile`` is the name under which to save them.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    source: str | None = None
    crs: str | None = None
    datum: str | None = None
    notation: Literal["dms"] | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None
    data_date: datetime.date | None = None
    demo: bool = False
    dry_run: bool = False
    full: bool = False
    profile: str | None = None
    usual: Mapping[str, str] = field(default_factory=dict)
    save_profile: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)] | None = None

    def as_dict(self) -> dict[str, object]:
        """As JSON; ``from_dict`` reads it."""
        found: dict[str, object] = _adapter().dump_python(self, mode="json")
        return found

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> ImportOptions:
        """Options as JSON has them; what is not named has its default.

        Raises:
            InputError: an option that there is not, or a value that it does not take.
        """
        try:
            return _adapter().validate_python(dict(values))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            name = ".".join(str(part) for part in first["loc"])
            raise InputError(
                Text(f"导入选项 {name} 无效:{first['msg']}", f"import option {name}: {first['msg']}"), field=name
            ) from error


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[ImportOptions]:
    return TypeAdapter(ImportOptions)
