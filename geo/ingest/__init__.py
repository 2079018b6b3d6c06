"""From files to rows: reading, columns, values, coordinates, loading, and a report of every row.

Every row of a file ends inserted, updated, unchanged or rejected; a loaded row in which something could not be read
is also flagged. What no field of the layer takes, and what could not be read, stays verbatim in the feature's
``extra`` under its own header; ``extra["_flags"]`` maps a field to the code of the reason why it is unknown or was
mended, and ``extra["_sensitive"]`` holds the originals of personal columns, which are masked as those are.
"""

from __future__ import annotations

from geo.ingest.frames import FeatureRow, load_rows
from geo.ingest.importing import import_file
from geo.ingest.options import ImportOptions
from geo.ingest.progress import Progress, ProgressCallback
from geo.ingest.report import Report

__all__ = ["FeatureRow", "ImportOptions", "Progress", "ProgressCallback", "Report", "import_file", "load_rows"]
