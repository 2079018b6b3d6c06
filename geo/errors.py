"""The engine's exceptions, one tree; ``api/errors.py`` maps them once to HTTP and to exit codes.

OnemapError
├── InputError            what was sent is wrong: say what and how to mend it      (422, exit 1)
│   ├── UnknownLayer      no layer of that name
│   ├── CoordinateError   not a place, or not in the CRS that was declared
│   ├── CrsUnknown        a geometry with no CRS, or a CRS that is not known
│   ├── FileUnreadable    not a file that can be imported
│   ├── FileTooLarge      more than may be sent, or more than the reader may take    (413, exit 1)
│   ├── ImportCancelled   the import was stopped by its user                         (409, exit 130)
│   └── ExhibitCancelled  the atlas was stopped by its user                          (409, exit 130)
├── NotFound              no such feature                                           (404, exit 1)
├── Busy                  a limit of the service is reached: try again              (503, exit 3)
├── ImporterLost          the importing process was killed from outside: try again  (503, exit 3)
├── DatabaseUnreachable   PostGIS cannot be reached or is not migrated              (503, exit 3)
├── ClusterError          the private cluster cannot be set up or started           (503, exit 3)
└── RenderError           a map could not be drawn: never a blank one instead       (500, exit 3)
"""

from __future__ import annotations

from typing import ClassVar

from layers.text import Text

__all__ = [
    "Busy",
    "ClusterError",
    "CoordinateError",
    "CrsUnknown",
    "DatabaseUnreachable",
    "FileTooLarge",
    "ExhibitCancelled",
    "FileUnreadable",
    "FileUnwritable",
    "ImportCancelled",
    "ImporterLost",
    "InputError",
    "NotFound",
    "OnemapError",
    "RenderError",
    "UnknownLayer",
]


class OnemapError(Exception):
    """A failure with a stable ``code`` and a sentence in both languages: what was wrong, and what to do."""

    code: ClassVar[str] = "internal"

    def __init__(self, message: Text, *, field: str | None = None) -> None:
        super().__init__(message.en)
        self.message = message
        self.field = field
        """The parameter, option or column that was wrong, where there is one."""


class InputError(OnemapError):
    """What the user sent is wrong."""

    code = "input"


class UnknownLayer(InputError):
    """A layer name that the registry does not hold."""

    code = "unknown-layer"


class CoordinateError(InputError):
    """A coordinate that is no place on earth, or does not fit its declared CRS."""

    code = "coordinate"


class CrsUnknown(InputError):
    """A geometry without a CRS, or a CRS that this product does not know."""

    code = "crs-unknown"


class FileUnreadable(InputError):
    """A file that is absent, damaged, empty or of a kind that cannot be imported."""

    code = "file-unreadable"


class FileTooLarge(FileUnreadable):
    """A file that is larger than may be sent, or that takes more time or memory than reading one may."""

    code = "file-too-large"


class ImportCancelled(InputError):
    """An import that was stopped before it was done; nothing was written."""

    code = "import-cancelled"


class ExhibitCancelled(InputError):
    """An atlas that was stopped before it was bound; its finished plates are kept for the next try."""

    code = "exhibit-cancelled"


class NotFound(OnemapError):
    """A feature or division that does not exist, or that the reader may not see."""

    code = "not-found"


class Busy(OnemapError):
    """A limit of the service is reached; the same request may succeed a moment later."""

    code = "busy"


class ImporterLost(OnemapError):
    """The process of an import was killed by somebody else than its limits; nothing was written, it may be repeated."""

    code = "importer-lost"


class DatabaseUnreachable(OnemapError):
    """PostGIS does not answer, lacks the extension or is not migrated."""

    code = "database-unreachable"


class ClusterError(OnemapError):
    """The private cluster cannot be set up, started or stopped."""

    code = "cluster"


class FileUnwritable(OnemapError):
    """A file cannot be written: no right, no space, no such folder."""

    code = "file-unwritable"


class RenderError(OnemapError):
    """A map could not be drawn."""

    code = "render"
