"""Which of GDAL's drivers files are read with. The others are left out: some go where a file's content tells them to.

GDAL looks at what a file holds, not at its name: a "GeoJSON" may be a virtual dataset (OGR VRT, GDALG) or the address
of a service, by which whoever sends it would read other files of this machine, its database, or its network.
"""

from __future__ import annotations

from collections.abc import Mapping

from geo.errors import FileUnreadable
from layers.text import Text

__all__ = ["READ_WITH", "check_driver", "confined"]

READ_WITH: Mapping[str, frozenset[str]] = {
    "GeoJSON": frozenset(("GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "JSONFG")),
    "GeoPackage": frozenset(("GPKG",)),
    "FlatGeobuf": frozenset(("FlatGeobuf",)),
    "KML": frozenset(("KML", "LIBKML")),
    "Shapefile": frozenset(("ESRI Shapefile",)),
}
"""By what a file's name promises."""


_NOBODY_LISTENS = "127.0.0.1:9"


def confined() -> dict[str, str]:
    """The environment of a process in which GDAL knows no other driver, and reaches no address.

    The latter, since a GeoJSON may name its CRS by an address, which GDAL would fetch: all go to a proxy that is none.
    """
    # GDAL and GeoPandas, 100 MB: not before the first file is read.
    import pyogrio

    wanted = frozenset().union(*READ_WITH.values())
    skipped = ",".join(sorted(set(pyogrio.list_drivers()) - wanted))
    return {"GDAL_SKIP": skipped, "GDAL_HTTP_PROXY": _NOBODY_LISTENS, "no_proxy": "", "NO_PROXY": ""}


def check_driver(shown: str, promised: str, driver: str) -> None:
    """Refuse what GDAL reads with another driver than the name of the file promises; ``shown`` is that name.

    Raises:
        FileUnreadable: it does.
    """
    if driver not in READ_WITH[promised]:
        raise FileUnreadable(
            Text(f"{shown} 的内容是 {driver},不是 {promised}", f"{shown} is {driver} inside, not {promised}"),
            field="file",
        )
