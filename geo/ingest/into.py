"""What a file can be imported into: every layer, and the tables that belong to one; and the import by that name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from geo.errors import UnknownLayer
from geo.ingest.columns import Target
from geo.ingest.importing import import_file
from geo.ingest.options import ImportOptions
from geo.ingest.progress import ProgressCallback
from geo.ingest.report import Report
from geo.ingest.stock import import_stock
from layers.layer import Layer
from layers.registry import discover
from layers.supply_depots import LAYER as DEPOTS
from layers.supply_stock import STOCK
from layers.text import Text

__all__ = ["import_into", "target_named", "targets"]


def targets() -> Mapping[str, Target]:
    """Everything that a file can be imported into, by name; a depot's stock stands behind the depots."""
    found: dict[str, Target] = {}
    for name, layer in discover().items():
        found[name] = layer
        if layer is DEPOTS:
            found[STOCK.name] = STOCK
    return found


def target_named(name: str) -> Target:
    """The layer or table of this name.

    Raises:
        UnknownLayer: there is none; those that there are are named.
    """
    known = targets()
    if name not in known:
        names = ", ".join(known)
        raise UnknownLayer(
            Text(f"没有图层 {name!r};有:{names}", f"no layer {name!r}; there are: {names}"), field="layer"
        )
    return known[name]


def import_into(
    dsn: str,
    path: Path,
    name: str,
    options: ImportOptions,
    progress: ProgressCallback | None = None,
    *,
    run: UUID | None = None,
) -> Report:
    """Import a file into the layer or table of this name, as ``import_file`` and ``import_stock`` do.

    Raises:
        UnknownLayer: there is none of this name.
        OnemapError: whatever the import raises.
    """
    target = target_named(name)
    if isinstance(target, Layer):
        return import_file(dsn, path, target, options, progress, run=run)
    return import_stock(dsn, path, options, progress, run=run)
