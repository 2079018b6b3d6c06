"""Features as GeoPackage and GeoParquet, through GeoPandas: loaded by those alone who take such a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

__all__ = ["to_geopackage", "to_geoparquet"]

_CRS = "EPSG:4490"


def _frame(features: Sequence[Mapping[str, object]]) -> gpd.GeoDataFrame:
    shapes = shapely.from_geojson([json.dumps(each["geometry"]) if each["geometry"] else None for each in features])
    table = []
    for feature in features:
        properties = feature["properties"]
        assert isinstance(properties, Mapping)
        flat = {
            k: json.dumps(v, ensure_ascii=False) if isinstance(v, Mapping | list) else v for k, v in properties.items()
        }
        table.append({"id": feature.get("id"), **flat})
    return gpd.GeoDataFrame(table, geometry=shapes, crs=_CRS)


def to_geopackage(
    features: Sequence[Mapping[str, object]], beside: Mapping[str, Sequence[Mapping[str, object]]]
) -> bytes:
    """GeoJSON features as the layer ``onemap``, and further tables by name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "onemap.gpkg"
        _frame(features).to_file(path, layer="onemap", driver="GPKG", engine="pyogrio")
        for title, table in beside.items():
            if table:
                pyogrio.write_dataframe(pd.DataFrame(table), path, layer=title, driver="GPKG", append=True)
        return path.read_bytes()


def to_geoparquet(features: Sequence[Mapping[str, object]]) -> bytes:
    """GeoJSON features as GeoParquet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "onemap.parquet"
        _frame(features).to_parquet(path, index=False)
        return path.read_bytes()
